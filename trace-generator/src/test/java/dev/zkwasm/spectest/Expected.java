package dev.zkwasm.spectest;

import dev.zkwasm.spectest.SpecValue.Type;
import org.jspecify.annotations.Nullable;

/**
 * What a result must be.
 *
 * @param type its type
 * @param pattern how it is compared
 * @param bits the bits of an exact value, see {@link SpecValue#bits()}
 */
record Expected(Type type, Pattern pattern, long bits) {
  enum Pattern {
    EXACT,
    /** A quiet NaN with payload 0, of either sign. */
    CANONICAL_NAN,
    /** Any quiet NaN. */
    ARITHMETIC_NAN,
    NON_NULL_REFERENCE
  }

  private static final int F32_NAN = 0x7fc00000;
  private static final long F64_NAN = 0x7ff8000000000000L;

  static Expected of(Type type, @Nullable String value) {
    if (value == null) {
      if (!type.isReference()) {
        throw new IllegalArgumentException(type + " without a value");
      }
      return new Expected(type, Pattern.NON_NULL_REFERENCE, 0);
    }
    return switch (value) {
      case "nan:canonical" -> new Expected(type, Pattern.CANONICAL_NAN, 0);
      case "nan:arithmetic" -> new Expected(type, Pattern.ARITHMETIC_NAN, 0);
      case "null" -> new Expected(type, Pattern.EXACT, SpecValue.NULL);
      default -> new Expected(type, Pattern.EXACT, Long.parseUnsignedLong(value));
    };
  }

  /** The value itself, where only one fits. */
  SpecValue exactly() {
    if (pattern != Pattern.EXACT) {
      throw new IllegalStateException(this + " is no value");
    }
    return new SpecValue(type, bits);
  }

  boolean matches(SpecValue value) {
    if (value.type() != type) {
      return false;
    }
    long actual = value.bits();
    return switch (pattern) {
      case EXACT -> actual == bits;
      case NON_NULL_REFERENCE -> actual != SpecValue.NULL;
      case CANONICAL_NAN ->
          type == Type.F32
              ? (actual & 0x7fffffffL) == F32_NAN
              : (actual & Long.MAX_VALUE) == F64_NAN;
      case ARITHMETIC_NAN ->
          type == Type.F32 ? (actual & F32_NAN) == F32_NAN : (actual & F64_NAN) == F64_NAN;
    };
  }

  @Override
  public String toString() {
    return pattern == Pattern.EXACT ? exactly().toString() : type + ":" + pattern;
  }
}
