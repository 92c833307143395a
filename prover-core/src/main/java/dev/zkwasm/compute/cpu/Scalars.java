package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.PrimeField;
import dev.zkwasm.poly.TypedVector;

/** The scalars of a multi-scalar multiplication, as numbers. */
sealed interface Scalars {
  /** Number of scalars. */
  int size();

  /** All are below {@code 2^bitLength()}. */
  int bitLength();

  /** Cuts them into windows of so many bits. */
  Digits digits(int width);

  /**
   * Integers of at most 64 bits.
   *
   * @param values the integers
   */
  record Small(TypedVector.Integers values) implements Scalars {
    @Override
    public int size() {
      return values.size();
    }

    @Override
    public int bitLength() {
      return values.bitLength();
    }

    @Override
    public Digits digits(int width) {
      return Digits.of(values, width);
    }
  }

  /**
   * Field elements, good for {@link #digits} once: it changes them.
   *
   * @param limbs four each, not in Montgomery form, canonical
   */
  record Full(long[] limbs) implements Scalars {
    @Override
    public int size() {
      return limbs.length / PrimeField.LIMBS;
    }

    @Override
    public int bitLength() {
      return PrimeField.FR.modulus().bitLength();
    }

    @Override
    public Digits digits(int width) {
      return Digits.of(limbs, bitLength(), width);
    }
  }
}
