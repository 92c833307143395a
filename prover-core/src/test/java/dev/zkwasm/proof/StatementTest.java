package dev.zkwasm.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StatementTest {
  private static byte[] filled(int value) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static Statement statement(Exit exit, List<Value> results) {
    return new Statement(
        filled(1),
        "fä",
        List.of(new Value(ValueType.I32, 5)),
        results,
        new byte[] {1, 2, 3},
        new byte[] {4},
        exit,
        77,
        filled(2));
  }

  private static final Statement RETURNED =
      statement(
          Exit.returned(), List.of(new Value(ValueType.F64, -1), new Value(ValueType.F32, 9)));

  @Test
  void encodingIsFrozen() {
    assertEquals(
        "01".repeat(32)
            + "00000003"
            + "66c3a4"
            + "00000001"
            + "7f0000000000000005"
            + "00000002"
            + "7cffffffffffffffff"
            + "7d0000000000000009"
            + "00000003"
            + "010203"
            + "00000001"
            + "04"
            + "00"
            + "00000000"
            + "000000000000004d"
            + "02".repeat(32),
        HexFormat.of().formatHex(RETURNED.encode()));
  }

  @Test
  void decodingGivesTheSame() throws ProofFormatException {
    for (Statement statement :
        List.of(
            RETURNED,
            statement(Exit.returned(), List.of()),
            statement(Exit.exited(-1), List.of()),
            statement(Exit.trapped(TrapReason.ABORT), List.of()))) {
      Statement decoded = Statement.decode(statement.encode());
      assertEquals(statement, decoded);
      assertEquals(statement.exit(), decoded.exit());
      assertEquals(statement.results(), decoded.results());
      assertEquals(statement.hashCode(), decoded.hashCode());
      assertArrayEquals(statement.output(), decoded.output());
    }
  }

  @Test
  void valuesAreCheckedWhereTheyAreMade() {
    assertThrows(
        IllegalArgumentException.class,
        () -> statement(Exit.exited(0), List.of(new Value(ValueType.I32, 0))));
  }

  @Test
  void malformedBytesAreRefused() {
    byte[] good = RETURNED.encode();
    refuse(Arrays.copyOf(good, good.length + 1), "follow the end");
    for (int length = 0; length < good.length; length++) {
      refuse(Arrays.copyOf(good, length), "statement");
    }
    int arguments = 32 + 4 + 3;
    refuse(with(good, arguments, 0xff), "count");
    refuse(with(good, arguments + 4, 0x7b), "value type");
    refuse(with(good, arguments + 5, 1), "above 2^32");
    refuse(with(good, 32 + 4 + 1, 0xff), "UTF-8");
    refuse(with(good, 32, 0x7f), "exceeds");
    int exit = good.length - 32 - 8 - 5;
    refuse(with(good, exit, 3), "exit kind");
    refuse(with(good, exit, 1), "results");
    refuse(with(good, exit + 4, 1), "code");
    refuse(with(good, exit + 5, 0x80), "steps");
  }

  /** No bytes get anything but a statement, whose encoding they are, or the exception. */
  @Test
  void anyBytesEndWell() {
    Random random = new Random(1);
    byte[] good = RETURNED.encode();
    int decoded = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = Arrays.copyOf(good, good.length + random.nextInt(3) - 1);
      for (int k = random.nextInt(3); k >= 0; k--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        assertArrayEquals(bytes, Statement.decode(bytes).encode());
        decoded++;
      } catch (ProofFormatException e) {
        assertNotNull(e.getMessage());
      }
    }
    assertTrue(decoded > 100, "only " + decoded);
  }

  private static byte[] with(byte[] bytes, int at, int value) {
    byte[] changed = bytes.clone();
    changed[at] = (byte) value;
    return changed;
  }

  private static void refuse(byte[] bytes, String reason) {
    ProofFormatException e =
        assertThrows(ProofFormatException.class, () -> Statement.decode(bytes));
    assertTrue(String.valueOf(e.getMessage()).contains(reason), e.getMessage());
  }
}
