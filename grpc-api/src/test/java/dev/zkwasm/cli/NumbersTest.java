package dev.zkwasm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {
  @ParameterizedTest
  @CsvSource({
    "I32, 0, 0, 0",
    "I32, 1000, 3e8, 1000",
    "I32, -1, ffffffff, -1",
    "I32, +7, 7, 7",
    "I32, 4294967295, ffffffff, -1",
    "I32, -2147483648, 80000000, -2147483648",
    "I32, 0xDeadBeef, deadbeef, -559038737",
    "I32, -0x1, ffffffff, -1",
    "I64, 18446744073709551615, ffffffffffffffff, -1",
    "I64, -9223372036854775808, 8000000000000000, -9223372036854775808",
    "I64, 0xffffffffffffffff, ffffffffffffffff, -1",
    "F32, 1.5, 3fc00000, 1.5",
    "F32, -0, 80000000, -0.0",
    "F32, .5e1, 40a00000, 5.0",
    "F32, 0x1.8p1, 40400000, 3.0",
    "F32, 0x10, 41800000, 16.0",
    "F32, nan, 7fc00000, nan:0x7fc00000",
    "F32, -inf, ff800000, -inf",
    "F64, 0.1, 3fb999999999999a, 0.1",
    "F64, -0x.8p0, bfe0000000000000, -0.5",
    "F64, INF, 7ff0000000000000, inf",
    "F64, -nan, fff8000000000000, nan:0xfff8000000000000"
  })
  void reads(ValueType type, String text, String bits, String decimal) {
    Value value = Numbers.parse(type, text);
    assertEquals(Long.parseUnsignedLong(bits, 16), value.bits());
    assertEquals(decimal, Numbers.decimal(value));
    // What is printed is read back as the same.
    if (!decimal.startsWith("nan")) {
      assertEquals(value, Numbers.parse(type, decimal));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "I32, 4294967296",
    "I32, -2147483649",
    "I32, 1.5",
    "I32, 0x",
    "I32, ''",
    "I32, 1e3",
    "I32, 1_000",
    "I32, nan",
    "I64, 18446744073709551616",
    "I64, -9223372036854775809",
    "I64, --1",
    "F32, 1.5f",
    "F32, 0x",
    "F32, 0xp1",
    "F32, infinity",
    "F64, .",
    "F64, e1",
    "F64, 1d",
    "F64, ''"
  })
  void refuses(ValueType type, String text) {
    NumberFormatException e =
        assertThrows(NumberFormatException.class, () -> Numbers.parse(type, text));
    assertTrue(String.valueOf(e.getMessage()).contains("'" + text + "'"), e.getMessage());
  }
}
