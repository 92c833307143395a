package dev.zkwasm.curve;

import dev.zkwasm.field.FieldHints;
import dev.zkwasm.field.Fq;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An immutable affine point of BN254's first group, the curve {@code y^2 = x^3 + 3} over {@link
 * Fq}, of prime order {@code r}: the curve has cofactor one, so a point on the curve is in the
 * group.
 *
 * <p>Sums of many points belong in {@link G1Accumulator} or {@link G1Msm}: an operation here costs
 * an inversion.
 */
public final class G1 {
  /** Bytes of {@link #toCompressed()}. */
  public static final int COMPRESSED_BYTES = 32;

  /** Bytes of {@link #toUncompressed()}. */
  public static final int UNCOMPRESSED_BYTES = 64;

  /** The neutral element. Its coordinates, by convention, are (0, 0), which is not on the curve. */
  public static final G1 INFINITY = new G1(Fq.ZERO, Fq.ZERO);

  /** The generator (1, 2). */
  public static final G1 GENERATOR = new G1(Fq.ONE, Fq.of(2));

  private static final Fq B = Fq.of(3);
  private static final int FINITE_FLAG = 0x80;
  private static final int ODD_FLAG = 0x40;

  private final Fq x;
  private final Fq y;

  private G1(Fq x, Fq y) {
    this.x = x;
    this.y = y;
  }

  /**
   * The point with these coordinates; (0, 0) is {@link #INFINITY}.
   *
   * @throws IllegalArgumentException if the point is not on the curve
   */
  public static G1 of(Fq x, Fq y) {
    if (x.isZero() && y.isZero()) {
      return INFINITY;
    }
    G1 point = new G1(x, y);
    if (!point.isOnCurve()) {
      throw new IllegalArgumentException("not on the curve: (" + x + ", " + y + ")");
    }
    return point;
  }

  /** Whether the coordinates satisfy the equation; those of infinity do not. */
  boolean isOnCurve() {
    return y.square().equals(cubic(x));
  }

  /** {@code x^3 + 3}. */
  private static Fq cubic(Fq x) {
    return x.square().mul(x).add(B);
  }

  /** The point with these coordinates, trusted to be on the curve or (0, 0). */
  static G1 trusted(Fq x, Fq y) {
    return new G1(x, y);
  }

  /** The affine x, zero for infinity. */
  public Fq x() {
    return x;
  }

  /** The affine y, zero for infinity. */
  public Fq y() {
    return y;
  }

  /** Whether this is the neutral element. */
  public boolean isInfinity() {
    // No point of the curve has y = 0: the group order is odd.
    return y.isZero();
  }

  /** {@code this + other}. */
  public G1 add(G1 other) {
    return new G1Accumulator().add(this).add(other).toAffine();
  }

  /** {@code this - other}. */
  public G1 sub(G1 other) {
    return add(other.negate());
  }

  /** {@code 2 * this}. */
  public G1 twice() {
    return new G1Accumulator().add(this).twice().toAffine();
  }

  /** {@code -this}. */
  public G1 negate() {
    return new G1(x, y.negate());
  }

  /** {@code scalar * this}. */
  public G1 mul(Fr scalar) {
    // Fixed windows of four bits.
    G1Accumulator[] multiples = new G1Accumulator[16];
    multiples[0] = new G1Accumulator();
    for (int i = 1; i < multiples.length; i++) {
      multiples[i] = new G1Accumulator().add(multiples[i - 1]).add(this);
    }
    G1Accumulator sum = new G1Accumulator();
    for (byte b : scalar.toBytes()) {
      sum.twice().twice().twice().twice().add(multiples[(b >> 4) & 0xf]);
      sum.twice().twice().twice().twice().add(multiples[b & 0xf]);
    }
    return sum.toAffine();
  }

  /**
   * The canonical 32-byte encoding: x big-endian, with bit 255 set, and bit 254 set if y (in {@code
   * [0, q)}) is odd; both bits are free because {@code q < 2^254}. Infinity is 32 zero bytes.
   */
  public byte[] toCompressed() {
    if (isInfinity()) {
      return new byte[COMPRESSED_BYTES];
    }
    byte[] out = x.toBytes();
    out[0] |= (byte) (y.isOdd() ? FINITE_FLAG | ODD_FLAG : FINITE_FLAG);
    return out;
  }

