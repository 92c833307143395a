package dev.zkwasm.field;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * An immutable element of the scalar field of BN254, the order of its groups.
 *
 * <p>Representation: Montgomery form, four little-endian limbs, canonical; see {@link PrimeField}.
 */
public final class Fr extends FieldElement<Fr> {
  /** The prime, {@code r}. */
  public static final BigInteger MODULUS = PrimeField.FR.modulus();

  /** Zero. */
  public static final Fr ZERO = of(0);

  /** One. */
  public static final Fr ONE = of(1);

  /** Generates the multiplicative group. */
  public static final Fr GENERATOR = of(5);

  /**
   * The multiplicative group has a subgroup of order {@code 2^TWO_ADICITY} and no larger power of
   * two.
   */
  public static final int TWO_ADICITY = 28;

  private static final Fr[] ROOTS = roots();

  private Fr(long[] limbs) {
    super(limbs);
  }

  /** The element of a signed integer: {@code -1} is {@code p - 1}. */
  public static Fr of(long value) {
    return new Fr(encode(PrimeField.FR, value));
  }

  /** The element of an integer read as unsigned. */
  public static Fr ofUnsigned(long value) {
    return new Fr(encodeUnsigned(PrimeField.FR, value));
  }

  /** The element of an integer of any size and sign, reduced. */
  public static Fr of(BigInteger value) {
    return new Fr(encode(PrimeField.FR, value));
  }

  /**
   * Reads 32 big-endian bytes.
   *
   * @throws IllegalArgumentException if the bytes are too few, or the number is not less than the
   *     prime
   */
  public static Fr fromBytes(byte[] bytes, int offset) {
    return new Fr(decode(PrimeField.FR, bytes, offset));
  }

  /**
   * The element whose Montgomery limbs are {@code limbs[offset..offset+3]}, trusted to be
   * canonical.
   */
  public static Fr load(long[] limbs, int offset) {
    return new Fr(Arrays.copyOfRange(limbs, offset, offset + PrimeField.LIMBS));
  }

  /**
   * The primitive root of unity of order {@code 2^logN} used throughout: {@code w_28 =
   * 5^((r-1)/2^28)}, and {@code rootOfUnity(k) = w_28^(2^(28-k))}.
   *
   * @throws IllegalArgumentException unless {@code 0 <= logN <= 28}
   */
  public static Fr rootOfUnity(int logN) {
    if (logN < 0 || logN > TWO_ADICITY) {
      throw new IllegalArgumentException("no subgroup of order 2^" + logN + " in Fr");
    }
    return ROOTS[logN];
  }

  private static Fr[] roots() {
    Fr[] roots = new Fr[TWO_ADICITY + 1];
    roots[TWO_ADICITY] = GENERATOR.pow(MODULUS.subtract(BigInteger.ONE).shiftRight(TWO_ADICITY));
    for (int k = TWO_ADICITY; k > 0; k--) {
      roots[k - 1] = roots[k].square();
    }
    return roots;
  }

  @Override
  PrimeField field() {
    return PrimeField.FR;
  }

  @Override
  Fr wrap(long[] limbs) {
    return new Fr(limbs);
  }
}
