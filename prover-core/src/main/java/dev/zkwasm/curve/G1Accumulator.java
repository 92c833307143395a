package dev.zkwasm.curve;

import dev.zkwasm.field.Fq;
import dev.zkwasm.field.PrimeField;
import java.util.ArrayList;
import java.util.List;

/**
 * A mutable point of {@link G1} for running sums, in XYZZ coordinates: {@code x = X / ZZ}, {@code y
 * = Y / ZZZ}, {@code ZZ^3 = ZZZ^2}, and {@code ZZ = 0} for infinity. Formulas {@code madd-2008-s},
 * {@code add-2008-s} and {@code dbl-2008-s-1} of the Explicit-Formulas Database (Sutherland 2008),
 * complete here by case distinction.
 */
public final class G1Accumulator {
  private static final PrimeField FQ = PrimeField.FQ;
  private static final int X = 0;
  private static final int Y = 4;
  private static final int ZZ = 8;
  private static final int ZZZ = 12;
  // Scratch, so that a sum allocates nothing.
  private static final int T0 = 16;
  private static final int T1 = 20;
  private static final int T2 = 24;
  private static final int T3 = 28;
  private static final int T4 = 32;

  private final long[] s = new long[36];

  /** Infinity. */
  public G1Accumulator() {}

  /** Whether the sum is the neutral element. */
  public boolean isInfinity() {
    return FQ.isZero(s, ZZ);
  }

  /** Starts again at infinity. */
  public G1Accumulator clear() {
    FQ.clear(s, ZZ);
    return this;
  }

  /** Adds an affine point. */
  public G1Accumulator add(G1 point) {
    point.x().store(s, T0);
    point.y().store(s, T1);
    return addAffine(s, T0);
  }

  /** Adds element {@code i} of a vector. */
  public G1Accumulator add(G1Vector points, int i) {
    return addAffine(points.limbs(), Math.multiplyExact(i, G1Vector.LIMBS));
  }

  /** Subtracts element {@code i} of a vector. */
  public G1Accumulator sub(G1Vector points, int i) {
    int at = Math.multiplyExact(i, G1Vector.LIMBS);
    System.arraycopy(points.limbs(), at, s, T0, PrimeField.LIMBS);
    FQ.negate(points.limbs(), at + PrimeField.LIMBS, s, T1);
    return addAffine(s, T0);
  }

  /** Adds the affine point packed at {@code p[at..at+7]}, which may be the scratch at T0. */
  private G1Accumulator addAffine(long[] p, int at) {
    int px = at;
    int py = at + PrimeField.LIMBS;
    if (FQ.isZero(p, py)) {
      return this;
    }
    if (isInfinity()) {
      System.arraycopy(p, px, s, X, 2 * PrimeField.LIMBS);
      FQ.setOne(s, ZZ);
      FQ.setOne(s, ZZZ);
      return this;
    }
    FQ.mul(p, px, s, ZZ, s, T2);
    FQ.mul(p, py, s, ZZZ, s, T3);
    FQ.sub(s, T2, s, X, s, T0); // P; the packed point is not needed any more
    FQ.sub(s, T3, s, Y, s, T1); // R
    if (FQ.isZero(s, T0)) {
      return FQ.isZero(s, T1) ? twice() : clear();
    }
    return addDifference();
  }

  /** Adds another sum. */
  public G1Accumulator add(G1Accumulator other) {
    long[] o = other.s;
    if (other.isInfinity()) {
      return this;
    }
    if (isInfinity()) {
      System.arraycopy(o, X, s, X, T0);
      return this;
    }
    FQ.mul(o, X, s, ZZ, s, T2);
    FQ.mul(o, Y, s, ZZZ, s, T3);
    FQ.mul(s, X, o, ZZ, s, T4); // U1
    FQ.sub(s, T2, s, T4, s, T0); // P
    FQ.mul(s, Y, o, ZZZ, s, T2); // S1
    FQ.sub(s, T3, s, T2, s, T1); // R
    if (FQ.isZero(s, T0)) {
      return FQ.isZero(s, T1) ? twice() : clear();
    }
    System.arraycopy(s, T4, s, X, PrimeField.LIMBS);
    System.arraycopy(s, T2, s, Y, PrimeField.LIMBS);
    FQ.mul(s, ZZ, o, ZZ, s, ZZ);
    FQ.mul(s, ZZZ, o, ZZZ, s, ZZZ);
    return addDifference();
  }

