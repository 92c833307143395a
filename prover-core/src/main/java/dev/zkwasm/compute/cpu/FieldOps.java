package dev.zkwasm.compute.cpu;

/**
 * Bulk arithmetic on packed elements of one prime field, on the calling thread. Offsets and counts
 * are in elements; the destination may be an operand at the same offset.
 *
 * <p>Representation: {@link dev.zkwasm.field.PrimeField}.
 */
interface FieldOps {
  /** {@code d[i] = a[i] + b[i]}. */
  void add(long[] a, int ao, long[] b, int bo, long[] d, int to, int n);

  /** {@code d[i] = a[i] - b[i]}. */
  void sub(long[] a, int ao, long[] b, int bo, long[] d, int to, int n);

  /** {@code d[i] = a[i] * b[i]}. */
  void mul(long[] a, int ao, long[] b, int bo, long[] d, int to, int n);

  /** {@code d[i] = a[i] * c}, {@code c} one element. */
  void scale(long[] a, int ao, long[] c, int co, long[] d, int to, int n);

  /**
   * {@code d[i] = 1 / a[i]}, and 0 where that is 0.
   *
   * @return the number of zeros
   */
  int invert(long[] a, int ao, long[] d, int to, int n);

  /** {@code sum += a[0] b[0] + ... + a[n-1] b[n-1]}; {@code so} counts longs, not elements. */
  void sumOfProducts(long[] a, int ao, long[] b, int bo, int n, long[] sum, int so);

  /** {@code sum += a[0] + ... + a[n-1]}; {@code so} counts longs, not elements. */
  void addUp(long[] a, int ao, int n, long[] sum, int so);

  /**
   * Exclusive running sums that begin with one that is given: {@code d[i] = sum + a[0] + ... +
   * a[i-1]}, and {@link #addUp} in the end; {@code so} counts longs, not elements.
   */
  void prefixSum(long[] a, int ao, long[] d, int to, int n, long[] sum, int so);
}
