package dev.zkwasm.curve;

import dev.zkwasm.field.Fq;
import java.math.BigInteger;

/**
 * An element {@code c0 + c1 w} of {@code Fq6[w] / (w^2 - v)}, so {@code w^6 = XI}; the pairing
 * takes its values here.
 *
 * @param c0 coefficient of 1
 * @param c1 coefficient of w
 */
record Fq12(Fq6 c0, Fq6 c1) {
  static final Fq12 ONE = new Fq12(Fq6.ONE, Fq6.ZERO);

  /** {@code FROBENIUS[i] = XI^(i (q-1)/6) = w^(i (q-1))}. */
  static final Fq2[] FROBENIUS = frobeniusCoefficients();

  Fq12 mul(Fq12 o) {
    Fq6 v0 = c0.mul(o.c0);
    Fq6 v1 = c1.mul(o.c1);
    return new Fq12(v0.add(v1.mulByV()), c0.add(c1).mul(o.c0.add(o.c1)).sub(v0).sub(v1));
  }

  /** {@code this * (1 + (a + b v) w)}, the shape of a line of the Miller loop. */
  Fq12 mulByLine(Fq2 a, Fq2 b) {
    return new Fq12(c0.add(c1.mulSparse(a, b).mulByV()), c1.add(c0.mulSparse(a, b)));
  }

  Fq12 square() {
    Fq6 v = c0.mul(c1);
    return new Fq12(c0.add(c1).mul(c0.add(c1.mulByV())).sub(v).sub(v.mulByV()), v.add(v));
  }

  /**
   * {@code this^2} for an element of the cyclotomic subgroup, that is after the easy part of the
   * final exponentiation (Granger and Scott 2010): three squarings in {@code Fq4 = Fq2[s] / (s^2 -
   * XI)}.
   */
  Fq12 cyclotomicSquare() {
    Fq2[] a = squareFq4(c0.c0(), c1.c1());
    Fq2[] b = squareFq4(c1.c0(), c0.c2());
    Fq2[] c = squareFq4(c0.c1(), c1.c2());
    return new Fq12(
        new Fq6(
            threeMinusTwo(a[0], c0.c0()),
            threeMinusTwo(b[0], c0.c1()),
            threeMinusTwo(c[0], c0.c2())),
        new Fq6(
            threePlusTwo(c[1].mulByXi(), c1.c0()),
            threePlusTwo(a[1], c1.c1()),
            threePlusTwo(b[1], c1.c2())));
  }

  private static Fq2[] squareFq4(Fq2 x, Fq2 y) {
    Fq2 xx = x.square();
    Fq2 yy = y.square();
    return new Fq2[] {xx.add(yy.mulByXi()), x.add(y).square().sub(xx).sub(yy)};
  }

  private static Fq2 threeMinusTwo(Fq2 t, Fq2 x) {
    return t.sub(x).twice().add(t);
  }

  private static Fq2 threePlusTwo(Fq2 t, Fq2 x) {
    return t.add(x).twice().add(t);
  }

  /** {@code c0 - c1 w}, which is {@code this^(q^6)}, and the inverse in the cyclotomic subgroup. */
  Fq12 conjugate() {
    return new Fq12(c0, c1.negate());
  }

  /**
   * {@code this^q}: conjugate each coefficient of {@code w^i} and multiply it by {@code w^(i
   * (q-1))}.
   */
  Fq12 frobenius() {
    return new Fq12(
        new Fq6(
            c0.c0().conjugate(),
            c0.c1().conjugate().mul(FROBENIUS[2]),
            c0.c2().conjugate().mul(FROBENIUS[4])),
        new Fq6(
            c1.c0().conjugate().mul(FROBENIUS[1]),
            c1.c1().conjugate().mul(FROBENIUS[3]),
            c1.c2().conjugate().mul(FROBENIUS[5])));
  }

  Fq12 inverse() {
    Fq6 i = c0.mul(c0).sub(c1.mul(c1).mulByV()).inverse();
    return new Fq12(c0.mul(i), c1.mul(i).negate());
  }

  boolean isOne() {
    return equals(ONE);
  }

  private static Fq2[] frobeniusCoefficients() {
    BigInteger exponent = Fq.MODULUS.subtract(BigInteger.ONE).divide(BigInteger.valueOf(6));
    Fq2 power = Fq2.ONE;
    for (int i = exponent.bitLength() - 1; i >= 0; i--) {
      power = power.square();
      if (exponent.testBit(i)) {
        power = power.mul(Fq2.XI);
      }
    }
    Fq2[] coefficients = new Fq2[6];
    coefficients[0] = Fq2.ONE;
    for (int i = 1; i < coefficients.length; i++) {
      coefficients[i] = coefficients[i - 1].mul(power);
    }
    return coefficients;
  }
}
