package dev.zkwasm.curve;

import dev.zkwasm.field.Fq;
import dev.zkwasm.field.PrimeField;

/**
 * An element {@code c0 + c1 u} of {@code Fq[u] / (u^2 + 1)}.
 *
 * @param c0 the real part
 * @param c1 the imaginary part
 */
public record Fq2(Fq c0, Fq c1) {
  /** Bytes of {@link #toBytes()}. */
  public static final int BYTES = 2 * PrimeField.BYTES;

  /** Zero. */
  public static final Fq2 ZERO = new Fq2(Fq.ZERO, Fq.ZERO);

  /** One. */
  public static final Fq2 ONE = new Fq2(Fq.ONE, Fq.ZERO);

  /** {@code 9 + u}, neither a square nor a cube: the tower and the twist are built on it. */
  public static final Fq2 XI = new Fq2(Fq.of(9), Fq.ONE);

  /** {@code this + o}. */
  public Fq2 add(Fq2 o) {
    return new Fq2(c0.add(o.c0), c1.add(o.c1));
  }

  /** {@code this - o}. */
  public Fq2 sub(Fq2 o) {
    return new Fq2(c0.sub(o.c0), c1.sub(o.c1));
  }

  /** {@code -this}. */
  public Fq2 negate() {
    return new Fq2(c0.negate(), c1.negate());
  }

  /** {@code 2 this}. */
  public Fq2 twice() {
    return new Fq2(c0.twice(), c1.twice());
  }

  /** {@code this * o}. */
  public Fq2 mul(Fq2 o) {
    Fq v0 = c0.mul(o.c0);
    Fq v1 = c1.mul(o.c1);
    return new Fq2(v0.sub(v1), c0.add(c1).mul(o.c0.add(o.c1)).sub(v0).sub(v1));
  }

  /** {@code this * s}. */
  public Fq2 mul(Fq s) {
    return new Fq2(c0.mul(s), c1.mul(s));
  }

  /** {@code this * XI}. */
  public Fq2 mulByXi() {
    return new Fq2(nineTimes(c0).sub(c1), nineTimes(c1).add(c0));
  }

  private static Fq nineTimes(Fq a) {
    return a.twice().twice().twice().add(a);
  }

  /** {@code this^2}. */
  public Fq2 square() {
    return new Fq2(c0.add(c1).mul(c0.sub(c1)), c0.mul(c1).twice());
  }

  /** {@code c0 - c1 u}, which is also {@code this^q}. */
  public Fq2 conjugate() {
    return new Fq2(c0, c1.negate());
  }

  /**
   * {@code 1 / this}.
   *
   * @throws ArithmeticException if this is zero
   */
  public Fq2 inverse() {
    Fq i = c0.square().add(c1.square()).inverse();
    return new Fq2(c0.mul(i), c1.mul(i).negate());
  }

  /** Whether this is zero. */
  public boolean isZero() {
    return c0.isZero() && c1.isZero();
  }

  /**
   * 64 bytes: the imaginary part, then the real part, each 32 bytes big-endian (the order of
   * EIP-197).
   */
  public byte[] toBytes() {
    byte[] out = new byte[BYTES];
    System.arraycopy(c1.toBytes(), 0, out, 0, PrimeField.BYTES);
    System.arraycopy(c0.toBytes(), 0, out, PrimeField.BYTES, PrimeField.BYTES);
    return out;
  }

  /**
   * Reads {@link #toBytes()}.
   *
   * @throws IllegalArgumentException if the bytes are too few or a part is not canonical
   */
  public static Fq2 fromBytes(byte[] in, int offset) {
    Fq imaginary = Fq.fromBytes(in, offset);
    return new Fq2(Fq.fromBytes(in, offset + PrimeField.BYTES), imaginary);
  }

  @Override
  public String toString() {
    return c0 + " + " + c1 + " u";
  }
}
