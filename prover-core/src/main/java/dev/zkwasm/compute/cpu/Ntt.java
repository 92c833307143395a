package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.Fr;

/** Transforms between coefficients and values on a coset of a subgroup, packed, natural order. */
interface Ntt {
  /**
   * {@code x[i] = f(shift omega^i)}, in place, f given by its {@code 2^log} coefficients x.
   *
   * @param shift not zero
   */
  void forward(long[] x, int log, Fr shift);

  /**
   * The inverse of {@link #forward}.
   *
   * @param shift not zero
   */
  void inverse(long[] x, int log, Fr shift);
}
