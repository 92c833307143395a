package dev.zkwasm.lower;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.exec.FloatInstructions;
import dev.zkwasm.exec.RandomModule;
import dev.zkwasm.isa.ImageCell;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Program;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * The lowering of a version never changes: digests of lowered programs against {@code
 * lowering-1.txt}. If this test fails and the change is meant, it is a new lowering version: raise
 * {@code Lowering.VERSION}, rename the file, and copy what this test leaves in {@code target}
 * there.
 */
class LoweringFixtureTest {
  private static final int RANDOM_MODULES = 100;

  private static String digest(byte[] wasm) throws NoSuchAlgorithmException {
    Program program = Lowering.lower(wasm).program();
    StringBuilder text = new StringBuilder();
    for (Instruction i : program.code()) {
      text.append(i.operation()).append(' ');
      text.append(Integer.toUnsignedString(i.d())).append(' ');
      text.append(Integer.toUnsignedString(i.a())).append(' ');
      text.append(Integer.toUnsignedString(i.b())).append(' ');
      text.append(Long.toUnsignedString(i.k())).append('\n');
    }
    for (ImageCell cell : program.image()) {
      text.append(cell.key()).append(' ').append(cell.value()).append('\n');
    }
    text.append(program.exports()).append(program.initialMemoryPages());
    byte[] hash =
        MessageDigest.getInstance("SHA-256")
            .digest(text.toString().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash, 0, 16) + " " + program.code().size();
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(LoweringFixtureTest.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    }
  }

  @Test
  void digestsOfProgramsStay() throws IOException, NoSuchAlgorithmException {
    List<String> lines = new ArrayList<>();
    lines.add("# program, first half of the SHA-256 of its lowering, number of instructions");
    lines.add("sealed_bid " + digest(resource("/dev/zkwasm/guests/sealed_bid.wasm")));
    lines.add("statistics " + digest(resource("/dev/zkwasm/guests/statistics.wasm")));
    lines.add("floats " + digest(FloatInstructions.module()));
    for (int seed = 1; seed <= RANDOM_MODULES; seed++) {
      lines.add("random-" + seed + " " + digest(RandomModule.generate(seed)));
    }
    String found = String.join("\n", lines) + "\n";
    Files.writeString(Path.of("target/lowering-1.txt"), found);
    String stored =
        new String(resource("/dev/zkwasm/lower/lowering-1.txt"), StandardCharsets.UTF_8);
    assertEquals(stored, found);
  }

  @Test
  void theSameBytesGiveTheSameProgram() {
    for (int seed = 1; seed <= 20; seed++) {
      byte[] wasm = RandomModule.generate(seed);
      Program first = Lowering.lower(wasm).program();
      Program second = Lowering.lower(wasm.clone()).program();
      assertEquals(first.code(), second.code());
      assertEquals(first.image(), second.image());
      assertEquals(first.exports(), second.exports());
      assertEquals(first.locations(), second.locations());
      assertTrue(java.util.Arrays.equals(first.extensionId(), second.extensionId()));
    }
  }
}
