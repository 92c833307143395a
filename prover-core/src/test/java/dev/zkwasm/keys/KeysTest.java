package dev.zkwasm.keys;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G2;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.transcript.Keccak256;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeysTest {
  private static final Program.Export EXPORT =
      new Program.Export("f", List.of(ValueType.I32), List.of(ValueType.I64, ValueType.F32), 258);

  private static ProgramHeader header(List<Program.Export> exports) {
    return new ProgramHeader(
        new byte[32],
        3,
        5,
        4,
        exports,
        65536,
        List.of(G1.GENERATOR, G1.INFINITY),
        List.of(G1.GENERATOR.twice()));
  }

  private static final VerifyingKey KEY =
      new VerifyingKey(new byte[32], List.of(G1.GENERATOR), G2.GENERATOR);

  @Test
  void headerIsFrozen() {
    assertEquals(
        HexFormat.of().formatHex("zkwasm program 1".getBytes(StandardCharsets.US_ASCII))
            + "00".repeat(32)
            + "00000003"
            + "0504"
            + "00000001"
            + "0000000166"
            + "000000017f"
            + "000000027e7d"
            + "00000102"
            + "00010000"
            + "00000000"
            + "02"
            + HexFormat.of().formatHex(G1.GENERATOR.toCompressed())
            + "00".repeat(32)
            + "01"
            + HexFormat.of().formatHex(G1.GENERATOR.twice().toCompressed()),
        HexFormat.of().formatHex(header(List.of(EXPORT)).encode()));
    assertArrayEquals(
        Keccak256.hash(header(List.of(EXPORT)).encode()), header(List.of(EXPORT)).digest());
  }

  @Test
  void keyIsFrozen() {
    assertEquals(
        HexFormat.of().formatHex("zkwasm key 1".getBytes(StandardCharsets.US_ASCII))
            + "00".repeat(32)
            + "01"
            + HexFormat.of().formatHex(G1.GENERATOR.toCompressed())
            + HexFormat.of().formatHex(G2.GENERATOR.toBytes()),
        HexFormat.of().formatHex(KEY.encode()));
    assertArrayEquals(Keccak256.hash(G2.GENERATOR.toBytes()), KEY.srsId());
  }

  @Test
  void decodingGivesTheSame() throws ProofFormatException {
    ProgramHeader header =
        header(List.of(EXPORT, new Program.Export("g", List.of(), List.of(), 1)));
    assertEquals(header, ProgramHeader.decode(header.encode()));
    assertEquals(EXPORT, header.export("f").orElseThrow());
    assertTrue(header.export("h").isEmpty());
    assertEquals(KEY, VerifyingKey.decode(KEY.encode()));
  }

  @Test
  void anotherVersionIsNamed() {
    byte[] header = header(List.of(EXPORT)).encode();
    header["zkwasm program ".length()] = '0';
    assertEquals(
        "program header of version 0; this program reads version 1",
        assertThrows(
                ProofFormatException.UnsupportedVersion.class, () -> ProgramHeader.decode(header))
            .getMessage());
    byte[] key = KEY.encode();
    key["zkwasm key ".length()] = '2';
    assertEquals(
        "verifying key of version 2; this program reads version 1",
        assertThrows(ProofFormatException.UnsupportedVersion.class, () -> VerifyingKey.decode(key))
            .getMessage());
  }

  @Test
  void namesAreUnique() {
    assertThrows(IllegalArgumentException.class, () -> header(List.of(EXPORT, EXPORT)));
  }

  /** No bytes get anything but an object, whose encoding they are, or the exception. */
  @Test
  void anyBytesEndWell() {
    Random random = new Random(2);
    byte[] header = header(List.of(EXPORT)).encode();
    byte[] key = KEY.encode();
    for (int i = 0; i < 3000; i++) {
      byte[] good = i % 2 == 0 ? header : key;
      byte[] bytes = Arrays.copyOf(good, good.length - random.nextInt(2));
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      try {
        byte[] again =
            i % 2 == 0 ? ProgramHeader.decode(bytes).encode() : VerifyingKey.decode(bytes).encode();
        assertArrayEquals(bytes, again);
      } catch (ProofFormatException e) {
        assertTrue(String.valueOf(e.getMessage()).length() > 10);
      }
    }
  }
}
