package dev.zkwasm.field;

import java.util.Arrays;
import java.util.Objects;

/**
 * A mutable vector of {@link Fr} elements, packed for bulk work: four {@code long}s per element,
 * representation as in {@link PrimeField}. Element {@code i} occupies {@code limbs()[4 i .. 4 i +
 * 3]}.
 */
public final class FrVector {
  private final long[] limbs;

  private FrVector(long[] limbs) {
    this.limbs = limbs;
  }

  /**
   * {@code size} zeros.
   *
   * @throws IllegalArgumentException if the size is negative or more than an array can hold
   */
  public FrVector(int size) {
    if (size < 0 || size > Integer.MAX_VALUE / PrimeField.LIMBS) {
      throw new IllegalArgumentException("vector size " + size);
    }
    this.limbs = new long[size * PrimeField.LIMBS];
  }

  /**
   * A view, not a copy, of packed limbs, whose length must be a multiple of four and whose elements
   * are trusted canonical.
   */
  public static FrVector wrap(long[] limbs) {
    if (limbs.length % PrimeField.LIMBS != 0) {
      throw new IllegalArgumentException(
          "packed length " + limbs.length + " is not a multiple of four");
    }
    return new FrVector(limbs);
  }

  /** A vector of the given elements. */
  public static FrVector of(Fr... elements) {
    FrVector v = new FrVector(elements.length);
    for (int i = 0; i < elements.length; i++) {
      v.set(i, elements[i]);
    }
    return v;
  }

  /** Number of elements. */
  public int size() {
    return limbs.length / PrimeField.LIMBS;
  }

  /** Element {@code i}. */
  public Fr get(int i) {
    Objects.checkIndex(i, size());
    return Fr.load(limbs, i * PrimeField.LIMBS);
  }

  /** Replaces element {@code i}. */
  public void set(int i, Fr value) {
    Objects.checkIndex(i, size());
    value.store(limbs, i * PrimeField.LIMBS);
  }

  /** The backing array itself, for bulk code. */
  public long[] limbs() {
    return limbs;
  }

  /** A copy of elements {@code from} (inclusive) to {@code to} (exclusive). */
  public FrVector slice(int from, int to) {
    Objects.checkFromToIndex(from, to, size());
    return new FrVector(Arrays.copyOfRange(limbs, from * PrimeField.LIMBS, to * PrimeField.LIMBS));
  }
}
