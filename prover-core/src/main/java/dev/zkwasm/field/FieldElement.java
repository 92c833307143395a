package dev.zkwasm.field;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * An immutable element of one of the two BN254 prime fields.
 *
 * <p>Representation: see {@link PrimeField}; always canonical.
 *
 * @param <E> the element type itself
 */
public abstract sealed class FieldElement<E extends FieldElement<E>> permits Fr, Fq {
  /** Four limbs in Montgomery form; never written after construction. */
  final long[] limbs;

  FieldElement(long[] limbs) {
    this.limbs = limbs;
  }

  abstract PrimeField field();

  abstract E wrap(long[] limbs);

  /** {@code this + other}. */
  public final E add(E other) {
    long[] r = new long[PrimeField.LIMBS];
    field().add(limbs, 0, other.limbs, 0, r, 0);
    return wrap(r);
  }

  /** {@code this - other}. */
  public final E sub(E other) {
    long[] r = new long[PrimeField.LIMBS];
    field().sub(limbs, 0, other.limbs, 0, r, 0);
    return wrap(r);
  }

  /** {@code this * other}. */
  public final E mul(E other) {
    long[] r = new long[PrimeField.LIMBS];
    field().mul(limbs, 0, other.limbs, 0, r, 0);
    return wrap(r);
  }

  /** {@code this^2}. */
  public final E square() {
    long[] r = new long[PrimeField.LIMBS];
    field().square(limbs, 0, r, 0);
    return wrap(r);
  }

  /** {@code 2 * this}. */
  public final E twice() {
    long[] r = new long[PrimeField.LIMBS];
    field().twice(limbs, 0, r, 0);
    return wrap(r);
  }

  /** {@code -this}. */
  public final E negate() {
    long[] r = new long[PrimeField.LIMBS];
    field().negate(limbs, 0, r, 0);
    return wrap(r);
  }

  /**
   * {@code 1 / this}.
   *
   * @throws ArithmeticException if this is zero
   */
  public final E inverse() {
    long[] r = new long[PrimeField.LIMBS];
    field().inverse(limbs, 0, r, 0);
    return wrap(r);
  }

  /**
   * {@code this^exponent}; anything to the zero is one.
   *
   * @throws IllegalArgumentException if the exponent is negative
   */
  public final E pow(BigInteger exponent) {
    long[] r = new long[PrimeField.LIMBS];
    field().pow(limbs, 0, exponent, r, 0);
    return wrap(r);
  }

  /**
   * {@code this^exponent}; anything to the zero is one.
   *
   * @throws IllegalArgumentException if the exponent is negative
   */
  public final E pow(long exponent) {
    return pow(BigInteger.valueOf(exponent));
  }

  /** Whether this is zero. */
  public final boolean isZero() {
    return field().isZero(limbs, 0);
  }

  /** Whether this is one. */
  public final boolean isOne() {
    long[] one = new long[PrimeField.LIMBS];
    field().setOne(one, 0);
    return field().equal(limbs, 0, one, 0);
  }

  /** The value in {@code [0, p)}. */
  public final BigInteger toBigInteger() {
    return field().toBigInteger(limbs, 0);
  }

  /** The value as 32 bytes, big-endian, canonical, not in Montgomery form. */
  public final byte[] toBytes() {
    byte[] out = new byte[PrimeField.BYTES];
    field().toBytes(limbs, 0, out, 0);
    return out;
  }

  /** Writes the four Montgomery limbs to {@code destination[offset..offset+3]}. */
  public final void store(long[] destination, int offset) {
    System.arraycopy(limbs, 0, destination, offset, PrimeField.LIMBS);
  }

  @Override
  public final boolean equals(Object other) {
    // Representation is canonical, and Fr and Fq are different types.
    return other instanceof FieldElement<?> e
        && e.getClass() == getClass()
        && Arrays.equals(limbs, e.limbs);
  }

  @Override
  public final int hashCode() {
    return Arrays.hashCode(limbs);
  }

  /** The value in decimal. */
  @Override
  public final String toString() {
    return toBigInteger().toString();
  }

  static long[] encode(PrimeField field, BigInteger value) {
    long[] r = new long[PrimeField.LIMBS];
    field.set(value, r, 0);
    return r;
  }

  static long[] encode(PrimeField field, long value) {
    long[] r = new long[PrimeField.LIMBS];
    // |Long.MIN_VALUE| read as unsigned is 2^63, as it should be.
    r[0] = Math.abs(value);
    field.toMontgomery(r, 0, r, 0);
    if (value < 0) {
      field.negate(r, 0, r, 0);
    }
    return r;
  }

  static long[] encodeUnsigned(PrimeField field, long value) {
    long[] r = new long[PrimeField.LIMBS];
    r[0] = value;
    field.toMontgomery(r, 0, r, 0);
    return r;
  }

  static long[] decode(PrimeField field, byte[] in, int offset) {
    long[] r = new long[PrimeField.LIMBS];
    field.fromBytes(in, offset, r, 0);
    return r;
  }
}
