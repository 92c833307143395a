package dev.zkwasm.curve;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;

/**
 * Scalars as {@code sum_w digit_w 2^(w width)} with {@code -2^(width-1) < digit <= 2^(width-1)}.
 */
final class SignedDigits {
  private SignedDigits() {}

  /**
   * Number of digits that hold every scalar: one bit more than the scalars have, for the last
   * carry.
   */
  static int count(int width) {
    return Math.ceilDiv(Fr.MODULUS.bitLength() + 1, width);
  }

  /**
   * Writes the {@code count(width)} digits of the packed scalar at {@code scalars[offset]}, least
   * significant first.
   *
   * @param width 2 to 30
   */
  static void write(long[] scalars, int offset, int width, int[] digits, int at) {
    // One limb more, so that a window may reach past the top.
    long[] plain = new long[PrimeField.LIMBS + 1];
    PrimeField.FR.fromMontgomery(scalars, offset, plain, 0);
    int mask = (1 << width) - 1;
    int half = 1 << (width - 1);
    int carry = 0;
    int windows = count(width);
    for (int w = 0; w < windows; w++) {
      int bit = w * width;
      int limb = bit >>> 6;
      int shift = bit & 63;
      long bits = plain[limb] >>> shift;
      if (shift + width > 64) {
        bits |= plain[limb + 1] << (64 - shift);
      }
      int digit = ((int) bits & mask) + carry;
      carry = digit > half ? 1 : 0;
      digits[at + w] = digit - (carry << width);
    }
  }
}
