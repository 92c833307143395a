package dev.zkwasm.isa;

/**
 * A typed argument or result.
 *
 * @param type its type
 * @param bits its bits; for 32-bit types below 2^32
 */
public record Value(ValueType type, long bits) {
  public Value {
    if (type.is32Bit() && (bits >>> 32) != 0) {
      throw new IllegalArgumentException(
          "a value of type " + type + " has bits above 2^32: 0x" + Long.toHexString(bits));
    }
  }

  /**
   * Whether a caller may pass it. Only the module itself makes references to its functions: an
   * index from outside would lead an indirect call to code of the caller's choice, so of those only
   * null may be passed.
   */
  public boolean isArgument() {
    return type != ValueType.FUNCREF || bits == 0;
  }

  /**
   * Decimal (signed) for integers, the bits in hex for floats, the index or number for references.
   */
  @Override
  public String toString() {
    return switch (type) {
      case I32 -> "i32:" + (int) bits;
      case I64 -> "i64:" + bits;
      case F32 -> "f32:0x" + Integer.toHexString((int) bits);
      case F64 -> "f64:0x" + Long.toHexString(bits);
      case FUNCREF -> "funcref:" + (bits == 0 ? "null" : Long.toUnsignedString(bits - 1));
      case EXTERNREF -> "externref:" + (bits == 0 ? "null" : Long.toUnsignedString(bits - 1));
    };
  }
}
