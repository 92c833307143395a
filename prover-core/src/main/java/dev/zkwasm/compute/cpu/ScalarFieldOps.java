package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.PrimeField;

/** {@link FieldOps}, one element after the other. */
final class ScalarFieldOps implements FieldOps {
  /** Elements that share an inversion: enough to make it cheap, few enough for the cache. */
  private static final int INVERSION_BLOCK = 2048;

  private final PrimeField field;

  ScalarFieldOps(PrimeField field) {
    this.field = field;
  }

  @Override
  public void add(long[] a, int ao, long[] b, int bo, long[] d, int to, int n) {
    for (int i = 0; i < n; i++) {
      field.add(a, 4 * (ao + i), b, 4 * (bo + i), d, 4 * (to + i));
    }
  }

  @Override
  public void sub(long[] a, int ao, long[] b, int bo, long[] d, int to, int n) {
    for (int i = 0; i < n; i++) {
      field.sub(a, 4 * (ao + i), b, 4 * (bo + i), d, 4 * (to + i));
    }
  }

  @Override
  public void mul(long[] a, int ao, long[] b, int bo, long[] d, int to, int n) {
    for (int i = 0; i < n; i++) {
      field.mul(a, 4 * (ao + i), b, 4 * (bo + i), d, 4 * (to + i));
    }
  }

  @Override
  public void scale(long[] a, int ao, long[] c, int co, long[] d, int to, int n) {
    for (int i = 0; i < n; i++) {
      field.mul(a, 4 * (ao + i), c, 4 * co, d, 4 * (to + i));
    }
  }

  @Override
  public void sumOfProducts(long[] a, int ao, long[] b, int bo, int n, long[] sum, int so) {
    long[] product = new long[PrimeField.LIMBS];
    for (int i = 0; i < n; i++) {
      field.mul(a, 4 * (ao + i), b, 4 * (bo + i), product, 0);
      field.add(sum, so, product, 0, sum, so);
    }
  }

  @Override
  public void addUp(long[] a, int ao, int n, long[] sum, int so) {
    for (int i = 0; i < n; i++) {
      field.add(sum, so, a, 4 * (ao + i), sum, so);
    }
  }

  @Override
  public void prefixSum(long[] a, int ao, long[] d, int to, int n, long[] sum, int so) {
    long[] x = new long[PrimeField.LIMBS];
    for (int i = 0; i < n; i++) {
      System.arraycopy(a, 4 * (ao + i), x, 0, 4);
      System.arraycopy(sum, so, d, 4 * (to + i), 4);
      field.add(sum, so, x, 0, sum, so);
    }
  }

  @Override
  public int invert(long[] a, int ao, long[] d, int to, int n) {
    System.arraycopy(a, 4 * ao, d, 4 * to, 4 * n);
    int zeros = 0;
    for (int i = 0; i < n; i++) {
      if (field.isZero(d, 4 * (to + i))) {
        zeros++;
      }
    }
    for (int i = 0; i < n; i += INVERSION_BLOCK) {
      field.batchInverse(d, 4 * (to + i), Math.min(INVERSION_BLOCK, n - i));
    }
    return zeros;
  }
}
