package dev.zkwasm.field;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;

/**
 * An immutable element of the base field of BN254, over which the curve is defined.
 *
 * <p>Representation: Montgomery form, four little-endian limbs, canonical; see {@link PrimeField}.
 */
public final class Fq extends FieldElement<Fq> {
  /** The prime, {@code q}. */
  public static final BigInteger MODULUS = PrimeField.FQ.modulus();

  /** Zero. */
  public static final Fq ZERO = of(0);

  /** One. */
  public static final Fq ONE = of(1);

  /** To this power, a square is one of its roots: {@code q = 3 mod 4}. */
  static final BigInteger SQRT_EXPONENT = MODULUS.add(BigInteger.ONE).shiftRight(2);

  private Fq(long[] limbs) {
    super(limbs);
  }

  /** The element of a signed integer: {@code -1} is {@code p - 1}. */
  public static Fq of(long value) {
    return new Fq(encode(PrimeField.FQ, value));
  }

  /** The element of an integer read as unsigned. */
  public static Fq ofUnsigned(long value) {
    return new Fq(encodeUnsigned(PrimeField.FQ, value));
  }

  /** The element of an integer of any size and sign, reduced. */
  public static Fq of(BigInteger value) {
    return new Fq(encode(PrimeField.FQ, value));
  }

  /**
   * Reads 32 big-endian bytes.
   *
   * @throws IllegalArgumentException if the bytes are too few, or the number is not less than the
   *     prime
   */
  public static Fq fromBytes(byte[] bytes, int offset) {
    return new Fq(decode(PrimeField.FQ, bytes, offset));
  }

  /**
   * The element whose Montgomery limbs are {@code limbs[offset..offset+3]}, trusted to be
   * canonical.
   */
  public static Fq load(long[] limbs, int offset) {
    return new Fq(Arrays.copyOfRange(limbs, offset, offset + PrimeField.LIMBS));
  }

  /** A square root if there is one; which of the two is not specified. */
  public Optional<Fq> sqrt() {
    Fq root = pow(SQRT_EXPONENT);
    return root.square().equals(this) ? Optional.of(root) : Optional.empty();
  }

  /** Whether the value in {@code [0, q)} is odd. */
  public boolean isOdd() {
    long[] plain = new long[PrimeField.LIMBS];
    PrimeField.FQ.fromMontgomery(limbs, 0, plain, 0);
    return (plain[0] & 1) != 0;
  }

  @Override
  PrimeField field() {
    return PrimeField.FQ;
  }

  @Override
  Fq wrap(long[] limbs) {
    return new Fq(limbs);
  }
}