  /**
   * The common end of both additions: P at T0 (not zero), R at T1, U1 at X, S1 at Y, and the
   * product of the denominators in place.
   */
  private G1Accumulator addDifference() {
    FQ.square(s, T0, s, T2); // PP
    FQ.mul(s, T0, s, T2, s, T0); // PPP
    FQ.mul(s, ZZ, s, T2, s, ZZ);
    FQ.mul(s, ZZZ, s, T0, s, ZZZ);
    FQ.mul(s, X, s, T2, s, T3); // Q
    FQ.square(s, T1, s, X);
    FQ.sub(s, X, s, T0, s, X);
    FQ.sub(s, X, s, T3, s, X);
    FQ.sub(s, X, s, T3, s, X);
    FQ.mul(s, Y, s, T0, s, T4);
    FQ.sub(s, T3, s, X, s, T3);
    FQ.mul(s, T1, s, T3, s, Y);
    FQ.sub(s, Y, s, T4, s, Y);
    return this;
  }

  /** Doubles the sum. */
  public G1Accumulator twice() {
    if (isInfinity()) {
      return this;
    }
    FQ.twice(s, Y, s, T0); // U
    FQ.square(s, T0, s, T1); // V
    FQ.mul(s, T0, s, T1, s, T0); // W
    FQ.mul(s, X, s, T1, s, T2); // S
    FQ.square(s, X, s, T3);
    FQ.twice(s, T3, s, T4);
    FQ.add(s, T3, s, T4, s, T3); // M
    FQ.square(s, T3, s, X);
    FQ.sub(s, X, s, T2, s, X);
    FQ.sub(s, X, s, T2, s, X);
    FQ.mul(s, T0, s, Y, s, T4);
    FQ.sub(s, T2, s, X, s, T2);
    FQ.mul(s, T3, s, T2, s, Y);
    FQ.sub(s, Y, s, T4, s, Y);
    FQ.mul(s, T1, s, ZZ, s, ZZ);
    FQ.mul(s, T0, s, ZZZ, s, ZZZ);
    return this;
  }

  /** The sum as an affine point. */
  public G1 toAffine() {
    if (isInfinity()) {
      return G1.INFINITY;
    }
    long[] inverse = new long[PrimeField.LIMBS];
    FQ.inverse(s, ZZZ, inverse, 0);
    return toAffine(inverse, 0);
  }

  /** The sums as affine points, with one inversion for all. */
  public static List<G1> toAffine(List<G1Accumulator> sums) {
    long[] inverses = new long[sums.size() * PrimeField.LIMBS];
    for (int i = 0; i < sums.size(); i++) {
      // Zero for infinity, which is left as it is.
      G1Accumulator sum = sums.get(i);
      if (!sum.isInfinity()) {
        System.arraycopy(sum.s, ZZZ, inverses, i * PrimeField.LIMBS, PrimeField.LIMBS);
      }
    }
    FQ.batchInverse(inverses, 0, sums.size());
    List<G1> points = new ArrayList<>(sums.size());
    for (int i = 0; i < sums.size(); i++) {
      G1Accumulator sum = sums.get(i);
      points.add(sum.isInfinity() ? G1.INFINITY : sum.toAffine(inverses, i * PrimeField.LIMBS));
    }
    return points;
  }

  /** The sum, which is not infinity, by {@code 1 / ZZZ} at {@code inverse[at..at+3]}. */
  private G1 toAffine(long[] inverse, int at) {
    long[] t = new long[2 * PrimeField.LIMBS];
    FQ.mul(s, ZZ, inverse, at, t, 4);
    FQ.square(t, 4, t, 4); // 1 / ZZ
    FQ.mul(s, X, t, 4, t, 4);
    FQ.mul(s, Y, inverse, at, t, 0);
    return G1.trusted(Fq.load(t, 4), Fq.load(t, 0));
  }
}
