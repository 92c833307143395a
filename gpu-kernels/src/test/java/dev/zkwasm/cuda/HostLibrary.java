package dev.zkwasm.cuda;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * The device code as a library of this machine, compiled from the same sources by g++. Without g++
 * the tests that need it are skipped with the reason.
 */
final class HostLibrary {
  private static final Path DEVICE_SOURCES = Path.of("src/main/cuda");
  private static final Path TEST_SOURCES = Path.of("src/test/cuda");
  private static final Path FOLDER = Path.of("target/host-device-code");

  private static @Nullable HostLibrary instance;
  private static @Nullable String absent;

  private final SymbolLookup symbols;

  private HostLibrary(Path file) {
    this.symbols = SymbolLookup.libraryLookup(file, Arena.global());
  }

  /** The library; the test is skipped, aloud, where it cannot be had. */
  static synchronized HostLibrary get() {
    if (absent == null && instance == null) {
      try {
        instance =
            new HostLibrary(compile("libdevice.so", List.of(), "emulation.cpp", "functions.cpp"));
      } catch (CompilerAbsent e) {
        absent = "device code not tested: " + e.getMessage();
        System.err.println("SKIPPED: " + absent);
      }
    }
    HostLibrary present = instance;
    if (present == null) {
      Assumptions.abort(String.valueOf(absent));
      throw new AssertionError();
    }
    return present;
  }

  /**
   * A folder with a {@code libcuda.so.1} that runs on the emulated grid; the test is skipped,
   * aloud, where it cannot be had.
   */
  static synchronized Path driverFolder() {
    get();
    try {
      compile("libcuda.so.1", List.of("-Wl,-soname,libcuda.so.1"), "emulation.cpp", "driver.cpp");
      return FOLDER.toAbsolutePath();
    } catch (CompilerAbsent e) {
      throw new AssertionError(e);
    }
  }

  private static final class CompilerAbsent extends Exception {
    private static final long serialVersionUID = 1L;

    CompilerAbsent(String message) {
      super(message);
    }
  }

  /** A C function. */
  MethodHandle function(String name, FunctionDescriptor descriptor) {
    MemorySegment symbol =
        symbols.find(name).orElseThrow(() -> new AssertionError("no function " + name));
    return Linker.nativeLinker().downcallHandle(symbol, descriptor);
  }

  private static Path compile(String name, List<String> options, String... units)
      throws CompilerAbsent {
    try {
      Files.createDirectories(FOLDER);
      Path library = FOLDER.resolve(name).toAbsolutePath();
      if (Files.exists(library) && !isOlderThanSources(library)) {
        return library;
      }
      Path fresh = FOLDER.resolve(name + "." + ProcessHandle.current().pid());
      List<String> command =
          new ArrayList<>(
              List.of(
                  "g++",
                  "-std=c++17",
                  "-O2",
                  "-fPIC",
                  "-shared",
                  "-fno-strict-aliasing",
                  "-Wall",
                  "-Wno-unknown-pragmas",
                  "-I" + DEVICE_SOURCES,
                  "-I" + TEST_SOURCES,
                  "-o",
                  fresh.toString()));
      command.addAll(options);
      for (String unit : units) {
        command.add(TEST_SOURCES.resolve(unit).toString());
      }
      Path log = FOLDER.resolve(name + ".log");
      Process process;
      try {
        process =
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
      } catch (IOException e) {
        throw new CompilerAbsent("g++ cannot be started (" + e.getMessage() + ")");
      }
      if (!process.waitFor(10, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError("g++ does not end");
      }
      String output = Files.readString(log, StandardCharsets.UTF_8);
      if (process.exitValue() != 0 || !output.isBlank()) {
        throw new AssertionError("g++ is not content with the device code:\n" + output);
      }
      Files.move(fresh, library, StandardCopyOption.REPLACE_EXISTING);
      return library;
    } catch (IOException e) {
      throw new AssertionError("the device code cannot be compiled", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static boolean isOlderThanSources(Path library) throws IOException {
    long time = Files.getLastModifiedTime(library).toMillis();
    for (Path folder : List.of(DEVICE_SOURCES, TEST_SOURCES)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          if (Files.getLastModifiedTime(file).toMillis() >= time) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
