package dev.zkwasm.cli;

import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Pattern;

/** Numbers of WebAssembly types as people write them. */
final class Numbers {
  private static final Pattern INTEGER = Pattern.compile("[+-]?(0[xX][0-9a-fA-F]+|[0-9]+)");
  private static final Pattern FLOAT =
      Pattern.compile(
          "[+-]?(0[xX][0-9a-fA-F]*\\.?[0-9a-fA-F]*([pP][+-]?[0-9]+)?|([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?|nan|inf)");

  private Numbers() {}

  /**
   * @throws NumberFormatException if the text is no number of the type; the message says what is
   */
  static Value parse(ValueType type, String text) {
    return switch (type) {
      case I32 -> new Value(type, integer(type, text, 32));
      case I64 -> new Value(type, integer(type, text, 64));
      case F32 -> new Value(type, Integer.toUnsignedLong(floatBits(text)));
      case F64 -> new Value(type, doubleBits(text));
      case FUNCREF, EXTERNREF -> new Value(type, reference(type, text));
    };
  }

  /** Only the module itself makes references to its functions. */
  private static long reference(ValueType type, String text) {
    if (text.equals("null")) {
      return 0;
    }
    if (type == ValueType.FUNCREF) {
      throw wrong(type, text, "null");
    }
    if (!text.matches("[0-9]{1,9}")) {
      throw wrong(type, text, "null or a number below 10^9");
    }
    return 1 + Long.parseLong(text);
  }

  /** Signed or unsigned, whichever it fits. */
  private static long integer(ValueType type, String text, int bits) {
    if (!INTEGER.matcher(text).matches()) {
      throw wrong(type, text, "a decimal or 0x hex integer");
    }
    boolean negative = text.startsWith("-");
    String digits = negative || text.startsWith("+") ? text.substring(1) : text;
    boolean hex = digits.startsWith("0x") || digits.startsWith("0X");
    BigInteger value = hex ? new BigInteger(digits.substring(2), 16) : new BigInteger(digits);
    if (negative) {
      value = value.negate();
    }
    if (value.bitLength() > (value.signum() < 0 ? bits - 1 : bits)) {
      throw wrong(type, text, "from -2^%d to 2^%d - 1".formatted(bits - 1, bits));
    }
    return bits == 64 ? value.longValue() : value.longValue() & 0xffffffffL;
  }

  private static int floatBits(String text) {
    String number = number(ValueType.F32, text);
    return switch (number) {
      case "nan" -> 0x7fc00000;
      case "-nan" -> 0xffc00000;
      case "inf" -> Float.floatToRawIntBits(Float.POSITIVE_INFINITY);
      case "-inf" -> Float.floatToRawIntBits(Float.NEGATIVE_INFINITY);
      default -> Float.floatToRawIntBits(Float.parseFloat(number));
    };
  }

  private static long doubleBits(String text) {
    String number = number(ValueType.F64, text);
    return switch (number) {
      case "nan" -> 0x7ff8000000000000L;
      case "-nan" -> 0xfff8000000000000L;
      case "inf" -> Double.doubleToRawLongBits(Double.POSITIVE_INFINITY);
      case "-inf" -> Double.doubleToRawLongBits(Double.NEGATIVE_INFINITY);
      default -> Double.doubleToRawLongBits(Double.parseDouble(number));
    };
  }

  /** As Java reads it: no plus sign, and hex with the exponent that Java insists on. */
  private static String number(ValueType type, String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (!FLOAT.matcher(lower).matches()) {
      throw wrong(type, text, "a decimal or hex number, nan or inf");
    }
    String number = lower.startsWith("+") ? lower.substring(1) : lower;
    boolean hex = number.startsWith("0x") || number.startsWith("-0x");
    if (hex && number.replaceAll("[-0x.]|p.*", "").isEmpty() && !number.matches("-?0x\\.?0.*")) {
      throw wrong(type, text, "a decimal or hex number, nan or inf");
    }
    return hex && !number.contains("p") ? number + "p0" : number;
  }

  private static NumberFormatException wrong(ValueType type, String text, String wanted) {
    return new NumberFormatException(
        "'%s' is no %s: it takes %s".formatted(text, name(type), wanted));
  }

  static String name(ValueType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  /** Decimal, signed; for floats the shortest decimal that means the same, nan with its bits. */
  static String decimal(Value value) {
    return switch (value.type()) {
      case I32 -> Integer.toString((int) value.bits());
      case I64 -> Long.toString(value.bits());
      case F32 -> {
        float number = Float.intBitsToFloat((int) value.bits());
        yield Float.isNaN(number)
            ? "nan:0x" + Long.toHexString(value.bits())
            : Float.toString(number).replace("Infinity", "inf");
      }
      case F64 -> {
        double number = Double.longBitsToDouble(value.bits());
        yield Double.isNaN(number)
            ? "nan:0x" + Long.toHexString(value.bits())
            : Double.toString(number).replace("Infinity", "inf");
      }
      case FUNCREF, EXTERNREF ->
          value.bits() == 0 ? "null" : Long.toUnsignedString(value.bits() - 1);
    };
  }
}
