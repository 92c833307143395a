package dev.zkwasm.isa;

/**
 * Types of arguments and results of an export. Codes are those of the WebAssembly binary format.
 */
public enum ValueType {
  I32(0x7f),
  I64(0x7e),
  F32(0x7d),
  F64(0x7c),
  /** A function: 0 for null, or 1 + its index. */
  FUNCREF(0x70),
  /** Something of the host: 0 for null, or 1 + its number. */
  EXTERNREF(0x6f);

  private final int code;

  ValueType(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /** True for the types whose upper 32 bits are always 0. */
  public boolean is32Bit() {
    return this == I32 || this == F32;
  }

  public boolean isReference() {
    return this == FUNCREF || this == EXTERNREF;
  }

  public static ValueType ofCode(int code) {
    for (ValueType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw new IllegalArgumentException("no value type has code 0x" + Integer.toHexString(code));
  }
}
