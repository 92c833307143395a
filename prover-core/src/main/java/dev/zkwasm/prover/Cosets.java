package dev.zkwasm.prover;

import dev.zkwasm.air.Air;
import dev.zkwasm.field.Fr;
import dev.zkwasm.poly.Domain;

/**
 * Where the quotient of the constraints of a height N is computed. With columns of up to {@code N +
 * 4} coefficients the constraints, of degree {@value Air#MAX_DEGREE} in them, are divided by {@code
 * X^N - 1}:
 *
 * <pre>q(X) = p_0(X) + X^N p_1(X) + X^(2N) p_2(X) + X^(3N) t(X)</pre>
 *
 * with p_k of N coefficients and a tail t of {@link #TAIL}. Three cosets {@code g_j H_N} determine
 * the p_k when t is known, which follows from the leading coefficients of the columns alone ({@link
 * LeadingTerms}): a fourth coset would cost a third more.
 *
 * @param log of N
 */
record Cosets(int log) {
  /** Number of cosets, and of pieces p_k. */
  static final int COUNT = Air.MAX_DEGREE - 1;

  /** Number of coefficients from {@code X^(3N)} on; less than the smallest height. */
  static final int TAIL = Air.MAX_DEGREE * (Blinding.PAIR - 1) + 1;

  private static final int LOG_COSETS = 2;

  /** {@code g_j}: in no subgroup of order N, and no two in the same coset of one. */
  Fr shift(int j) {
    return Fr.GENERATOR.mul(Fr.rootOfUnity(log + LOG_COSETS).pow(j));
  }

  /** {@code g_j^N}, what {@code X^N} is on coset j. */
  Fr power(int j) {
    return vanishing(j).add(Fr.ONE);
  }

  /** {@code g_j^N - 1}, what {@code X^N - 1} is on coset j. */
  Fr vanishing(int j) {
    return Domain.ofLogSize(log).vanishing(shift(j));
  }

  /**
   * The coefficient of {@code Y^k} in the polynomial of degree below three that is 1 at {@code
   * g_j^N} and 0 at the other two.
   */
  Fr interpolation(int k, int j) {
    Fr y = power(j);
    Fr a = power((j + 1) % COUNT);
    Fr b = power((j + 2) % COUNT);
    Fr numerator =
        switch (k) {
          case 0 -> a.mul(b);
          case 1 -> a.add(b).negate();
          case 2 -> Fr.ONE;
          default -> throw new IndexOutOfBoundsException("coefficient " + k);
        };
    return numerator.mul(y.sub(a).mul(y.sub(b)).inverse());
  }
}
