package dev.zkwasm.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.isa.Exit;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProofFileTest {
  private static final Statement STATEMENT =
      new Statement(
          new byte[32],
          "",
          List.of(),
          List.of(),
          new byte[0],
          new byte[0],
          Exit.returned(),
          1,
          new byte[32]);
  private static final ProofFile FILE =
      new ProofFile(new byte[32], new byte[32], new byte[32], STATEMENT, new byte[] {1, 2});

  @Test
  void encodingIsFrozen() throws ProofFormatException {
    byte[] statement = STATEMENT.encode();
    assertEquals(
        HexFormat.of().formatHex("zkwasm proof file".getBytes(StandardCharsets.US_ASCII))
            + "0001"
            + "00".repeat(96)
            + "000000"
            + Integer.toHexString(statement.length)
            + HexFormat.of().formatHex(statement)
            + "00000002"
            + "0102",
        HexFormat.of().formatHex(FILE.encode()));
    assertEquals(FILE, ProofFile.decode(FILE.encode()));
  }

  @Test
  void malformedFilesAreRefused() throws ProofFormatException {
    byte[] good = FILE.encode();
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThrows(ProofFormatException.class, () -> ProofFile.decode(cut));
    }
    assertThrows(
        ProofFormatException.class, () -> ProofFile.decode(Arrays.copyOf(good, good.length + 1)));
    byte[] other = good.clone();
    other[18] = 0;
    assertEquals(
        "proof file of version 0; this program reads version 1",
        assertThrows(ProofFormatException.UnsupportedVersion.class, () -> ProofFile.decode(other))
            .getMessage());
    int decoded = 0;
    for (int i = 0; i < good.length; i++) {
      byte[] altered = good.clone();
      altered[i] ^= (byte) 0x81;
      try {
        assertArrayEquals(altered, ProofFile.decode(altered).encode());
        decoded++;
      } catch (ProofFormatException e) {
        assertTrue(String.valueOf(e.getMessage()).length() > 10);
      }
    }
    assertTrue(decoded >= 96 + 2, "ids and proof are not looked into");
  }
}
