package dev.zkwasm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * The packed kernels are those of the sources.
 *
 * <p>A binary of other device code would compute something else, so the build fails. A program
 * whose kernel was not built is interpreted, and computes the same: whoever changes a table where
 * nvcc is not must be able to build, so that is said aloud and skipped, unless {@code
 * -Dkernels.required=true}, which {@code package.sh} sets, makes it a failure.
 */
class KernelImageTest {
  private static final Path SOURCES = Path.of("src/main/cuda");
  private static final Path RESOURCES = Path.of("src/main/resources/dev/zkwasm/cuda");
  private static final String PROGRAM_CODE = "program.cuh";
  private static final String REMEDY =
      ": run gpu-kernels/build-kernels.sh where nvcc is, and commit what it writes";

  @Test
  void theBinaryIsOfTheseSources() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(SOURCES)) {
      files = all.filter(file -> !file.endsWith(PROGRAM_CODE)).sorted().toList();
    }
    assertEquals(
        hashes(files),
        resource("kernels.sources"),
        "the device code has changed since its binary was built" + REMEDY);
  }

  @Test
  void theKernelsOfProgramsAreOfTheseSources() throws IOException {
    List<Path> files =
        Stream.of("field.cuh", "platform.cuh", PROGRAM_CODE).map(SOURCES::resolve).toList();
    assertEquals(
        hashes(files),
        resource("programs.sources"),
        "the device code has changed since the kernels of programs were built" + REMEDY);
  }

  @Test
  void theProgramsOfTheTablesHaveKernels() throws IOException {
    Map<String, ProgramKernel> kernels = ProgramKernels.standard();
    List<String> missing =
        kernels.entrySet().stream()
            .filter(entry -> KernelImage.ofProgram(entry.getValue()).isEmpty())
            .map(Map.Entry::getKey)
            .toList();
    Set<String> known =
        kernels.values().stream()
            .map(kernel -> kernel.symbol() + ".fatbin")
            .collect(Collectors.toSet());
    List<String> unused = new ArrayList<>();
    if (Files.isDirectory(RESOURCES.resolve("programs"))) {
      try (Stream<Path> files = Files.list(RESOURCES.resolve("programs"))) {
        files
            .map(file -> file.getFileName().toString())
            .filter(file -> !known.contains(file))
            .forEach(unused::add);
      }
    }
    if (!missing.isEmpty() || !unused.isEmpty()) {
      String message =
          ("%d of %d programs of the tables have no kernel and are interpreted (%s);"
                  + " %d kernels are of no program%s")
              .formatted(
                  missing.size(),
                  kernels.size(),
                  String.join(", ", missing.subList(0, Math.min(3, missing.size()))) + ", ...",
                  unused.size(),
                  REMEDY);
      assertFalse(Boolean.getBoolean("kernels.required"), message);
      System.err.println("SKIPPED: " + message);
      Assumptions.abort(message);
    }
  }

  /** As {@code sha256sum} prints them. */
  private static String hashes(List<Path> files) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path file : files) {
      try {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        lines.add(HexFormat.of().formatHex(hash) + "  " + file.getFileName());
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError(e);
      }
    }
    return String.join("\n", lines);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = KernelImage.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }

  @Test
  void theBinaryIsAFatBinary() {
    ByteBuffer image = ByteBuffer.wrap(KernelImage.load()).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(0xba55ed50, image.getInt(0));
    assertTrue(image.capacity() > 1 << 16);
  }

  /**
   * Every kernel, on every architecture, finds the registers of its largest block: a multiprocessor
   * has 2^16, given out to a warp by 256. Nothing of what every proof needs spills any.
   */
  @Test
  void everyKernelCanBeLaunched() throws IOException {
    Map<String, Set<String>> architectures = new HashMap<>();
    for (String name : List.of("kernels.resources", "programs.resources")) {
      Pattern line =
          Pattern.compile(
              "(\\w+) (sm_\\d+) (\\d+) registers, (\\d+) bytes stack frame, (\\d+) bytes spill"
                  + " stores, .*");
      for (String text : resource(name).split("\n", -1)) {
        Matcher resources = line.matcher(text);
        assertTrue(resources.matches(), text);
        String kernel = resources.group(1);
        architectures.computeIfAbsent(kernel, k -> new HashSet<>()).add(resources.group(2));
        boolean program = name.startsWith("programs");
        int block = program ? ProgramKernel.BLOCK : kernel.equals("ntt_pass") ? 512 : 256;
        if (kernel.matches("msm_(accumulate|combine|weigh|sum)|g1_double")) {
          block = 128;
        }
        int ofWarp = (Integer.parseInt(resources.group(3)) * 32 + 255) / 256 * 256;
        assertTrue(ofWarp * (block / 32) <= 1 << 16, text);
        if (!program) {
          assertEquals("0", resources.group(5), text);
        }
      }
    }
    Set<String> all = Set.of("sm_75", "sm_80", "sm_86", "sm_89", "sm_90");
    for (Kernel kernel : Kernel.values()) {
      assertEquals(all, architectures.get(kernel.symbol()), kernel.symbol());
    }
  }

  /** Every kernel that Java knows by name is in the sources, and the other way round. */
  @Test
  void theKernelsAreThoseOfTheSources() throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.toList()) {
        Stream.of(Files.readString(file).split("\n"))
            .filter(line -> line.matches("KERNEL(_LIMITS\\(.*\\))? [a-z0-9_]+\\(.*"))
            .map(line -> line.replaceAll("^KERNEL(_LIMITS\\([^)]*\\))? ([a-z0-9_]+)\\(.*", "$2"))
            .forEach(names::add);
      }
    }
    List<String> known = Stream.of(Kernel.values()).map(Kernel::symbol).sorted().toList();
    assertEquals(known, names.stream().sorted().toList());
  }
}
