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
