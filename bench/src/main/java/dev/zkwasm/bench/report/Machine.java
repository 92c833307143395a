package dev.zkwasm.bench.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where and with what something was measured.
 *
 * @param cpu model of the processor
 * @param processors that Java may use
 * @param memoryBytes of the machine
 * @param heapBytes that Java may use
 * @param os name and version
 * @param jdk version and vendor
 * @param commit of the sources, with {@code -dirty} if they differ; {@code unknown} outside a clone
 * @param date UTC, ISO 8601
 */
public record Machine(
    String cpu,
    int processors,
    long memoryBytes,
    long heapBytes,
    String os,
    String jdk,
    String commit,
    String date) {

  /** This machine, now. */
  public static Machine here() {
    Runtime runtime = Runtime.getRuntime();
    return new Machine(
        cpuModel(),
        runtime.availableProcessors(),
        memory(),
        runtime.maxMemory(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.version") + ", " + System.getProperty("java.vendor"),
        headCommit(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  private static String cpuModel() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException e) {
      // Not on Linux.
    }
    return System.getProperty("os.arch");
  }

  private static long memory() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 0;
  }

  /** Asks git about the clone that this class was built in. */
  private static String headCommit() {
    Path folder = codeFolder();
    if (folder == null) {
      return "unknown";
    }
    try {
      Process git =
          new ProcessBuilder(
                  "git", "-C", folder.toString(), "describe", "--always", "--dirty", "--abbrev=12")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String answer =
          new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.waitFor(10, TimeUnit.SECONDS) && git.exitValue() == 0 && !answer.isEmpty()
          ? answer
          : "unknown";
    } catch (IOException e) {
      return "unknown";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "unknown";
    }
  }

  private static @Nullable Path codeFolder() {
    try {
      var source = Machine.class.getProtectionDomain().getCodeSource();
      Path code = source == null ? null : Path.of(source.getLocation().toURI());
      return code == null || Files.isDirectory(code) ? code : code.getParent();
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /** For reports. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("cpu", cpu);
    json.put("processors", processors);
    json.put("memoryBytes", memoryBytes);
    json.put("heapBytes", heapBytes);
    json.put("os", os);
    json.put("jdk", jdk);
    json.put("commit", commit);
    json.put("date", date);
    return json;
  }
}
