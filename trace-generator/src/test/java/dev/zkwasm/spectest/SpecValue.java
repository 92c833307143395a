package dev.zkwasm.spectest;

/**
 * An argument or a result.
 *
 * @param type its type
 * @param bits its bits, upper half 0 for 32-bit types; the host's number of an external reference;
 *     {@link #NULL} for a null reference
 */
record SpecValue(Type type, long bits) {
  static final long NULL = -1;

  enum Type {
    I32,
    I64,
    F32,
    F64,
    FUNCREF,
    EXTERNREF;

    /** The code of the type in binaries. */
    int code() {
      return switch (this) {
        case I32 -> 0x7f;
        case I64 -> 0x7e;
        case F32 -> 0x7d;
        case F64 -> 0x7c;
        case FUNCREF -> 0x70;
        case EXTERNREF -> 0x6f;
      };
    }

    boolean is32Bit() {
      return this == I32 || this == F32;
    }

    boolean isReference() {
      return this == FUNCREF || this == EXTERNREF;
    }
  }

  SpecValue {
    if (type.is32Bit()) {
      bits &= 0xffffffffL;
    }
  }

  @Override
  public String toString() {
    return type
        + ":"
        + (bits == NULL && type.isReference() ? "null" : "0x" + Long.toHexString(bits));
  }
}
