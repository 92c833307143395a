package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.PrimeField;
import dev.zkwasm.poly.TypedVector;

/**
 * The scalars of a multi-scalar multiplication cut into windows of {@code width} bits with signed
 * digits.
 *
 * <p>A scalar s is {@code sum_w digit_w 2^(w width)} with {@code -2^(width-1) <= digit_w <
 * 2^(width-1)} in every window but the top one, where {@code 0 <= digit <= 2^topBits} and {@code
 * topBits} is what the other windows leave of the scalars' bit length. To have digits without
 * passing carries along, {@code 2^(width-1)} is added to every window but the top one beforehand
 * and subtracted from each digit afterwards: any window can then be read on its own.
 */
abstract class Digits {
  private final int size;
  private final int width;
  private final int windows;
  private final int topBits;

  private Digits(int size, int bits, int width) {
    this.size = size;
    this.width = width;
    this.windows = windows(bits, width);
    this.topBits = bits - (windows - 1) * width;
  }

  /** The number of windows that scalars of {@code bits} bits are cut into. */
  static int windows(int bits, int width) {
    return (bits + width - 1) / width;
  }

  /** The digits of integers of at most 64 bits. */
  static Digits of(TypedVector.Integers scalars, int width) {
    return new Small(scalars, scalars.bitLength(), width);
  }

  /**
   * The digits of numbers below {@code 2^bits}, four limbs each, not in Montgomery form. The array
   * is changed and must stay as it is then while the digits are in use.
   */
  static Digits of(long[] scalars, int bits, int width) {
    return new Wide(scalars, scalars.length / PrimeField.LIMBS, bits, width);
  }

  /** Number of scalars. */
  final int size() {
    return size;
  }

  /** Number of windows. */
  final int windows() {
    return windows;
  }

  /** Bits per window. */
  final int width() {
    return width;
  }

  /** The largest absolute value of a digit in a window. */
  final int maxDigit(int window) {
    return window == windows - 1
        ? (windows == 1 ? (1 << topBits) - 1 : 1 << topBits)
        : 1 << (width - 1);
  }

  /** Writes the digits of scalars {@code from..to-1} in one window to the start of {@code out}. */
  abstract void read(int window, int from, int to, int[] out);

  /** What is subtracted from a digit. */
  final int bias(int window) {
    return window == windows - 1 ? 0 : 1 << (width - 1);
  }

  final long mask(int window) {
    // The top window takes all that is left, a carry included.
    return window == windows - 1 ? -1L : (1L << width) - 1;
  }

  /** Scalars of at most 64 bits. */
  private static final class Small extends Digits {
    private static final int BLOCK = 512;

    private final TypedVector.Integers scalars;
    private final long allBias;

    Small(TypedVector.Integers scalars, int bits, int width) {
      super(scalars.size(), bits, width);
      this.scalars = scalars;
      long sum = 0;
      for (int w = 0; w < windows() - 1; w++) {
        sum += 1L << (w * width + width - 1);
      }
      this.allBias = sum;
    }

    @Override
    void read(int window, int from, int to, int[] out) {
      long[] block = new long[BLOCK];
      int shift = window * width();
      long mask = mask(window);
      int bias = bias(window);
      // The sum with the bias may need a 65th bit, which is the top window's.
      long overflow = window == windows() - 1 && shift > 0 ? 1L << (64 - shift) : 0;
      for (int start = from; start < to; start += BLOCK) {
        int count = Math.min(BLOCK, to - start);
        scalars.toLongs(start, start + count, block, 0);
        for (int i = 0; i < count; i++) {
          long sum = block[i] + allBias;
          long carry = Long.compareUnsigned(sum, allBias) < 0 ? overflow : 0;
          out[start - from + i] = (int) (((sum >>> shift) + carry) & mask) - bias;
        }
      }
    }
  }

  /** Scalars of four limbs, to which the bias is added in place. */
  private static final class Wide extends Digits {
    private final long[] biased;

    Wide(long[] scalars, int size, int bits, int width) {
      super(size, bits, width);
      long[] bias = new long[4];
      for (int w = 0; w < windows() - 1; w++) {
        int bit = w * width + width - 1;
        bias[bit / 64] |= 1L << (bit % 64);
      }
      biased = scalars;
      for (int i = 0; i < biased.length; i += 4) {
        long carry = 0;
        for (int k = 0; k < 4; k++) {
          long x = scalars[i + k];
          long sum = x + bias[k];
          long c = Long.compareUnsigned(sum, x) < 0 ? 1 : 0;
          sum += carry;
          c += Long.compareUnsigned(sum, carry) < 0 ? 1 : 0;
          biased[i + k] = sum;
          carry = c;
        }
      }
    }

    @Override
    void read(int window, int from, int to, int[] out) {
      int bit = window * width();
      int limb = bit / 64;
      int shift = bit % 64;
      long mask = mask(window);
      int bias = bias(window);
      for (int i = from; i < to; i++) {
        long x = biased[4 * i + limb] >>> shift;
        if (shift != 0 && limb < 3) {
          x |= biased[4 * i + limb + 1] << (64 - shift);
        }
        out[i - from] = (int) (x & mask) - bias;
      }
    }
  }
}
