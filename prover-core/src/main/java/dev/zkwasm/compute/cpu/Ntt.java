package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.Fr;

/** Transforms between coefficients and values on a coset of a subgroup, packed, natural order. */
interface Ntt {
  /** A multiple of this many elements may be replaced at the start of a transform's input. */
  int HEAD = 8;

  /**
   * {@code x[i] = f(shift omega^i)}, f given by its {@code 2^log} coefficients.
   *
   * @param coefficients the coefficients, and perhaps more elements behind them; may be x
   * @param head instead of the first coefficients: a multiple of {@link #HEAD} elements, or none
   * @param x receives {@code 2^log} values
   * @param shift not zero
   */
  void forward(long[] coefficients, long[] head, long[] x, int log, Fr shift);

  /**
   * The inverse of {@link #forward}.
   *
   * @param values {@code 2^log} elements; may be x
   * @param x receives the coefficients
   * @param shift not zero
   */
  void inverse(long[] values, long[] x, int log, Fr shift);
}
