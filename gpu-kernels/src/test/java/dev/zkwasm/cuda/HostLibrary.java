package dev.zkwasm.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

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
import java.util.Collection;
import java.util.LinkedHashSet;
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
            new HostLibrary(
                link("libdevice.so", List.of(), units("emulation.cpp", "functions.cpp")));
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
   * A folder with a {@code libcuda.so.1} that runs on the emulated grid, and with sensors; the test
   * is skipped, aloud, where it cannot be had.
   */
  static synchronized Path driverFolder() {
    get();
    try {
      link(
          "libcuda.so.1",
          List.of("-Wl,-soname,libcuda.so.1"),
          units("emulation.cpp", "driver.cpp"));
      link("libnvidia-ml.so.1", List.of("-Wl,-soname,libnvidia-ml.so.1"), units("nvml.cpp"));
      return FOLDER.toAbsolutePath();
    } catch (CompilerAbsent e) {
      throw new AssertionError(e);
    }
  }

  private static List<Path> units(String... names) {
    return Stream.of(names).map(TEST_SOURCES::resolve).toList();
  }

  /** Compiles kernels made from programs, and makes them known to every emulated device. */
  void load(Collection<ProgramKernel> kernels) {
    MethodHandle load = function("emulation_load", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    MethodHandle failure = function("emulation_failure", FunctionDescriptor.of(ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      if ((int) load.invokeExact(arena.allocateFrom(programs(kernels).toString())) != 0) {
        MemorySegment message = ((MemorySegment) failure.invokeExact()).reinterpret(1 << 10);
        throw new AssertionError(message.getString(0));
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** A library of kernels made from programs, as {@code emulation_load} takes it. */
  static synchronized Path programs(Collection<ProgramKernel> kernels) {
    StringBuilder unit = new StringBuilder();
    StringBuilder added = new StringBuilder();
    for (ProgramKernel kernel : new LinkedHashSet<>(kernels)) {
      unit.append(kernel.source()).append('\n');
      added.append("  emulation_add_program(\"%s\", %<s);\n".formatted(kernel.symbol()));
    }
    unit.append(
        """
        extern "C" void emulation_add_program(
            const char* name, void (*program)(const Fr*, const Fr* const*, Fr* const*, uint64_t));
        [[maybe_unused]] static const bool added = [] {
        """);
    unit.append(added).append("  return true;\n}();\n");
    // Its name is that of its content, so what lies there is not compiled again.
    String name = "programs-" + Integer.toHexString(unit.toString().hashCode());
    try {
      Files.createDirectories(FOLDER);
      Path source = FOLDER.resolve(name + ".cpp");
      Files.writeString(source, unit);
      return link(name + ".so", List.of(), List.of(source));
    } catch (IOException e) {
      throw new AssertionError(e);
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

  /** A library of some units. What is there and newer than the sources is used again. */
  private static Path link(String name, List<String> options, List<Path> units)
      throws CompilerAbsent {
    List<String> arguments = new ArrayList<>(List.of("-shared"));
    arguments.addAll(options);
    for (Path unit : units) {
      String object = unit.getFileName().toString().replaceAll("\\.cpp$", ".o");
      List<String> compiling =
          List.of("-c", "-I" + DEVICE_SOURCES, "-I" + TEST_SOURCES, unit.toString());
      arguments.add(make(object, compiling).toString());
    }
    return make(name, arguments);
  }

  private static Path make(String name, List<String> arguments) throws CompilerAbsent {
    try {
      Files.createDirectories(FOLDER);
      Path file = FOLDER.resolve(name).toAbsolutePath();
      if (Files.exists(file) && !isOlderThanSources(file)) {
        return file;
      }
      Path fresh = FOLDER.resolve(name + "." + ProcessHandle.current().pid());
      // Without the optimisations of -O2, which take most of the time of compiling.
      List<String> command =
          new ArrayList<>(
              List.of(
                  "g++",
                  "-std=c++17",
                  "-O1",
                  "-fPIC",
                  "-fno-strict-aliasing",
                  "-Wall",
                  "-Wno-unknown-pragmas",
                  "-o",
                  fresh.toString()));
      command.addAll(arguments);
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
      if (!process.waitFor(30, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError("g++ does not end");
      }
      String output = Files.readString(log, StandardCharsets.UTF_8);
      if (process.exitValue() != 0 || !output.isBlank()) {
        throw new AssertionError("g++ is not content with the device code:\n" + output);
      }
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
      return file;
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
