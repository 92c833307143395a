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
  private final long[] negated = new long[PrimeField.LIMBS];
  private final long[] s = new long[PrimeField.LIMBS];
  private final long[] t = new long[PrimeField.LIMBS];

  /** Scratch for up to {@code capacity} additions at a time. */
  BatchAffine(int capacity) {
    slopes = new long[Math.multiplyExact(capacity, PrimeField.LIMBS)];
  }

  /**
   * For each {@code i < n}: adds to point {@code to + i} of {@code sums} the point {@code base +
   * |digits[i]|} of {@code table}, negated if the digit is negative; nothing if it is zero.
   */
  void addMultiples(long[] sums, int to, int n, long[] table, int base, int[] digits) {
    // The denominator of each slope, zero where the sum needs no slope.
    for (int i = 0; i < n; i++) {
      int p = (to + i) * G1Vector.LIMBS;
      int d = i * PrimeField.LIMBS;
      if (digits[i] == 0) {
        FQ.clear(slopes, d);
        continue;
      }
      int q = (base + Math.abs(digits[i])) * G1Vector.LIMBS;
      if (FQ.isZero(sums, p + Y) || FQ.isZero(table, q + Y)) {
        FQ.clear(slopes, d);
      } else if (!FQ.equal(sums, p, table, q)) {
        FQ.sub(table, q, sums, p, slopes, d);
      } else if (FQ.equal(sums, p + Y, table, q + Y) == digits[i] > 0) {
        FQ.twice(sums, p + Y, slopes, d);
      } else {
        FQ.clear(slopes, d); // opposite points
      }
    }
    FQ.batchInverse(slopes, 0, n);
    for (int i = 0; i < n; i++) {
      if (digits[i] != 0) {
        finish(
            sums,
            (to + i) * G1Vector.LIMBS,
            table,
            (base + Math.abs(digits[i])) * G1Vector.LIMBS,
            digits[i] < 0,
            i);
      }
    }
  }

  private void finish(long[] sums, int p, long[] table, int q, boolean negate, int i) {
    if (FQ.isZero(table, q + Y)) {
      return;
    }
    long[] qy = table;
    int qyAt = q + Y;
    if (negate) {
      FQ.negate(table, q + Y, negated, 0);
      qy = negated;
      qyAt = 0;
    }
    int slope = i * PrimeField.LIMBS;
    if (FQ.isZero(sums, p + Y)) {
      System.arraycopy(table, q, sums, p, PrimeField.LIMBS);
      System.arraycopy(qy, qyAt, sums, p + Y, PrimeField.LIMBS);
      return;
    }
    if (FQ.isZero(slopes, slope)) {
      FQ.clear(sums, p);
      FQ.clear(sums, p + Y);
      return;
    }
    if (FQ.equal(sums, p, table, q)) {
      FQ.square(sums, p, s, 0); // doubling: 3 x^2
      FQ.twice(s, 0, t, 0);
      FQ.add(s, 0, t, 0, s, 0);
    } else {
      FQ.sub(qy, qyAt, sums, p + Y, s, 0);
    }
    FQ.mul(slopes, slope, s, 0, slopes, slope);
    FQ.square(slopes, slope, s, 0);
    FQ.sub(s, 0, sums, p, s, 0);
    FQ.sub(s, 0, table, q, s, 0); // the new x
    FQ.sub(sums, p, s, 0, t, 0);
    FQ.mul(slopes, slope, t, 0, t, 0);
    FQ.sub(t, 0, sums, p + Y, sums, p + Y);
    System.arraycopy(s, 0, sums, p, PrimeField.LIMBS);
  }
}