  /**
   * Reads {@link #toCompressed()}; each point has exactly one encoding that is accepted.
   *
   * @throws IllegalArgumentException if the bytes are too few, are not such an encoding, or x is
   *     not of the curve
   */
  public static G1 fromCompressed(byte[] bytes, int offset) {
    requireBytes(bytes, offset, COMPRESSED_BYTES);
    Fq x = compressedX(bytes, offset);
    if (x == null) {
      return INFINITY;
    }
    Fq y =
        cubic(x)
            .sqrt()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "compressed point at byte " + offset + ": no point has this x"));
    return new G1(x, withParityOf(bytes[offset], y));
  }

  /**
   * Reads so many points in a row as {@link #fromCompressed(byte[], int)} does. Null is left where
   * that would throw.
   *
   * @throws IllegalArgumentException if the bytes are too few
   */
  public static @Nullable G1[] fromCompressed(
      byte[] bytes, int offset, int count, FieldHints hints) {
    requireBytes(bytes, offset, Math.multiplyExact(count, COMPRESSED_BYTES));
    @Nullable G1[] points = new G1[count];
    @Nullable Fq[] xs = new Fq[count];
    long[] ys = new long[PrimeField.LIMBS * count];
    for (int i = 0; i < count; i++) {
      try {
        Fq x = compressedX(bytes, offset + i * COMPRESSED_BYTES);
        if (x == null) {
          points[i] = INFINITY;
        } else {
          xs[i] = x;
          cubic(x).store(ys, PrimeField.LIMBS * i);
        }
      } catch (IllegalArgumentException e) {
        // Left null: reading this point by itself says why.
      }
    }
    hints.roots(ys, count);
    for (int i = 0; i < count; i++) {
      Fq x = xs[i];
      if (x != null) {
        Fq square = cubic(x);
        Optional<Fq> y = rootOf(square, ys, PrimeField.LIMBS * i);
        if (y.isEmpty()) {
          y = square.sqrt();
        }
        if (y.isPresent()) {
          points[i] = new G1(x, withParityOf(bytes[offset + i * COMPRESSED_BYTES], y.get()));
        }
      }
    }
    return points;
  }

  /** The coordinate of an encoded point; null for infinity. */
  private static @Nullable Fq compressedX(byte[] bytes, int offset) {
    byte[] encoded = Arrays.copyOfRange(bytes, offset, offset + COMPRESSED_BYTES);
    int flags = encoded[0];
    encoded[0] &= 0x3f;
    if ((flags & FINITE_FLAG) != 0) {
      return coordinate(encoded, 0, offset);
    }
    if ((flags & ODD_FLAG) != 0 || !Arrays.equals(encoded, new byte[COMPRESSED_BYTES])) {
      throw new IllegalArgumentException("malformed compressed point at byte " + offset);
    }
    return null;
  }

  /** What is packed there, if it is a root of the square. */
  private static Optional<Fq> rootOf(Fq square, long[] hint, int at) {
    if (!PrimeField.FQ.isCanonical(hint, at)) {
      return Optional.empty();
    }
    Fq root = Fq.load(hint, at);
    return root.square().equals(square) ? Optional.of(root) : Optional.empty();
  }

  private static Fq withParityOf(byte flags, Fq y) {
    return y.isOdd() == ((flags & ODD_FLAG) != 0) ? y : y.negate();
  }

  /**
   * The 64-byte form of the Ethereum precompiles (EIP-196): x and y big-endian, zeros for infinity.
   */
  public byte[] toUncompressed() {
    byte[] out = Arrays.copyOf(x.toBytes(), UNCOMPRESSED_BYTES);
    System.arraycopy(y.toBytes(), 0, out, PrimeField.BYTES, PrimeField.BYTES);
    return out;
  }

  /**
   * Reads {@link #toUncompressed()}.
   *
   * @throws IllegalArgumentException if the bytes are too few, a coordinate is not canonical, or
   *     the point is not on the curve
   */
  public static G1 fromUncompressed(byte[] bytes, int offset) {
    requireBytes(bytes, offset, UNCOMPRESSED_BYTES);
    return of(
        coordinate(bytes, offset, offset), coordinate(bytes, offset + PrimeField.BYTES, offset));
  }

  private static void requireBytes(byte[] bytes, int offset, int length) {
    if (offset < 0 || bytes.length - offset < length) {
      throw new IllegalArgumentException(
          "point needs " + length + " bytes at " + offset + " of " + bytes.length);
    }
  }

  private static Fq coordinate(byte[] bytes, int at, int offset) {
    try {
      return Fq.fromBytes(bytes, at);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "point at byte " + offset + ": coordinate is not canonical", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof G1 p && x.equals(p.x) && y.equals(p.y);
  }

  @Override
  public int hashCode() {
    return 31 * x.hashCode() + y.hashCode();
  }

  @Override
  public String toString() {
    return isInfinity() ? "infinity" : "(" + x + ", " + y + ")";
  }
}
