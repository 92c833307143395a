package dev.zkwasm.poly;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;

/** Conversion of small unsigned integers to Montgomery form. */
final class SmallIntegers {
  /** Montgomery forms of 0 to 255: bits, flags and bytes need no multiplication. */
  private static final long[] BYTES = new long[256 * PrimeField.LIMBS];

  static {
    for (int i = 0; i < 256; i++) {
      Fr.of(i).store(BYTES, i * PrimeField.LIMBS);
    }
  }

  private SmallIntegers() {}

  static void toMontgomery(TypedVector.Integers v, int from, int to, long[] out, int at) {
    PrimeField field = PrimeField.FR;
    for (int i = from; i < to; i++, at += PrimeField.LIMBS) {
      long x = v.getLong(i);
      if ((x & ~0xffL) == 0) {
        System.arraycopy(BYTES, (int) x * PrimeField.LIMBS, out, at, PrimeField.LIMBS);
      } else {
        out[at] = x;
        out[at + 1] = 0;
        out[at + 2] = 0;
        out[at + 3] = 0;
        field.toMontgomery(out, at, out, at);
      }
    }
  }
}
