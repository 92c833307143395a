package dev.zkwasm.curve;

import dev.zkwasm.field.FieldHints;
import dev.zkwasm.field.PrimeField;
import java.util.Arrays;

/**
 * Adds many pairs of affine points with one inversion (Montgomery's trick): about six
 * multiplications per addition, three if hints give the slopes. Every case is handled: infinity,
 * equal and opposite points.
 */
final class BatchAffine {
  private static final PrimeField FQ = PrimeField.FQ;
  private static final int X = 0;
  private static final int Y = PrimeField.LIMBS;

  private final FieldHints hints;

  // Of each addition: the slope and what it is the quotient of; a denominator of zero where the sum
  // needs no slope.
  private final long[] slopes;
  private final long[] numerators;
  private final long[] denominators;

  private final long[] s = new long[PrimeField.LIMBS];
  private final long[] t = new long[PrimeField.LIMBS];

  /** Scratch for up to {@code capacity} additions at a time. */
  BatchAffine(int capacity) {
    this(capacity, FieldHints.NONE);
  }

  /** The same with hints, which are checked. */
  BatchAffine(int capacity, FieldHints hints) {
    this.hints = hints;
    slopes = new long[Math.multiplyExact(capacity, PrimeField.LIMBS)];
    numerators = new long[slopes.length];
    denominators = new long[slopes.length];
  }

  /**
   * For each {@code i < n}: {@code sums[sum[i]] += addends[addend[i]]}, indices counting points.
   * The sums of one call are different points, and none of them is also an addend.
   */
  void add(long[] sums, int[] sum, long[] addends, int[] addend, int n) {
    for (int i = 0; i < n; i++) {
      prepare(
          sums, sum[i] * G1Vector.LIMBS, addends, addend[i] * G1Vector.LIMBS, i * PrimeField.LIMBS);
    }
    divide(n);
    for (int i = 0; i < n; i++) {
      finish(
          sums, sum[i] * G1Vector.LIMBS, addends, addend[i] * G1Vector.LIMBS, i * PrimeField.LIMBS);
    }
  }

  /** Writes the numerator and the denominator of the slope between two points. */
  private void prepare(long[] sums, int p, long[] addends, int q, int at) {
    if (FQ.isZero(sums, p + Y) || FQ.isZero(addends, q + Y)) {
      FQ.clear(denominators, at);
    } else if (!FQ.equal(sums, p + X, addends, q + X)) {
      FQ.sub(addends, q + Y, sums, p + Y, numerators, at);
      FQ.sub(addends, q + X, sums, p + X, denominators, at);
    } else if (FQ.equal(sums, p + Y, addends, q + Y)) {
      FQ.square(sums, p + X, s, 0); // doubling: 3 x^2 / 2 y
      FQ.twice(s, 0, numerators, at);
      FQ.add(s, 0, numerators, at, numerators, at);
      FQ.twice(sums, p + Y, denominators, at);
    } else {
      FQ.clear(denominators, at); // opposite points
    }
  }

  /** The slopes: those of the hints where they are right, else quotients. */
  private void divide(int n) {
    System.arraycopy(numerators, 0, slopes, 0, n * PrimeField.LIMBS);
    // Of the denominators a copy, too: answers are checked against what they are quotients of.
    if (hints.quotients(slopes, Arrays.copyOf(denominators, n * PrimeField.LIMBS), n)) {
      for (int at = 0; at < n * PrimeField.LIMBS; at += PrimeField.LIMBS) {
        if (!FQ.isZero(denominators, at) && !isQuotient(at)) {
          FQ.inverse(denominators, at, s, 0);
          FQ.mul(numerators, at, s, 0, slopes, at);
        }
      }
    } else {
      FQ.batchInverse(denominators, 0, n);
      for (int at = 0; at < n * PrimeField.LIMBS; at += PrimeField.LIMBS) {
        FQ.mul(numerators, at, denominators, at, slopes, at);
      }
    }
  }

  private boolean isQuotient(int at) {
    FQ.mul(slopes, at, denominators, at, s, 0);
    return FQ.equal(s, 0, numerators, at) && FQ.isCanonical(slopes, at);
  }

  private void finish(long[] sums, int p, long[] addends, int q, int slope) {
    if (FQ.isZero(addends, q + Y)) {
      return;
    }
    if (FQ.isZero(sums, p + Y)) {
      System.arraycopy(addends, q, sums, p, G1Vector.LIMBS);
      return;
    }
    if (FQ.isZero(denominators, slope)) {
      FQ.clear(sums, p + X);
      FQ.clear(sums, p + Y);
      return;
    }
    FQ.square(slopes, slope, s, 0);
    FQ.sub(s, 0, sums, p + X, s, 0);
    FQ.sub(s, 0, addends, q + X, s, 0); // the new x
    FQ.sub(sums, p + X, s, 0, t, 0);
    FQ.mul(slopes, slope, t, 0, t, 0);
    FQ.sub(t, 0, sums, p + Y, sums, p + Y);
    System.arraycopy(s, 0, sums, p + X, PrimeField.LIMBS);
  }
}
