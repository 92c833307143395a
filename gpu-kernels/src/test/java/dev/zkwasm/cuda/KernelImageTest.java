package dev.zkwasm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The packed kernels are those of the sources. */
class KernelImageTest {
  @Test
  void theBinaryIsOfTheseSources() throws IOException, NoSuchAlgorithmException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("src/main/cuda"))) {
      for (Path file : files.sorted().toList()) {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        lines.add(HexFormat.of().formatHex(hash) + "  " + file.getFileName());
      }
    }
    try (InputStream in = KernelImage.class.getResourceAsStream("kernels.sources")) {
      String built = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(
          String.join("\n", lines),
          built.strip(),
          "the device code has changed since its binary was built: run gpu-kernels/build-kernels.sh"
              + " where nvcc is, and commit what it writes");
    }
  }

  @Test
  void theBinaryIsAFatBinary() {
    ByteBuffer image = ByteBuffer.wrap(KernelImage.load()).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(0xba55ed50, image.getInt(0));
    assertTrue(image.capacity() > 1 << 16);
  }

  /** Every kernel that Java knows by name is in the sources, and the other way round. */
  @Test
  void theKernelsAreThoseOfTheSources() throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("src/main/cuda"))) {
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
