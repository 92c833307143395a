package dev.zkwasm.lower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.wasm.WasmOpcode;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The committed library modules are what their sources make. */
class LibraryTest {
  private static final Path SOURCES = Path.of("src", "main", "c");
  private static final String COMPILER = "Debian clang version 14.0.6";
  private static final String LINKER = "Debian LLD 14.0.6";

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = Objects.requireNonNull(Library.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"softfloat", "wasi"})
  void modulesWereBuiltFromTheSources(String name) throws IOException, NoSuchAlgorithmException {
    byte[] source = Files.readAllBytes(SOURCES.resolve(name + ".c"));
    assertEquals(
        new String(resource(name + ".c.sha256"), StandardCharsets.UTF_8).strip(),
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(source)),
        "the source changed: run src/main/c/build.sh");
  }

  @Test
  void buildingAgainGivesTheSameModules(@TempDir Path directory)
      throws IOException, InterruptedException {
    String skip = "SKIPPED: rebuilding the library modules needs " + COMPILER + " and " + LINKER;
    if (!output("clang-14", "--version").startsWith(COMPILER)
        || !output("wasm-ld-14", "--version").startsWith(LINKER)) {
      System.out.println(skip);
      Assumptions.abort(skip);
    }
    Process build =
        new ProcessBuilder("bash", "build.sh", directory.toAbsolutePath().toString())
            .directory(SOURCES.toFile())
            .redirectErrorStream(true)
            .start();
    String log = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, build.waitFor(), log);
    for (String name : List.of("softfloat.wasm", "wasi.wasm")) {
      assertArrayEquals(resource(name), Files.readAllBytes(directory.resolve(name)), name);
    }
  }

  /** The first line of what a tool prints; empty if it is not there. */
  private static String output(String tool, String argument)
      throws IOException, InterruptedException {
    boolean present =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(d -> Files.isExecutable(Path.of(d, tool)));
    if (!present) {
      return "";
    }
    Process process = new ProcessBuilder(tool, argument).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), text);
    return text;
  }

  /** Every export of the soft-float library is an instruction, with the operands in order. */
  @Test
  void softFloatExportsInstructions() {
    Set<String> instructions =
        Arrays.stream(WasmOpcode.values()).map(WasmOpcode::text).collect(Collectors.toSet());
    Set<String> exports = new TreeSet<>(Library.softFloat().exports().keySet());
    assertTrue(instructions.containsAll(exports), exports::toString);
    assertEquals(60, exports.size());
  }
}
