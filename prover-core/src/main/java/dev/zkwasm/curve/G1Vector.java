package dev.zkwasm.curve;

import dev.zkwasm.field.Fq;
import dev.zkwasm.field.PrimeField;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A mutable vector of affine {@link G1} points, packed for bulk work: eight {@code long}s per
 * point, x then y, each in the representation of {@link PrimeField} (Montgomery form, canonical).
 * Infinity is (0, 0). Point {@code i} occupies {@code limbs()[8 i .. 8 i + 7]}.
 */
public final class G1Vector {
  /** Number of {@code long}s of a point. */
  public static final int LIMBS = 2 * PrimeField.LIMBS;

  private final long[] limbs;

  private G1Vector(long[] limbs) {
    this.limbs = limbs;
  }

  /**
   * {@code size} points at infinity.
   *
   * @throws IllegalArgumentException if the size is negative or more than an array can hold
   */
  public G1Vector(int size) {
    if (size < 0 || size > Integer.MAX_VALUE / LIMBS) {
      throw new IllegalArgumentException("vector size " + size);
    }
    this.limbs = new long[size * LIMBS];
  }

  /**
   * A view, not a copy, of packed limbs, whose length must be a multiple of eight and whose points
   * are trusted to be canonical and on the curve.
   */
  public static G1Vector wrap(long[] limbs) {
    if (limbs.length % LIMBS != 0) {
      throw new IllegalArgumentException(
          "packed length " + limbs.length + " is not a multiple of eight");
    }
    return new G1Vector(limbs);
  }

  /** A vector of the given points. */
  public static G1Vector of(List<G1> points) {
    G1Vector v = new G1Vector(points.size());
    for (int i = 0; i < points.size(); i++) {
      v.set(i, points.get(i));
    }
    return v;
  }

  /** Number of points. */
  public int size() {
    return limbs.length / LIMBS;
  }

  /** Point {@code i}. */
  public G1 get(int i) {
    Objects.checkIndex(i, size());
    return G1.trusted(Fq.load(limbs, i * LIMBS), Fq.load(limbs, i * LIMBS + PrimeField.LIMBS));
  }

  /** Replaces point {@code i}. */
  public void set(int i, G1 point) {
    Objects.checkIndex(i, size());
    point.x().store(limbs, i * LIMBS);
    point.y().store(limbs, i * LIMBS + PrimeField.LIMBS);
  }

  /** Whether point {@code i} is infinity. */
  public boolean isInfinity(int i) {
    Objects.checkIndex(i, size());
    return PrimeField.FQ.isZero(limbs, i * LIMBS + PrimeField.LIMBS);
  }

  /**
   * Whether the coordinates of point {@code i} are canonical, and it is on the curve or infinity.
   */
  public boolean isValid(int i) {
    Objects.checkIndex(i, size());
    if (!PrimeField.FQ.isCanonical(limbs, i * LIMBS)
        || !PrimeField.FQ.isCanonical(limbs, i * LIMBS + PrimeField.LIMBS)) {
      return false;
    }
    G1 point = get(i);
    return point.equals(G1.INFINITY) || point.isOnCurve();
  }

  /** Replaces point {@code i} by point {@code j} of another vector, or by its negative. */
  void copySigned(int i, G1Vector source, int j, boolean negate) {
    int from = j * LIMBS;
    int to = i * LIMBS;
    System.arraycopy(source.limbs, from, limbs, to, LIMBS);
    if (negate) {
      PrimeField.FQ.negate(limbs, to + PrimeField.LIMBS, limbs, to + PrimeField.LIMBS);
    }
  }

  /** The backing array itself, for bulk code. */
  public long[] limbs() {
    return limbs;
  }

  /** A copy of points {@code from} (inclusive) to {@code to} (exclusive). */
  public G1Vector slice(int from, int to) {
    Objects.checkFromToIndex(from, to, size());
    return new G1Vector(Arrays.copyOfRange(limbs, from * LIMBS, to * LIMBS));
  }
}
