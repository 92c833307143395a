package dev.zkwasm.curve;

import dev.zkwasm.field.Fq;
import dev.zkwasm.field.Fr;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * An immutable affine point of BN254's second group: the subgroup of order {@code r} of the sextic
 * twist {@code y^2 = x^3 + 3 / (9 + u)} over {@link Fq2}. The twist has a large cofactor; every
 * value of this type has passed the subgroup check.
 */
public final class G2 {
  /** Bytes of {@link #toBytes()}. */
  public static final int BYTES = 2 * Fq2.BYTES;

  /** The neutral element. Its coordinates, by convention, are (0, 0), which is not on the curve. */
  public static final G2 INFINITY = new G2(Fq2.ZERO, Fq2.ZERO);

  /** The generator of EIP-197. */
  public static final G2 GENERATOR =
      new G2(
          fq2(
              "10857046999023057135944570762232829481370756359578518086990519993285655852781",
              "11559732032986387107991004021392285783925812861821192530917403151452391805634"),
          fq2(
              "8495653923123431417604973247489272438418190587263600148770280649306958101930",
              "4082367875863433681332203403145435568316851327593401208105741076214120093531"));

  private static final Fq2 B = Fq2.XI.inverse().mul(Fq.of(3));

  private final Fq2 x;
  private final Fq2 y;

  private G2(Fq2 x, Fq2 y) {
    this.x = x;
    this.y = y;
  }

  /**
   * The point with these coordinates; (0, 0) is {@link #INFINITY}.
   *
   * @throws IllegalArgumentException if the point is not on the twist, or not in the subgroup of
   *     order r
   */
  public static G2 of(Fq2 x, Fq2 y) {
    if (x.isZero() && y.isZero()) {
      return INFINITY;
    }
    if (!y.square().equals(x.square().mul(x).add(B))) {
      throw new IllegalArgumentException("not on the twist: (" + x + ", " + y + ")");
    }
    G2 point = new G2(x, y);
    if (!point.times(Fr.MODULUS).isInfinity()) {
      throw new IllegalArgumentException(
          "on the twist but not in the subgroup: (" + x + ", " + y + ")");
    }
    return point;
  }

  /** The affine x, zero for infinity. */
  public Fq2 x() {
    return x;
  }

  /** The affine y, zero for infinity. */
  public Fq2 y() {
    return y;
  }

  /** Whether this is the neutral element. */
  public boolean isInfinity() {
    return x.isZero() && y.isZero();
  }

  /** {@code this + other}. */
  public G2 add(G2 other) {
    return Xyzz.INFINITY.add(this).add(other).toAffine();
  }

  /** {@code -this}. */
  public G2 negate() {
    return new G2(x, y.negate());
  }

  /** {@code scalar * this}. */
  public G2 mul(Fr scalar) {
    return times(scalar.toBigInteger());
  }

  private G2 times(BigInteger scalar) {
    Xyzz sum = Xyzz.INFINITY;
    for (int i = scalar.bitLength() - 1; i >= 0; i--) {
      sum = sum.twice();
      if (scalar.testBit(i)) {
        sum = sum.add(this);
      }
    }
    return sum.toAffine();
  }

  /**
   * 128 bytes, the form of EIP-197: x then y, each imaginary part first, big-endian; zeros for
   * infinity.
   */
  public byte[] toBytes() {
    byte[] out = Arrays.copyOf(x.toBytes(), BYTES);
    System.arraycopy(y.toBytes(), 0, out, Fq2.BYTES, Fq2.BYTES);
    return out;
  }

  /**
   * Reads {@link #toBytes()}.
   *
   * @throws IllegalArgumentException if the bytes are too few, a coordinate is not canonical, or
   *     {@link #of} refuses the point
   */
  public static G2 fromBytes(byte[] bytes, int offset) {
    return of(Fq2.fromBytes(bytes, offset), Fq2.fromBytes(bytes, offset + Fq2.BYTES));
  }

  private static Fq2 fq2(String real, String imaginary) {
    return new Fq2(Fq.of(new BigInteger(real)), Fq.of(new BigInteger(imaginary)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof G2 p && x.equals(p.x) && y.equals(p.y);
  }

  @Override
  public int hashCode() {
    return 31 * x.hashCode() + y.hashCode();
  }

  @Override
  public String toString() {
    return isInfinity() ? "infinity" : "(" + x + ", " + y + ")";
  }

  /**
   * {@code x = X / ZZ, y = Y / ZZZ}, infinity has {@code ZZ = 0}; formulas as in {@link
   * G1Accumulator}. The subgroup check doubles points of unknown order, so {@code y = 0} is met by
   * the case distinction of {@code twice}.
   */
  private record Xyzz(Fq2 x, Fq2 y, Fq2 zz, Fq2 zzz) {
    static final Xyzz INFINITY = new Xyzz(Fq2.ONE, Fq2.ONE, Fq2.ZERO, Fq2.ZERO);

    Xyzz twice() {
      if (zz.isZero() || y.isZero()) {
        return INFINITY;
      }
      Fq2 u = y.twice();
      Fq2 v = u.square();
      Fq2 w = u.mul(v);
      Fq2 s = x.mul(v);
      Fq2 xx = x.square();
      Fq2 m = xx.twice().add(xx);
      Fq2 x3 = m.square().sub(s.twice());
      return new Xyzz(x3, m.mul(s.sub(x3)).sub(w.mul(y)), v.mul(zz), w.mul(zzz));
    }

    Xyzz add(G2 p) {
      if (p.isInfinity()) {
        return this;
      }
      if (zz.isZero()) {
        return new Xyzz(p.x, p.y, Fq2.ONE, Fq2.ONE);
      }
      Fq2 d = p.x.mul(zz).sub(x);
      Fq2 r = p.y.mul(zzz).sub(y);
      if (d.isZero()) {
        return r.isZero() ? twice() : INFINITY;
      }
      Fq2 dd = d.square();
      Fq2 ddd = d.mul(dd);
      Fq2 q = x.mul(dd);
      Fq2 x3 = r.square().sub(ddd).sub(q.twice());
      return new Xyzz(x3, r.mul(q.sub(x3)).sub(y.mul(ddd)), zz.mul(dd), zzz.mul(ddd));
    }

    G2 toAffine() {
      if (zz.isZero()) {
        return G2.INFINITY;
      }
      Fq2 i = zzz.inverse();
      return new G2(x.mul(zz.mul(i).square()), y.mul(i));
    }
  }
}
