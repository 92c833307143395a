package dev.zkwasm.curve;

import dev.zkwasm.field.PrimeField;

/**
 * Adds many pairs of affine points with one inversion (Montgomery's trick): about seven
 * multiplications per addition. Every case is handled: infinity, equal and opposite points.
 */
final class BatchAffine {
  private static final PrimeField FQ = PrimeField.FQ;
  private static final int Y = PrimeField.LIMBS;

  private final long[] slopes;
  private final long[] s = new long[PrimeField.LIMBS];
  private final long[] t = new long[PrimeField.LIMBS];

  /** Scratch for up to {@code capacity} additions at a time. */
  BatchAffine(int capacity) {
    slopes = new long[Math.multiplyExact(capacity, PrimeField.LIMBS)];
  }

  /**
   * For each {@code i < n}: {@code sums[sum[i]] += addends[addend[i]]}, indices counting points.
   * The sums of one call are different points, and none of them is also an addend.
   */
  void add(long[] sums, int[] sum, long[] addends, int[] addend, int n) {
    // The denominator of each slope, zero where the sum needs no slope.
    for (int i = 0; i < n; i++) {
      int p = sum[i] * G1Vector.LIMBS;
      int q = addend[i] * G1Vector.LIMBS;
      int d = i * PrimeField.LIMBS;
      if (FQ.isZero(sums, p + Y) || FQ.isZero(addends, q + Y)) {
        FQ.clear(slopes, d);
      } else if (!FQ.equal(sums, p, addends, q)) {
        FQ.sub(addends, q, sums, p, slopes, d);
      } else if (FQ.equal(sums, p + Y, addends, q + Y)) {
        FQ.twice(sums, p + Y, slopes, d);
      } else {
        FQ.clear(slopes, d); // opposite points
      }
    }
    FQ.batchInverse(slopes, 0, n);
    for (int i = 0; i < n; i++) {
      finish(
          sums, sum[i] * G1Vector.LIMBS, addends, addend[i] * G1Vector.LIMBS, i * PrimeField.LIMBS);
    }
  }

  private void finish(long[] sums, int p, long[] addends, int q, int slope) {
    if (FQ.isZero(addends, q + Y)) {
      return;
    }
    if (FQ.isZero(sums, p + Y)) {
      System.arraycopy(addends, q, sums, p, G1Vector.LIMBS);
      return;
    }
    if (FQ.isZero(slopes, slope)) {
      FQ.clear(sums, p);
      FQ.clear(sums, p + Y);
      return;
    }
    if (FQ.equal(sums, p, addends, q)) {
      FQ.square(sums, p, s, 0); // doubling: 3 x^2
      FQ.twice(s, 0, t, 0);
      FQ.add(s, 0, t, 0, s, 0);
    } else {
      FQ.sub(addends, q + Y, sums, p + Y, s, 0);
    }
    FQ.mul(slopes, slope, s, 0, slopes, slope);
    FQ.square(slopes, slope, s, 0);
    FQ.sub(s, 0, sums, p, s, 0);
    FQ.sub(s, 0, addends, q, s, 0); // the new x
    FQ.sub(sums, p, s, 0, t, 0);
    FQ.mul(slopes, slope, t, 0, t, 0);
    FQ.sub(t, 0, sums, p + Y, sums, p + Y);
    System.arraycopy(s, 0, sums, p, PrimeField.LIMBS);
  }
}
