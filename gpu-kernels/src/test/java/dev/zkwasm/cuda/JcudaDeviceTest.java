package dev.zkwasm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.prover.DriverProofTrial;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * JCuda, the driver calls and the provider, on a {@code libcuda.so.1} that runs on the emulated
 * grid; in a program of its own, since a program has one driver.
 */
class JcudaDeviceTest {
  @TempDir private Path folder;

  private List<String> run(String what, String settings, String... options)
      throws IOException, InterruptedException {
    return run(DriverTrial.class, what, settings, options);
  }

  private List<String> run(Class<?> program, String what, String settings, String... options)
      throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                // Where JCuda unpacks its library.
                "-Djava.io.tmpdir=" + folder));
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            program.getName(),
            what));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("LD_LIBRARY_PATH", HostLibrary.driverFolder().toString());
    builder.environment().put("EMULATED_CUDA", settings);
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    int code = process.waitFor();
    String output = Files.readString(log, StandardCharsets.UTF_8);
    assertEquals(0, code, output);
    assertFalse(output.contains("LEAK"), output);
    return output.lines().toList();
  }

  private static long count(List<String> lines, String text) {
    return lines.stream().filter(line -> line.contains(text)).count();
  }

  @Test
  void agreesWithTheCpuFromSeveralThreads() throws IOException, InterruptedException {
    List<String> lines = run("agree", "");
    assertEquals(3, count(lines, "agreed"), lines.toString());
    assertEquals(1, count(lines, "opened: Emulated GPU 0 (device 0)"), lines.toString());
    String sensors =
        "{energyJoules=5.0000000015E9, powerWatts=650.5, smClockMhz=1980.0,"
            + " temperatureCelsius=41.0}";
    assertEquals(1, count(lines, "sensors: " + sensors), lines.toString());
  }

  @Test
  void takesTheDeviceThatIsAskedFor() throws IOException, InterruptedException {
    List<String> lines = run("budget", "devices=2,memory=70000000", "-Dzkwasm.cuda.device=1");
    assertEquals(1, count(lines, "used: "), lines.toString());
    for (String bad : List.of("2", "1,1", "0,")) {
      List<String> none = run("budget", "devices=2", "-Dzkwasm.cuda.device=" + bad);
      String range = "refused: no usable compute backend: cuda: zkwasm.cuda.device must be";
      assertEquals(1, count(none, range + " different numbers from 0 to 1"), none.toString());
    }
  }

  @Test
  void memoryIsWithinItsBudget() throws IOException, InterruptedException {
    List<String> lines = run("budget", "memory=200000000", "-Dzkwasm.cuda.memory=16");
    // 16 MiB but for the tables of roots, in buffers of 2 MiB.
    assertEquals(3, count(lines, "refused after 7: cuda: no device memory"), lines.toString());
    // Of a device with less memory than the budget.
    lines = run("budget", "memory=40000000", "-Dzkwasm.cuda.memory=1000");
    assertEquals(3, count(lines, "cuda: no device memory"), lines.toString());
  }

  @Test
  void aFailedLaunchIsAnError() throws IOException, InterruptedException {
    List<String> lines = run("failure", "fail=ntt_pass");
    assertEquals(2, count(lines, "failed: cuda: "), lines.toString());
    assertTrue(lines.getLast().equals("closed"), lines.toString());
  }

  /**
   * One proof on all devices, or on those that are asked for. Some of the toy system's programs are
   * also the standard tables'; where those are built, this driver cannot use the binaries, which
   * must not be the device's end.
   */
  @Test
  void severalDevicesShareAProof() throws IOException, InterruptedException {
    List<String> all = run(DriverProofTrial.class, "", "devices=3");
    assertEquals(1, count(all, "the same proof"), all.toString());
    for (int device = 0; device < 3; device++) {
      assertEquals(1, count(all, "healthy: Emulated GPU " + device), all.toString());
    }
    List<String> some = run(DriverProofTrial.class, "", "devices=3", "-Dzkwasm.cuda.device=2,0");
    assertEquals(1, count(some, "the same proof"), some.toString());
    assertEquals(
        List.of("healthy: Emulated GPU 2", "healthy: Emulated GPU 0"),
        some.stream()
            .filter(line -> line.startsWith("healthy: "))
            .map(line -> line.replaceAll(" \\(.*", ""))
            .toList());
  }

  /** Of two devices one stops for good: the other goes on, and nothing is left over. */
  @Test
  void aDeviceThatFailsIsLeftOut() throws IOException, InterruptedException {
    List<String> lines = run(DriverProofTrial.class, "", "devices=2,fail=fr_invert,bad=1");
    assertEquals(1, count(lines, "the same proof"), lines.toString());
    assertEquals(1, count(lines, "healthy: Emulated GPU 0"), lines.toString());
    assertEquals(1, count(lines, "failed: Emulated GPU 1"), lines.toString());
  }

  /**
   * Every call of the driver fails once, and every seventh for good: all that was had is given
   * back.
   */
  @Test
  void failuresLeaveNothing() throws IOException, InterruptedException {
    List<String> lines = run("leaks", "");
    assertEquals(0, count(lines, "left"), lines.toString());
    assertEquals(2, count(lines, "calls failed or fewer"), lines.toString());
  }

  @Test
  void withoutDevicesItSaysSo() throws IOException, InterruptedException {
    List<String> lines = run("agree", "devices=0");
    assertEquals(1, count(lines, "refused: no usable compute backend: cuda: the NVIDIA driver"));
    lines = run("agree", "version=12080");
    String older = "refused: no usable compute backend: cuda: the NVIDIA driver is of CUDA 12.8";
    assertEquals(1, count(lines, older), lines.toString());
  }
}
