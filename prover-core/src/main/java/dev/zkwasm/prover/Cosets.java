package dev.zkwasm.prover;

import dev.zkwasm.air.Air;
import dev.zkwasm.field.Fr;
import dev.zkwasm.poly.Domain;

/**
 * Where the quotient of a height N is computed: the coset {@code g H_4N}, taken as four cosets of
 * H_N so that only one of them is in memory. Value {@code 4 i + j} of the whole is value i of coset
 * j. The quotient has at most {@code 3 N + 13} coefficients, and {@code 13 <= N}.
 */
record Cosets(int log) {
  /** Number of cosets. */
  static final int COUNT = Air.MAX_DEGREE;

  private static final int LOG_COUNT = 2;

  /** The shift g of the whole; not in any subgroup of a power of two. */
  static final Fr SHIFT = Fr.GENERATOR;

  /** Values in all. */
  int size() {
    return COUNT << log;
  }

  /** The shift of coset j. */
  Fr shift(int j) {
    return SHIFT.mul(Fr.rootOfUnity(log + LOG_COUNT).pow(j));
  }

  /** {@code 1 / (X^N - 1)}, constant on coset j. */
  Fr vanishingInverse(int j) {
    return Domain.ofLogSize(log).vanishing(shift(j)).inverse();
  }
}
