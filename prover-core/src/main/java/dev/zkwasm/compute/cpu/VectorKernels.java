package dev.zkwasm.compute.cpu;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.zkwasm.field.PrimeField;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.stream.IntStream;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Arithmetic modulo one of the BN254 primes on several elements at a time, in double-precision
 * fused multiply-adds (after N. Emmart, "Faster modular exponentiation using double precision
 * floating point arithmetic on the GPU", ARITH 2018).
 *
 * <h2>Representation</h2>
 *
 * An element is five signed limbs of 51 bits held in doubles: {@code v = sum_i l_i 2^(51 i)}. A
 * <em>group</em> is {@link #LANES} elements, limb by limb: {@code 5 LANES} consecutive doubles, and
 * offsets into arrays of doubles count groups. In a group made by {@link #unpack} lane {@code l}
 * holds element {@link #elementOfLane}. Values are residues, not canonical. The limbs below the top
 * one are
 *
 * <ul>
 *   <li><em>floored</em>, {@code 0 <= l_i < 2^51}, as unpacked;
 *   <li><em>centred</em>, {@code |l_i| <= 2^50}, as the result of any arithmetic;
 *   <li>or sums of some of these where a kernel says so.
 * </ul>
 *
 * <p>{@link #mul} divides by {@code 2^255}: it is Montgomery multiplication with that radix. Packed
 * elements ({@link PrimeField}) have the radix {@code 2^256}; whoever multiplies two of them halves
 * one on the way in ({@link #unpackHalved}), or keeps one factor in the radix {@code 2^255}.
 *
 * <h2>Why it is exact</h2>
 *
 * <p><b>Products.</b> Let {@code |x y| <= 2^102} for integers x, y held in doubles, {@code c1 = 1.5
 * * 2^103} and {@code c2 = c1 + 1.5 * 2^52}. Then {@code c1 + x y} lies in {@code [2^103, 2^104]},
 * where doubles are the multiples of {@code 2^51}; so {@code h = fma(x, y, c1) = c1 + 2^51 H} with
 * {@code H} = xy/2^51 rounded to an integer, and the bits of h, read as an integer, are those of c1
 * plus H. {@code c2 - h} is a multiple of {@code 2^51} below {@code 2^104}, so exact, and {@code
 * fma(x, y, c2 - h) = 1.5 * 2^52 + L} with {@code L = x y - 2^51 H}, {@code |L| <= 2^50}, exact as
 * it lies in {@code [2^52, 2^53)}; its bits are those of {@code 1.5 * 2^52} plus L. The bits of
 * both are added up as longs; the constant parts wrap around and are taken off in the columns'
 * start values.
 *
 * <p><b>Columns.</b> Column k collects the parts of weight {@code 2^(51 k)}: at most ten H, each at
 * most {@code 2^51}, ten L and a carry, less than {@code 2^56} in absolute value. It starts with
 * {@link #BIAS} {@code = 2^58}, so that carries are logical shifts, which AVX2 has, and (but for
 * the top one) with {@code 2^50}, so that these shifts round: {@code t = 2^58 + 2^50 + v} has the
 * carry {@code t >>> 51 = 2^7 + floor((v + 2^50) / 2^51)}, of which the {@code 2^7} are subtracted
 * from the next column in advance, and the rest {@code d = (t mod 2^51) - 2^50}, a centred digit.
 *
 * <p><b>Reduction, columns 0 to 3.</b> Let m be the inverse of p modulo {@code 2^51}, centred, and
 * {@code p m = 1 + 2^51 s}. Then {@code d - d p m = -2^51 d s}: in place of the digit d of column
 * i, {@code -d s} is added from column {@code i + 1} on, which changes the value by a multiple of p
 * and needs no product to find the quotient digit.
 *
 * <p><b>Reduction, column 4.</b> The same would leave a result of 305 bits, so here the smallest
 * quotient digit is taken: {@code q = -d / p mod 2^51}, centred, the low part L of the product of d
 * and {@code -1/p mod 2^51}. The low part of {@code q p_0} is then {@code -d}: it is congruent to
 * it and at most {@code 2^50}, and if {@code d = -2^50} it is {@code 2^50}, because an odd u has
 * {@code L(2^50 u) = 2^50} if {@code u = 1 mod 4}, else {@code -2^50}, and of {@code p_0} and
 * {@code -1/p}, with the product {@code -1}, exactly one is {@code 1 mod 4}. So column 4 vanishes.
 *
 * <p><b>Results.</b> {@code mul(a, b) = (a b + Q p) / 2^255} with {@code Q = -m (d_0 + ... + 2^153
 * d_3) + 2^204 q}. For both primes {@code |m| < 0.254 * 2^51}, and {@code p < 0.379 * 2^255}, so
 * {@code |mul| < 0.379 |a b| / p + 0.628 p}; the constructor checks both. Hence {@code |mul| < 1.02
 * p} if {@code |a|, |b| <= 1.02 p}, and {@code |mul| < p} if {@code |a b| <= 0.98 p^2}, as where
 * one of two canonical factors has been halved or is a constant, both of which are {@code p/2} at
 * most. The factors' limbs must fulfil {@code |a_i b_j| <= 2^102}: floored ones do, and so does a
 * sum of four centred ones times centred ones.
 *
 * <p><b>Sums.</b> {@link #add}, {@link #sub}, {@link #subTwiceLess} and {@link #centre} compute
 * limbs in doubles, exact as they stay below {@code 2^53}, subtract {@code k p} with k = v/p
 * rounded, estimated from the top limb (off by less than {@code 2^207 / p} as the other limbs make
 * up at most seven units of the top one), where p has centred limbs, and carry to centred limbs by
 * rounding. What they leave is {@code |v| <= p/2 + 2^207}.
 *
 * <p><b>Sums of products.</b> {@link #sumOfProducts} adds up columns and reduces once: {@code |sum|
 * < 0.379 sum |a b| / p + 0.628 p}. A product of limbs of at most {@code 2^50 x} and {@code 2^50
 * y}, {@code x y <= 4}, adds to a column at most five H of {@code 2^49 x y} and five L of {@code
 * 2^50}; with the reduction's part, less than {@code 2^54}, a column must stay below {@code 2^58}.
 * The top limb must stay below {@code 2^51}, hence {@link #MAX_PRODUCT_VALUE}.
 *
 * <p>The methods are small on purpose, and vectors do not cross them: what the compiler does not
 * inline it boxes. The loop over limbs in {@link #mul} is faster rolled than unrolled.
 */
final class VectorKernels {
  /**
   * The system property with the bits of a vector at most: 256 keeps a machine with AVX-512 from
   * using it, 0 keeps the vector kernels from being used at all.
   */
  static final String BITS_PROPERTY = "zkwasm.vector.bits";

  static final VectorSpecies<Double> D = species();
  static final VectorSpecies<Long> I = D.withLanes(long.class);

  /** A packed element. */
  private static final VectorSpecies<Long> ELEMENT = LongVector.SPECIES_256;

  /** Elements in a group. */
  static final int LANES = D.length();

  /** Limbs of an element. */
  static final int LIMBS = 5;

  /** Doubles in a group. */
  static final int GROUP = LIMBS * LANES;

  /** Products that are added up before they are reduced, at most. */
  static final int MAX_PRODUCTS = 16;

  // Bounds of limbs, in units of 2^50, and of values, in units of p.

  /** The value of anything centred. */
  static final double CENTRED_VALUE = 0.51;

  /** The limbs of what {@link #unpackHalved} makes. */
  static final double HALVED_LIMBS = 2;

  /** The value of what {@link #unpackHalved} makes. */
  static final double HALVED_VALUE = 0.5;

  /** The value of a reduced sum of products at most, so that its top limb is below {@code 2^51}. */
  static final double MAX_PRODUCT_VALUE = 2.6;

  private static final int BITS = 51;
  private static final long MASK = (1L << BITS) - 1;
  private static final long MASK52 = (1L << 52) - 1;
  private static final long LOWER_HALF = (1L << 32) - 1;

  private static final double C1 = 0x1.8p103;
  private static final double C3 = 0x1.8p52;
  private static final double C2 = C1 + C3;

  /** The bits of {@code 2^52}: or-ed with an integer below {@code 2^52} they make a double. */
  private static final long TWO52 = 0x4330000000000000L;

  /** The bits of the constant part of a product's halves. */
  private static final long LO = Double.doubleToRawLongBits(C3);

  private static final long HI = Double.doubleToRawLongBits(C1);

  private static final long BIAS = 1L << 58;
  private static final long HALF_LIMB = 1L << 50;

  /** Where a limb or digit between {@code -2^50} and {@code 2^50} starts from after masking. */
  private static final double CENTRE = 0x1p52 + 0x1p50;

  private static final long[][] STARTS =
      IntStream.rangeClosed(0, MAX_PRODUCTS)
          .mapToObj(VectorKernels::columnStarts)
          .toArray(long[][]::new);
  private static final long[] START = STARTS[1];
  private static final long START0 = START[0];
  private static final long START1 = START[1];
  private static final long START2 = START[2];
  private static final long START3 = START[3];
  private static final long START4 = START[4];
  private static final long START5 = START[5];

  /** A group of zeros, with limbs of {@code 2^51} or one less, made up for in the next ones. */
  private static final double[] ZERO = shiftedZero();

  // The transposition of 4x4 blocks.
  static final VectorShuffle<Long> SWAP1 = VectorShuffle.fromOp(I, i -> i ^ 1);
  private static final VectorShuffle<Long> SWAP2 = VectorShuffle.fromOp(I, i -> i ^ 2);
  static final VectorMask<Long> ODD = VectorMask.fromLong(I, 0xaaaa);
  private static final VectorMask<Long> UPPER = VectorMask.fromLong(I, 0xcccc);

  /** Floored limbs of p. */
  private final long[] p = new long[LIMBS];

  /** Centred limbs of p. */
  private final double[] c = new double[LIMBS];

  /** Centred limbs of {@code (p m - 1) / 2^51}. */
  private final double[] shifted = new double[LIMBS];

  /** {@code -1/p mod 2^51}, centred. */
  private final double negInverse;

  /** {@code 2^204 / p}. */
  private final double topInverse;

  VectorKernels(PrimeField field) {
    BigInteger modulus = field.modulus();
    BigInteger limb = BigInteger.ONE.shiftLeft(BITS);
    BigInteger inverse = modulus.modInverse(limb);
    if (inverse.testBit(BITS - 1)) {
      inverse = inverse.subtract(limb);
    }
    // The proof of the results' size.
    if (Math.abs(inverse.doubleValue()) > 0.254 * 0x1p51
        || modulus.doubleValue() > 0.379 * 0x1p255) {
      throw new IllegalArgumentException("no kernels for the field " + field);
    }
    for (int i = 0; i < LIMBS; i++) {
      p[i] = modulus.shiftRight(BITS * i).longValue() & MASK;
    }
    setCentred(modulus, c);
    setCentred(modulus.multiply(inverse).shiftRight(BITS), shifted);
    negInverse = -inverse.doubleValue();
    topInverse = Math.scalb(1 / modulus.doubleValue(), 4 * BITS);
  }

  private static double[] shiftedZero() {
    double[] zero = new double[GROUP];
    for (int i = 0; i < GROUP; i++) {
      zero[i] = (i < 4 * LANES ? 0x1p51 : 0) - (i >= LANES ? 1 : 0);
    }
    return zero;
  }

  /**
   * What every column starts with: the constant parts of all that is added to it, taken off.
   *
   * @param products how many products are added up
   */
  private static long[] columnStarts(int products) {
    long[] start = new long[2 * LIMBS];
    for (int k = 0; k < 2 * LIMBS; k++) {
      start[k] = BIAS;
      if (k > 0) {
        start[k] -= BIAS >>> BITS;
      }
      if (k < 2 * LIMBS - 1) {
        start[k] += HALF_LIMB;
      }
    }
    for (int i = 0; i < LIMBS; i++) {
      for (int j = 0; j < LIMBS; j++) {
        start[i + j] -= products * LO;
        start[i + j + 1] -= products * HI;
        // The reduction: d_i s_j, and in the last step q p_j but for the low part of q p_0.
        int at = i < LIMBS - 1 ? i + j + 1 : i + j;
        if (i < LIMBS - 1 || j > 0) {
          start[at] -= LO;
        }
        start[at + 1] -= HI;
      }
    }
    return start;
  }

  private static VectorSpecies<Double> species() {
    VectorSpecies<Double> preferred = DoubleVector.SPECIES_PREFERRED;
    int bits = Integer.getInteger(BITS_PROPERTY, preferred.vectorBitSize());
    if (bits >= preferred.vectorBitSize()) {
      return preferred;
    }
    return bits >= 256 ? DoubleVector.SPECIES_256 : DoubleVector.SPECIES_64;
  }

  /** Whether this machine's vectors suit: four or eight lanes. */
  static boolean supported() {
    return LANES == 4 || LANES == 8;
  }

  /** Which of the elements that follow each other in packed form lane {@code l} gets. */
  static int elementOfLane(int l) {
    // Four vectors of LANES / 4 elements each are transposed in blocks of four lanes.
    return l % 4 * (LANES / 4) + l / 4;
  }

  /** The inverse of {@link #elementOfLane}. */
  static int laneOfElement(int element) {
    return element % (LANES / 4) * 4 + element / (LANES / 4);
  }

  /** The number of groups that hold {@code n} elements. */
  static int groups(int n) {
    return (n + LANES - 1) / LANES;
  }

  // Single elements, for tables.

  /** The limbs, centred, of an integer of less than 255 bits. */
  private static void setCentred(BigInteger value, double[] limbs) {
    BigInteger half = BigInteger.ONE.shiftLeft(BITS - 1);
    BigInteger rest = value;
    for (int i = 0; i < LIMBS - 1; i++) {
      BigInteger next = rest.add(half).shiftRight(BITS);
      limbs[i] = rest.subtract(next.shiftLeft(BITS)).doubleValue();
      rest = next;
    }
    limbs[LIMBS - 1] = rest.doubleValue();
  }

  /**
   * Writes a packed element as a constant: five centred limbs, of {@code p/2 + 2^204} at most. As
   * packed elements have the radix {@code 2^256}, a factor for {@link #mul} is to be halved before.
   */
  void setConstant(long[] s, int element, double[] d, int at) {
    long w0 = s[4 * element];
    long w1 = s[4 * element + 1];
    long w2 = s[4 * element + 2];
    long w3 = s[4 * element + 3];
    long subtract = 2 * (w3 >>> 12) > p[4] ? 1 : 0;
    long l0 = (w0 & MASK) - subtract * p[0] + HALF_LIMB;
    long l1 = ((w0 >>> 51 | w1 << 13) & MASK) - subtract * p[1] + HALF_LIMB + (l0 >> BITS);
    long l2 = ((w1 >>> 38 | w2 << 26) & MASK) - subtract * p[2] + HALF_LIMB + (l1 >> BITS);
    long l3 = ((w2 >>> 25 | w3 << 39) & MASK) - subtract * p[3] + HALF_LIMB + (l2 >> BITS);
    d[at] = (l0 & MASK) - HALF_LIMB;
    d[at + 1] = (l1 & MASK) - HALF_LIMB;
    d[at + 2] = (l2 & MASK) - HALF_LIMB;
    d[at + 3] = (l3 & MASK) - HALF_LIMB;
    d[at + 4] = (w3 >>> 12) - subtract * p[4] + (l3 >> BITS);
  }

  /** Sets one lane of a group to a packed element as a constant. */
  void setCentred(long[] s, int element, double[] d, int group, int lane) {
    double[] limbs = new double[LIMBS];
    setConstant(s, element, limbs, 0);
    for (int i = 0; i < LIMBS; i++) {
      d[group * GROUP + i * LANES + lane] = limbs[i];
    }
  }

  /** {@link #setCentred} of all lanes of a group. */
  void fillCentred(long[] s, int element, double[] d, int group) {
    setCentred(s, element, d, group, 0);
    for (int i = group * GROUP; i < (group + 1) * GROUP; i += LANES) {
      Arrays.fill(d, i, i + LANES, d[i]);
    }
  }

  /** Sets one lane of a group to a packed element, as {@link #unpack} does. */
  void setPacked(long[] s, int element, double[] d, int group, int lane) {
    long w0 = s[4 * element];
    long w1 = s[4 * element + 1];
    long w2 = s[4 * element + 2];
    long w3 = s[4 * element + 3];
    int at = group * GROUP + lane;
    d[at] = w0 & MASK;
    d[at + LANES] = (w0 >>> 51 | w1 << 13) & MASK;
    d[at + 2 * LANES] = (w1 >>> 38 | w2 << 26) & MASK;
    d[at + 3 * LANES] = (w2 >>> 25 | w3 << 39) & MASK;
    d[at + 4 * LANES] = w3 >>> 12;
  }

  // Packed to limbs and back.

  /** Packed elements to groups: group {@code g} gets the elements from {@code so + g * step} on. */
  void unpack(long[] s, int so, int step, double[] d, int to, int groups) {
    for (int g = 0; g < groups; g++) {
      int at = 4 * (so + g * step);
      LongVector v0 = LongVector.fromArray(I, s, at);
      LongVector v1 = LongVector.fromArray(I, s, at + LANES);
      LongVector v2 = LongVector.fromArray(I, s, at + 2 * LANES);
      LongVector v3 = LongVector.fromArray(I, s, at + 3 * LANES);
      LongVector t0 = v0.blend(v1.rearrange(SWAP1), ODD);
      LongVector t1 = v0.rearrange(SWAP1).blend(v1, ODD);
      LongVector t2 = v2.blend(v3.rearrange(SWAP1), ODD);
      LongVector t3 = v2.rearrange(SWAP1).blend(v3, ODD);
      LongVector w0 = t0.blend(t2.rearrange(SWAP2), UPPER);
      LongVector w2 = t0.rearrange(SWAP2).blend(t2, UPPER);
      LongVector w1 = t1.blend(t3.rearrange(SWAP2), UPPER);
      LongVector w3 = t1.rearrange(SWAP2).blend(t3, UPPER);
      int out = (to + g) * GROUP;
      w0.and(MASK).or(TWO52).viewAsFloatingLanes().sub(0x1p52).intoArray(d, out);
      w0.lanewise(LSHR, 51)
          .or(w1.lanewise(LSHL, 13))
          .and(MASK)
          .or(TWO52)
          .viewAsFloatingLanes()
          .sub(0x1p52)
          .intoArray(d, out + LANES);
      w1.lanewise(LSHR, 38)
          .or(w2.lanewise(LSHL, 26))
          .and(MASK)
          .or(TWO52)
          .viewAsFloatingLanes()
          .sub(0x1p52)
          .intoArray(d, out + 2 * LANES);
      w2.lanewise(LSHR, 25)
          .or(w3.lanewise(LSHL, 39))
          .and(MASK)
          .or(TWO52)
          .viewAsFloatingLanes()
          .sub(0x1p52)
          .intoArray(d, out + 3 * LANES);
      w3.lanewise(LSHR, 12)
          .or(TWO52)
          .viewAsFloatingLanes()
          .sub(0x1p52)
          .intoArray(d, out + 4 * LANES);
    }
  }

  /**
   * {@link #unpack} of elements that follow each other, and division by two modulo p; the result is
   * {@code p/2} at most in absolute value.
   */
  void unpackHalved(long[] s, int so, double[] d, int to, int groups) {
    unpack(s, so, LANES, d, to, groups);
    for (int g = 0; g < groups; g++) {
      int at = (to + g) * GROUP;
      LongVector l0 =
          DoubleVector.fromArray(D, d, at).add(0x1p52).viewAsIntegralLanes().and(MASK52);
      LongVector l1 =
          DoubleVector.fromArray(D, d, at + LANES).add(0x1p52).viewAsIntegralLanes().and(MASK52);
      LongVector l2 =
          DoubleVector.fromArray(D, d, at + 2 * LANES)
              .add(0x1p52)
              .viewAsIntegralLanes()
              .and(MASK52);
      LongVector l3 =
          DoubleVector.fromArray(D, d, at + 3 * LANES)
              .add(0x1p52)
              .viewAsIntegralLanes()
              .and(MASK52);
      LongVector l4 =
          DoubleVector.fromArray(D, d, at + 4 * LANES)
              .add(0x1p52)
              .viewAsIntegralLanes()
              .and(MASK52);
      // Subtract p where the value is odd, then shift right by one. LO, a multiple of 2^52 that is
      // large enough, makes carries positive; what it carries over is taken off again.
      LongVector odd = l0.and(1).neg();
      l0 = l0.sub(odd.and(p[0])).add(LO);
      l1 = l1.sub(odd.and(p[1])).add(l0.lanewise(LSHR, BITS)).add(LO - (LO >>> BITS));
      l2 = l2.sub(odd.and(p[2])).add(l1.lanewise(LSHR, BITS)).add(LO - (LO >>> BITS));
      l3 = l3.sub(odd.and(p[3])).add(l2.lanewise(LSHR, BITS)).add(LO - (LO >>> BITS));
      l4 = l4.sub(odd.and(p[4])).add(l3.lanewise(LSHR, BITS)).add(LO - (LO >>> BITS));
      l0.and(MASK)
          .lanewise(LSHR, 1)
          .or(l1.and(1).lanewise(LSHL, 50))
          .or(TWO52)
          .viewAsFloatingLanes()
          .sub(0x1p52)
          .intoArray(d, at);
      l1.and(MASK)
          .lanewise(LSHR, 1)
          .or(l2.and(1).lanewise(LSHL, 50))
          .or(TWO52)
          .viewAsFloatingLanes()
          .sub(0x1p52)
          .intoArray(d, at + LANES);
      l2.and(MASK)
          .lanewise(LSHR, 1)
          .or(l3.and(1).lanewise(LSHL, 50))
          .or(TWO52)
          .viewAsFloatingLanes()
          .sub(0x1p52)
          .intoArray(d, at + 2 * LANES);
      l3.and(MASK)
          .lanewise(LSHR, 1)
          .or(l4.and(1).lanewise(LSHL, 50))
          .or(TWO52)
          .viewAsFloatingLanes()
          .sub(0x1p52)
          .intoArray(d, at + 3 * LANES);
      l4.lanewise(LSHR, 1)
          .add(LO - (LO >>> 1))
          .viewAsFloatingLanes()
          .sub(C3)
          .intoArray(d, at + 4 * LANES);
    }
  }

  /**
   * Groups to packed, canonical elements: group {@code order[first + g]}, or g without an order,
   * goes to the elements from {@code to + g * step} on. The values must be less than p in absolute
   * value.
   */
  void pack(
      double[] s,
      int so,
      int @Nullable [] order,
      int first,
      long[] d,
      int to,
      int step,
      int groups) {
    for (int g = 0; g < groups; g++) {
      int in = (so + (order == null ? g : order[first + g])) * GROUP;
      LongVector l0 = DoubleVector.fromArray(D, s, in).add(C3).viewAsIntegralLanes();
      LongVector l1 = DoubleVector.fromArray(D, s, in + LANES).add(C3).viewAsIntegralLanes();
      LongVector l2 = DoubleVector.fromArray(D, s, in + 2 * LANES).add(C3).viewAsIntegralLanes();
      LongVector l3 = DoubleVector.fromArray(D, s, in + 3 * LANES).add(C3).viewAsIntegralLanes();
      LongVector l4 = DoubleVector.fromArray(D, s, in + 4 * LANES).add(C3).viewAsIntegralLanes();
      // Every l has LO, a multiple of 2^51, added: it makes carries positive and is in the way of
      // nothing else, but what it carries over itself is taken off again.
      l1 = l1.add(l0.lanewise(LSHR, BITS)).sub(LO >>> BITS);
      l2 = l2.add(l1.lanewise(LSHR, BITS)).sub(LO >>> BITS);
      l3 = l3.add(l2.lanewise(LSHR, BITS)).sub(LO >>> BITS);
      l4 = l4.add(l3.lanewise(LSHR, BITS)).sub(LO + (LO >>> BITS));
      LongVector negative = l4.lanewise(ASHR, 63);
      l0 = l0.and(MASK).add(negative.and(p[0]));
      l1 = l1.and(MASK).add(negative.and(p[1])).add(l0.lanewise(LSHR, BITS));
      l2 = l2.and(MASK).add(negative.and(p[2])).add(l1.lanewise(LSHR, BITS));
      l3 = l3.and(MASK).add(negative.and(p[3])).add(l2.lanewise(LSHR, BITS));
      l4 = l4.add(negative.and(p[4])).add(l3.lanewise(LSHR, BITS));
      l0 = l0.and(MASK);
      l1 = l1.and(MASK);
      l2 = l2.and(MASK);
      l3 = l3.and(MASK);
      LongVector w0 = l0.or(l1.lanewise(LSHL, 51));
      LongVector w1 = l1.lanewise(LSHR, 13).or(l2.lanewise(LSHL, 38));
      LongVector w2 = l2.lanewise(LSHR, 26).or(l3.lanewise(LSHL, 25));
      LongVector w3 = l3.lanewise(LSHR, 39).or(l4.lanewise(LSHL, 12));
      LongVector t0 = w0.blend(w1.rearrange(SWAP1), ODD);
      LongVector t1 = w0.rearrange(SWAP1).blend(w1, ODD);
      LongVector t2 = w2.blend(w3.rearrange(SWAP1), ODD);
      LongVector t3 = w2.rearrange(SWAP1).blend(w3, ODD);
      int out = 4 * (to + g * step);
      t0.blend(t2.rearrange(SWAP2), UPPER).intoArray(d, out);
      t1.blend(t3.rearrange(SWAP2), UPPER).intoArray(d, out + LANES);
      t0.rearrange(SWAP2).blend(t2, UPPER).intoArray(d, out + 2 * LANES);
      t1.rearrange(SWAP2).blend(t3, UPPER).intoArray(d, out + 3 * LANES);
    }
  }

  // Packed points: eight longs each, x and y.

  /** Coordinates of some points, to arrays of packed elements; a complemented index counts as i. */
  static void gather(long[] points, int[] index, int count, long[] x, long[] y) {
    for (int k = 0; k < count; k++) {
      int at = 8 * (index[k] ^ (index[k] >> 31));
      LongVector.fromArray(ELEMENT, points, at).intoArray(x, 4 * k);
      LongVector.fromArray(ELEMENT, points, at + 4).intoArray(y, 4 * k);
    }
  }

  /** The inverse of {@link #gather}. */
  static void scatter(long[] x, long[] y, int[] index, int count, long[] points) {
    for (int k = 0; k < count; k++) {
      LongVector.fromArray(ELEMENT, x, 4 * k).intoArray(points, 8 * index[k]);
      LongVector.fromArray(ELEMENT, y, 4 * k).intoArray(points, 8 * index[k] + 4);
    }
  }

  /**
   * Packed elements from one order to another: {@code d[to + e * tStride + g * tStep] = s[so + e *
   * sStride + g * sStep]} for {@code e < LANES} and {@code g < groups}. So runs far apart become
   * groups with one element of each, or groups become runs.
   *
   * <p>(Loads that gather, {@code fromArray} with a map, would save this copy, but half of the
   * processes compile them into calls, and are a quarter slower for it in a whole transform.)
   */
  static void reorder(
      long[] s,
      int so,
      int sStride,
      int sStep,
      long[] d,
      int to,
      int tStride,
      int tStep,
      int groups) {
    for (int e = 0; e < LANES; e++) {
      int in = 4 * (so + e * sStride);
      int out = 4 * (to + e * tStride);
      for (int g = 0; g < groups; g++) {
        LongVector.fromArray(ELEMENT, s, in + 4 * g * sStep).intoArray(d, out + 4 * g * tStep);
      }
    }
  }

  /** Negates the elements with a complemented index. */
  static void negateComplemented(int[] index, double[] d, int to, int groups, long[] signs) {
    for (int k = 0; k < groups * LANES; k += LANES) {
      for (int e = 0; e < LANES; e++) {
        signs[k + laneOfElement(e)] = index[k + e] & Long.MIN_VALUE;
      }
    }
    for (int g = 0; g < groups; g++) {
      LongVector sign = LongVector.fromArray(I, signs, g * LANES);
      int at = (to + g) * GROUP;
      for (int i = at; i < at + GROUP; i += LANES) {
        DoubleVector.fromArray(D, d, i)
            .viewAsIntegralLanes()
            .lanewise(XOR, sign)
            .viewAsFloatingLanes()
            .intoArray(d, i);
      }
    }
  }

  /**
   * Finds the elements that are zero, all limbs, in groups as {@link #unpack} makes them.
   *
   * @param found receives their numbers; has room for all
   * @return how many there are
   */
  static int zeros(double[] d, int at, int groups, int[] found) {
    int count = 0;
    for (int g = 0; g < groups; g++) {
      int in = (at + g) * GROUP;
      LongVector any =
          DoubleVector.fromArray(D, d, in)
              .viewAsIntegralLanes()
              .or(DoubleVector.fromArray(D, d, in + LANES).viewAsIntegralLanes())
              .or(DoubleVector.fromArray(D, d, in + 2 * LANES).viewAsIntegralLanes())
              .or(DoubleVector.fromArray(D, d, in + 3 * LANES).viewAsIntegralLanes())
              .or(DoubleVector.fromArray(D, d, in + 4 * LANES).viewAsIntegralLanes());
      // Zeros may be negative.
      VectorMask<Long> zero = any.lanewise(LSHL, 1).compare(EQ, 0);
      if (zero.anyTrue()) {
        for (long lanes = zero.toLong(); lanes != 0; lanes &= lanes - 1) {
          found[count++] = g * LANES + elementOfLane(Long.numberOfTrailingZeros(lanes));
        }
      }
    }
    return count;
  }

  // Arithmetic.

  /** {@code d = a b / 2^255}, group by group. */
  void mul(double[] a, int ao, double[] b, int bo, double[] d, int to, int groups) {
    DoubleVector p0 = DoubleVector.broadcast(D, c[0]);
    DoubleVector p1 = DoubleVector.broadcast(D, c[1]);
    DoubleVector p2 = DoubleVector.broadcast(D, c[2]);
    DoubleVector p3 = DoubleVector.broadcast(D, c[3]);
    DoubleVector p4 = DoubleVector.broadcast(D, c[4]);
    DoubleVector s0 = DoubleVector.broadcast(D, shifted[0]);
    DoubleVector s1 = DoubleVector.broadcast(D, shifted[1]);
    DoubleVector s2 = DoubleVector.broadcast(D, shifted[2]);
    DoubleVector s3 = DoubleVector.broadcast(D, shifted[3]);
    DoubleVector s4 = DoubleVector.broadcast(D, shifted[4]);
    DoubleVector c1 = DoubleVector.broadcast(D, C1);
    DoubleVector c2 = DoubleVector.broadcast(D, C2);
    DoubleVector centre = DoubleVector.broadcast(D, CENTRE);
    DoubleVector ninv = DoubleVector.broadcast(D, negInverse);
    for (int g = 0; g < groups; g++) {
      int aAt = (ao + g) * GROUP;
      int bAt = (bo + g) * GROUP;
      int out = (to + g) * GROUP;
      DoubleVector b0 = DoubleVector.fromArray(D, b, bAt);
      DoubleVector b1 = DoubleVector.fromArray(D, b, bAt + LANES);
      DoubleVector b2 = DoubleVector.fromArray(D, b, bAt + 2 * LANES);
      DoubleVector b3 = DoubleVector.fromArray(D, b, bAt + 3 * LANES);
      DoubleVector b4 = DoubleVector.fromArray(D, b, bAt + 4 * LANES);
      LongVector t0 = LongVector.broadcast(I, START0);
      LongVector t1 = LongVector.broadcast(I, START1);
      LongVector t2 = LongVector.broadcast(I, START2);
      LongVector t3 = LongVector.broadcast(I, START3);
      LongVector t4 = LongVector.broadcast(I, START4);
      LongVector t5 = LongVector.broadcast(I, START5);
      DoubleVector x;
      DoubleVector h;
      for (int i = 0; i < LIMBS - 1; i++) {
        x = DoubleVector.fromArray(D, a, aAt + i * LANES);
        h = x.fma(b0, c1);
        t0 = t0.add(x.fma(b0, c2.sub(h)).viewAsIntegralLanes());
        t1 = t1.add(h.viewAsIntegralLanes());
        h = x.fma(b1, c1);
        t1 = t1.add(x.fma(b1, c2.sub(h)).viewAsIntegralLanes());
        t2 = t2.add(h.viewAsIntegralLanes());
        h = x.fma(b2, c1);
        t2 = t2.add(x.fma(b2, c2.sub(h)).viewAsIntegralLanes());
        t3 = t3.add(h.viewAsIntegralLanes());
        h = x.fma(b3, c1);
        t3 = t3.add(x.fma(b3, c2.sub(h)).viewAsIntegralLanes());
        t4 = t4.add(h.viewAsIntegralLanes());
        h = x.fma(b4, c1);
        t4 = t4.add(x.fma(b4, c2.sub(h)).viewAsIntegralLanes());
        t5 = t5.add(h.viewAsIntegralLanes());
        // The digit d, negative.
        x = centre.sub(t0.and(MASK).or(TWO52).viewAsFloatingLanes());
        t0 = t1.add(t0.lanewise(LSHR, BITS));
        h = x.fma(s0, c1);
        t0 = t0.add(x.fma(s0, c2.sub(h)).viewAsIntegralLanes());
        t1 = t2.add(h.viewAsIntegralLanes());
        h = x.fma(s1, c1);
        t1 = t1.add(x.fma(s1, c2.sub(h)).viewAsIntegralLanes());
        t2 = t3.add(h.viewAsIntegralLanes());
        h = x.fma(s2, c1);
        t2 = t2.add(x.fma(s2, c2.sub(h)).viewAsIntegralLanes());
        t3 = t4.add(h.viewAsIntegralLanes());
        h = x.fma(s3, c1);
        t3 = t3.add(x.fma(s3, c2.sub(h)).viewAsIntegralLanes());
        t4 = t5.add(h.viewAsIntegralLanes());
        h = x.fma(s4, c1);
        t4 = t4.add(x.fma(s4, c2.sub(h)).viewAsIntegralLanes());
        t5 = h.viewAsIntegralLanes().add(LongVector.broadcast(I, START[i + LIMBS + 1]));
      }
      x = DoubleVector.fromArray(D, a, aAt + 4 * LANES);
      h = x.fma(b0, c1);
      t0 = t0.add(x.fma(b0, c2.sub(h)).viewAsIntegralLanes());
      t1 = t1.add(h.viewAsIntegralLanes());
      h = x.fma(b1, c1);
      t1 = t1.add(x.fma(b1, c2.sub(h)).viewAsIntegralLanes());
      t2 = t2.add(h.viewAsIntegralLanes());
      h = x.fma(b2, c1);
      t2 = t2.add(x.fma(b2, c2.sub(h)).viewAsIntegralLanes());
      t3 = t3.add(h.viewAsIntegralLanes());
      h = x.fma(b3, c1);
      t3 = t3.add(x.fma(b3, c2.sub(h)).viewAsIntegralLanes());
      t4 = t4.add(h.viewAsIntegralLanes());
      h = x.fma(b4, c1);
      t4 = t4.add(x.fma(b4, c2.sub(h)).viewAsIntegralLanes());
      t5 = t5.add(h.viewAsIntegralLanes());
      // The quotient digit.
      x = t0.and(MASK).or(TWO52).viewAsFloatingLanes().sub(centre);
      h = x.fma(ninv, c1);
      x = x.fma(ninv, c2.sub(h)).sub(C3);
      t1 = t1.add(x.fma(p0, c1).viewAsIntegralLanes()).add(t0.lanewise(LSHR, BITS));
      h = x.fma(p1, c1);
      t1 = t1.add(x.fma(p1, c2.sub(h)).viewAsIntegralLanes());
      t2 = t2.add(h.viewAsIntegralLanes());
      h = x.fma(p2, c1);
      t2 = t2.add(x.fma(p2, c2.sub(h)).viewAsIntegralLanes());
      t3 = t3.add(h.viewAsIntegralLanes());
      h = x.fma(p3, c1);
      t3 = t3.add(x.fma(p3, c2.sub(h)).viewAsIntegralLanes());
      t4 = t4.add(h.viewAsIntegralLanes());
      h = x.fma(p4, c1);
      t4 = t4.add(x.fma(p4, c2.sub(h)).viewAsIntegralLanes());
      t5 = t5.add(h.viewAsIntegralLanes());
      t2 = t2.add(t1.lanewise(LSHR, BITS));
      t3 = t3.add(t2.lanewise(LSHR, BITS));
      t4 = t4.add(t3.lanewise(LSHR, BITS));
      t5 = t5.add(t4.lanewise(LSHR, BITS));
      t1.and(MASK).or(TWO52).viewAsFloatingLanes().sub(centre).intoArray(d, out);
      t2.and(MASK).or(TWO52).viewAsFloatingLanes().sub(centre).intoArray(d, out + LANES);
      t3.and(MASK).or(TWO52).viewAsFloatingLanes().sub(centre).intoArray(d, out + 2 * LANES);
      t4.and(MASK).or(TWO52).viewAsFloatingLanes().sub(centre).intoArray(d, out + 3 * LANES);
      t5.add(LO - BIAS).viewAsFloatingLanes().sub(C3).intoArray(d, out + 4 * LANES);
    }
  }

  /**
   * The share of what a column can hold that a product takes at most.
   *
   * @param limbs the product of the bounds of the factors' limbs, at most 4
   */
  static double columnShare(double limbs) {
    return 5 * (limbs / 2 + 1) / (0x1p8 - 0x1p4 - 1);
  }

  /** The bound of a reduced sum of products, given that of the sum of products in units of p^2. */
  static double productValue(double products) {
    return 0.379 * products + 0.628;
  }

  /** The bound of the limbs of a reduced sum of products, given its value's. */
  static double productLimbs(double value) {
    // The top limb is the value divided by 2^204, rounded.
    return Math.max(1, 0.759 * value);
  }

  /**
   * {@code d = sum_k sign_k a_k b_k / 2^255}, group by group, for factors in the same array; within
   * the bounds of {@link #columnShare}, {@link #productValue} and {@link #MAX_PRODUCT_VALUE}.
   *
   * @param factors for each product the first group of a and the step to the next one, 1 or 0 for
   *     one group that serves all, and the same of b
   * @param signs 1 or -1 for each product, at most {@link #MAX_PRODUCTS}
   * @param to first group of d, which may be one of the factors
   */
  void sumOfProducts(double[] s, int[] factors, double[] signs, int to, int groups) {
    DoubleVector p0 = DoubleVector.broadcast(D, c[0]);
    DoubleVector p1 = DoubleVector.broadcast(D, c[1]);
    DoubleVector p2 = DoubleVector.broadcast(D, c[2]);
    DoubleVector p3 = DoubleVector.broadcast(D, c[3]);
    DoubleVector p4 = DoubleVector.broadcast(D, c[4]);
    DoubleVector s0 = DoubleVector.broadcast(D, shifted[0]);
    DoubleVector s1 = DoubleVector.broadcast(D, shifted[1]);
    DoubleVector s2 = DoubleVector.broadcast(D, shifted[2]);
    DoubleVector s3 = DoubleVector.broadcast(D, shifted[3]);
    DoubleVector s4 = DoubleVector.broadcast(D, shifted[4]);
    DoubleVector c1 = DoubleVector.broadcast(D, C1);
    DoubleVector c2 = DoubleVector.broadcast(D, C2);
    DoubleVector centre = DoubleVector.broadcast(D, CENTRE);
    DoubleVector ninv = DoubleVector.broadcast(D, negInverse);
    long[] start = STARTS[signs.length];
    for (int g = 0; g < groups; g++) {
      LongVector t0 = LongVector.broadcast(I, start[0]);
      LongVector t1 = LongVector.broadcast(I, start[1]);
      LongVector t2 = LongVector.broadcast(I, start[2]);
      LongVector t3 = LongVector.broadcast(I, start[3]);
      LongVector t4 = LongVector.broadcast(I, start[4]);
      LongVector t5 = LongVector.broadcast(I, start[5]);
      DoubleVector x;
      DoubleVector y;
      DoubleVector h;
      for (int i = 0; ; i++) {
        for (int k = 0; k < signs.length; k++) {
          int aAt = (factors[4 * k] + g * factors[4 * k + 1]) * GROUP + i * LANES;
          int bAt = (factors[4 * k + 2] + g * factors[4 * k + 3]) * GROUP;
          x = DoubleVector.fromArray(D, s, aAt).mul(signs[k]);
          y = DoubleVector.fromArray(D, s, bAt);
          h = x.fma(y, c1);
          t0 = t0.add(x.fma(y, c2.sub(h)).viewAsIntegralLanes());
          t1 = t1.add(h.viewAsIntegralLanes());
          y = DoubleVector.fromArray(D, s, bAt + LANES);
          h = x.fma(y, c1);
          t1 = t1.add(x.fma(y, c2.sub(h)).viewAsIntegralLanes());
          t2 = t2.add(h.viewAsIntegralLanes());
          y = DoubleVector.fromArray(D, s, bAt + 2 * LANES);
          h = x.fma(y, c1);
          t2 = t2.add(x.fma(y, c2.sub(h)).viewAsIntegralLanes());
          t3 = t3.add(h.viewAsIntegralLanes());
          y = DoubleVector.fromArray(D, s, bAt + 3 * LANES);
          h = x.fma(y, c1);
          t3 = t3.add(x.fma(y, c2.sub(h)).viewAsIntegralLanes());
          t4 = t4.add(h.viewAsIntegralLanes());
          y = DoubleVector.fromArray(D, s, bAt + 4 * LANES);
          h = x.fma(y, c1);
          t4 = t4.add(x.fma(y, c2.sub(h)).viewAsIntegralLanes());
          t5 = t5.add(h.viewAsIntegralLanes());
        }
        if (i == LIMBS - 1) {
          break;
        }
        // The digit d, negative.
        x = centre.sub(t0.and(MASK).or(TWO52).viewAsFloatingLanes());
        t0 = t1.add(t0.lanewise(LSHR, BITS));
        h = x.fma(s0, c1);
        t0 = t0.add(x.fma(s0, c2.sub(h)).viewAsIntegralLanes());
        t1 = t2.add(h.viewAsIntegralLanes());
        h = x.fma(s1, c1);
        t1 = t1.add(x.fma(s1, c2.sub(h)).viewAsIntegralLanes());
        t2 = t3.add(h.viewAsIntegralLanes());
        h = x.fma(s2, c1);
        t2 = t2.add(x.fma(s2, c2.sub(h)).viewAsIntegralLanes());
        t3 = t4.add(h.viewAsIntegralLanes());
        h = x.fma(s3, c1);
        t3 = t3.add(x.fma(s3, c2.sub(h)).viewAsIntegralLanes());
        t4 = t5.add(h.viewAsIntegralLanes());
        h = x.fma(s4, c1);
        t4 = t4.add(x.fma(s4, c2.sub(h)).viewAsIntegralLanes());
        t5 = h.viewAsIntegralLanes().add(LongVector.broadcast(I, start[i + LIMBS + 1]));
      }
      // The quotient digit.
      x = t0.and(MASK).or(TWO52).viewAsFloatingLanes().sub(centre);
      h = x.fma(ninv, c1);
      x = x.fma(ninv, c2.sub(h)).sub(C3);
      t1 = t1.add(x.fma(p0, c1).viewAsIntegralLanes()).add(t0.lanewise(LSHR, BITS));
      h = x.fma(p1, c1);
      t1 = t1.add(x.fma(p1, c2.sub(h)).viewAsIntegralLanes());
      t2 = t2.add(h.viewAsIntegralLanes());
      h = x.fma(p2, c1);
      t2 = t2.add(x.fma(p2, c2.sub(h)).viewAsIntegralLanes());
      t3 = t3.add(h.viewAsIntegralLanes());
      h = x.fma(p3, c1);
      t3 = t3.add(x.fma(p3, c2.sub(h)).viewAsIntegralLanes());
      t4 = t4.add(h.viewAsIntegralLanes());
      h = x.fma(p4, c1);
      t4 = t4.add(x.fma(p4, c2.sub(h)).viewAsIntegralLanes());
      t5 = t5.add(h.viewAsIntegralLanes());
      t2 = t2.add(t1.lanewise(LSHR, BITS));
      t3 = t3.add(t2.lanewise(LSHR, BITS));
      t4 = t4.add(t3.lanewise(LSHR, BITS));
      t5 = t5.add(t4.lanewise(LSHR, BITS));
      int out = (to + g) * GROUP;
      t1.and(MASK).or(TWO52).viewAsFloatingLanes().sub(centre).intoArray(s, out);
      t2.and(MASK).or(TWO52).viewAsFloatingLanes().sub(centre).intoArray(s, out + LANES);
      t3.and(MASK).or(TWO52).viewAsFloatingLanes().sub(centre).intoArray(s, out + 2 * LANES);
      t4.and(MASK).or(TWO52).viewAsFloatingLanes().sub(centre).intoArray(s, out + 3 * LANES);
      t5.add(LO - BIAS).viewAsFloatingLanes().sub(C3).intoArray(s, out + 4 * LANES);
    }
  }

  /**
   * {@code d = sum_k sign_k a_k}, or that added to d, limb by limb: not centred.
   *
   * @param terms for each term its first group and the step to the next one, 1 or 0
   * @param signs 1 or -1 for each term
   * @param more whether d is added to
   * @param to first group of d, which may be one of the terms if it is not added to
   */
  void addTerms(double[] s, int[] terms, double[] signs, boolean more, int to, int groups) {
    for (int g = 0; g < groups; g++) {
      int out = (to + g) * GROUP;
      DoubleVector d0 = DoubleVector.broadcast(D, 0);
      DoubleVector d1 = d0;
      DoubleVector d2 = d0;
      DoubleVector d3 = d0;
      DoubleVector d4 = d0;
      if (more) {
        d0 = DoubleVector.fromArray(D, s, out);
        d1 = DoubleVector.fromArray(D, s, out + LANES);
        d2 = DoubleVector.fromArray(D, s, out + 2 * LANES);
        d3 = DoubleVector.fromArray(D, s, out + 3 * LANES);
        d4 = DoubleVector.fromArray(D, s, out + 4 * LANES);
      }
      for (int k = 0; k < signs.length; k++) {
        int at = (terms[2 * k] + g * terms[2 * k + 1]) * GROUP;
        DoubleVector sign = DoubleVector.broadcast(D, signs[k]);
        d0 = DoubleVector.fromArray(D, s, at).fma(sign, d0);
        d1 = DoubleVector.fromArray(D, s, at + LANES).fma(sign, d1);
        d2 = DoubleVector.fromArray(D, s, at + 2 * LANES).fma(sign, d2);
        d3 = DoubleVector.fromArray(D, s, at + 3 * LANES).fma(sign, d3);
        d4 = DoubleVector.fromArray(D, s, at + 4 * LANES).fma(sign, d4);
      }
      d0.intoArray(s, out);
      d1.intoArray(s, out + LANES);
      d2.intoArray(s, out + 2 * LANES);
      d3.intoArray(s, out + 3 * LANES);
      d4.intoArray(s, out + 4 * LANES);
    }
  }

  /**
   * The butterflies of a level of a transform: {@code (a, b) = (a + b z, a - b z)}, where a is the
   * first and b the second half of a block of {@code 2 half} groups, and z one constant for each
   * block ({@link #setConstant}). b may be a sum of four centred ones; limbs of a are only added
   * to.
   *
   * @param at the first block's first group
   * @param first the first block's constant
   */
  void butterflies(double[] x, int at, int blocks, int half, double[] z, int first) {
    DoubleVector p0 = DoubleVector.broadcast(D, c[0]);
    DoubleVector p1 = DoubleVector.broadcast(D, c[1]);
    DoubleVector p2 = DoubleVector.broadcast(D, c[2]);
    DoubleVector p3 = DoubleVector.broadcast(D, c[3]);
    DoubleVector p4 = DoubleVector.broadcast(D, c[4]);
    DoubleVector s0 = DoubleVector.broadcast(D, shifted[0]);
    DoubleVector s1 = DoubleVector.broadcast(D, shifted[1]);
    DoubleVector s2 = DoubleVector.broadcast(D, shifted[2]);
    DoubleVector s3 = DoubleVector.broadcast(D, shifted[3]);
    DoubleVector s4 = DoubleVector.broadcast(D, shifted[4]);
    DoubleVector c1 = DoubleVector.broadcast(D, C1);
    DoubleVector c2 = DoubleVector.broadcast(D, C2);
    DoubleVector centre = DoubleVector.broadcast(D, CENTRE);
    DoubleVector ninv = DoubleVector.broadcast(D, negInverse);
    int width = half * GROUP;
    int aAt = at * GROUP;
    for (int r = 0; r < blocks; r++) {
      int zAt = (first + r) * LIMBS;
      DoubleVector b0 = DoubleVector.broadcast(D, z[zAt]);
      DoubleVector b1 = DoubleVector.broadcast(D, z[zAt + 1]);
      DoubleVector b2 = DoubleVector.broadcast(D, z[zAt + 2]);
      DoubleVector b3 = DoubleVector.broadcast(D, z[zAt + 3]);
      DoubleVector b4 = DoubleVector.broadcast(D, z[zAt + 4]);
      int bAt = aAt + width;
      for (int j = 0; j < half; j++) {
        LongVector t0 = LongVector.broadcast(I, START0);
        LongVector t1 = LongVector.broadcast(I, START1);
        LongVector t2 = LongVector.broadcast(I, START2);
        LongVector t3 = LongVector.broadcast(I, START3);
        LongVector t4 = LongVector.broadcast(I, START4);
        LongVector t5 = LongVector.broadcast(I, START5);
        DoubleVector y;
        DoubleVector h;
        for (int i = 0; i < LIMBS - 1; i++) {
          y = DoubleVector.fromArray(D, x, bAt + i * LANES);
          h = y.fma(b0, c1);
          t0 = t0.add(y.fma(b0, c2.sub(h)).viewAsIntegralLanes());
          t1 = t1.add(h.viewAsIntegralLanes());
          h = y.fma(b1, c1);
          t1 = t1.add(y.fma(b1, c2.sub(h)).viewAsIntegralLanes());
          t2 = t2.add(h.viewAsIntegralLanes());
          h = y.fma(b2, c1);
          t2 = t2.add(y.fma(b2, c2.sub(h)).viewAsIntegralLanes());
          t3 = t3.add(h.viewAsIntegralLanes());
          h = y.fma(b3, c1);
          t3 = t3.add(y.fma(b3, c2.sub(h)).viewAsIntegralLanes());
          t4 = t4.add(h.viewAsIntegralLanes());
          h = y.fma(b4, c1);
          t4 = t4.add(y.fma(b4, c2.sub(h)).viewAsIntegralLanes());
          t5 = t5.add(h.viewAsIntegralLanes());
          // The digit d, negative.
          y = centre.sub(t0.and(MASK).or(TWO52).viewAsFloatingLanes());
          t0 = t1.add(t0.lanewise(LSHR, BITS));
          h = y.fma(s0, c1);
          t0 = t0.add(y.fma(s0, c2.sub(h)).viewAsIntegralLanes());
          t1 = t2.add(h.viewAsIntegralLanes());
          h = y.fma(s1, c1);
          t1 = t1.add(y.fma(s1, c2.sub(h)).viewAsIntegralLanes());
          t2 = t3.add(h.viewAsIntegralLanes());
          h = y.fma(s2, c1);
          t2 = t2.add(y.fma(s2, c2.sub(h)).viewAsIntegralLanes());
          t3 = t4.add(h.viewAsIntegralLanes());
          h = y.fma(s3, c1);
          t3 = t3.add(y.fma(s3, c2.sub(h)).viewAsIntegralLanes());
          t4 = t5.add(h.viewAsIntegralLanes());
          h = y.fma(s4, c1);
          t4 = t4.add(y.fma(s4, c2.sub(h)).viewAsIntegralLanes());
          t5 = h.viewAsIntegralLanes().add(LongVector.broadcast(I, START[i + LIMBS + 1]));
        }
        y = DoubleVector.fromArray(D, x, bAt + 4 * LANES);
        h = y.fma(b0, c1);
        t0 = t0.add(y.fma(b0, c2.sub(h)).viewAsIntegralLanes());
        t1 = t1.add(h.viewAsIntegralLanes());
        h = y.fma(b1, c1);
        t1 = t1.add(y.fma(b1, c2.sub(h)).viewAsIntegralLanes());
        t2 = t2.add(h.viewAsIntegralLanes());
        h = y.fma(b2, c1);
        t2 = t2.add(y.fma(b2, c2.sub(h)).viewAsIntegralLanes());
        t3 = t3.add(h.viewAsIntegralLanes());
        h = y.fma(b3, c1);
        t3 = t3.add(y.fma(b3, c2.sub(h)).viewAsIntegralLanes());
        t4 = t4.add(h.viewAsIntegralLanes());
        h = y.fma(b4, c1);
        t4 = t4.add(y.fma(b4, c2.sub(h)).viewAsIntegralLanes());
        t5 = t5.add(h.viewAsIntegralLanes());
        // The quotient digit.
        y = t0.and(MASK).or(TWO52).viewAsFloatingLanes().sub(centre);
        h = y.fma(ninv, c1);
        y = y.fma(ninv, c2.sub(h)).sub(C3);
        t1 = t1.add(y.fma(p0, c1).viewAsIntegralLanes()).add(t0.lanewise(LSHR, BITS));
        h = y.fma(p1, c1);
        t1 = t1.add(y.fma(p1, c2.sub(h)).viewAsIntegralLanes());
        t2 = t2.add(h.viewAsIntegralLanes());
        h = y.fma(p2, c1);
        t2 = t2.add(y.fma(p2, c2.sub(h)).viewAsIntegralLanes());
        t3 = t3.add(h.viewAsIntegralLanes());
        h = y.fma(p3, c1);
        t3 = t3.add(y.fma(p3, c2.sub(h)).viewAsIntegralLanes());
        t4 = t4.add(h.viewAsIntegralLanes());
        h = y.fma(p4, c1);
        t4 = t4.add(y.fma(p4, c2.sub(h)).viewAsIntegralLanes());
        t5 = t5.add(h.viewAsIntegralLanes());
        t2 = t2.add(t1.lanewise(LSHR, BITS));
        t3 = t3.add(t2.lanewise(LSHR, BITS));
        t4 = t4.add(t3.lanewise(LSHR, BITS));
        t5 = t5.add(t4.lanewise(LSHR, BITS));
        h = t1.and(MASK).or(TWO52).viewAsFloatingLanes().sub(centre);
        y = DoubleVector.fromArray(D, x, aAt);
        y.add(h).intoArray(x, aAt);
        y.sub(h).intoArray(x, bAt);
        h = t2.and(MASK).or(TWO52).viewAsFloatingLanes().sub(centre);
        y = DoubleVector.fromArray(D, x, aAt + LANES);
        y.add(h).intoArray(x, aAt + LANES);
        y.sub(h).intoArray(x, bAt + LANES);
        h = t3.and(MASK).or(TWO52).viewAsFloatingLanes().sub(centre);
        y = DoubleVector.fromArray(D, x, aAt + 2 * LANES);
        y.add(h).intoArray(x, aAt + 2 * LANES);
        y.sub(h).intoArray(x, bAt + 2 * LANES);
        h = t4.and(MASK).or(TWO52).viewAsFloatingLanes().sub(centre);
        y = DoubleVector.fromArray(D, x, aAt + 3 * LANES);
        y.add(h).intoArray(x, aAt + 3 * LANES);
        y.sub(h).intoArray(x, bAt + 3 * LANES);
        h = t5.add(LO - BIAS).viewAsFloatingLanes().sub(C3);
        y = DoubleVector.fromArray(D, x, aAt + 4 * LANES);
        y.add(h).intoArray(x, aAt + 4 * LANES);
        y.sub(h).intoArray(x, bAt + 4 * LANES);
        aAt += GROUP;
        bAt += GROUP;
      }
      aAt = bAt;
    }
  }

  /** {@code d = a + b}, centred; of floored or centred ones with {@code |a + b| <= 4.1 p}. */
  void add(double[] a, int ao, double[] b, int bo, double[] d, int to, int groups) {
    DoubleVector estimate = DoubleVector.broadcast(D, -topInverse);
    DoubleVector magic = DoubleVector.broadcast(D, C3);
    DoubleVector down = DoubleVector.broadcast(D, 0x1p-51);
    DoubleVector k0 = DoubleVector.broadcast(D, c[0]);
    DoubleVector k1 = DoubleVector.broadcast(D, c[1]);
    DoubleVector k2 = DoubleVector.broadcast(D, c[2]);
    DoubleVector k3 = DoubleVector.broadcast(D, c[3]);
    DoubleVector k4 = DoubleVector.broadcast(D, c[4]);
    for (int g = 0; g < groups; g++) {
      int aAt = (ao + g) * GROUP;
      int bAt = (bo + g) * GROUP;
      int out = (to + g) * GROUP;
      DoubleVector t4 =
          DoubleVector.fromArray(D, a, aAt + 4 * LANES)
              .add(DoubleVector.fromArray(D, b, bAt + 4 * LANES));
      DoubleVector k = t4.fma(estimate, magic).sub(magic);
      DoubleVector t =
          k.fma(k0, DoubleVector.fromArray(D, a, aAt).add(DoubleVector.fromArray(D, b, bAt)));
      DoubleVector carry = t.add(C1).sub(C1);
      t.sub(carry).intoArray(d, out);
      t =
          carry.fma(
              down,
              k.fma(
                  k1,
                  DoubleVector.fromArray(D, a, aAt + LANES)
                      .add(DoubleVector.fromArray(D, b, bAt + LANES))));
      carry = t.add(C1).sub(C1);
      t.sub(carry).intoArray(d, out + LANES);
      t =
          carry.fma(
              down,
              k.fma(
                  k2,
                  DoubleVector.fromArray(D, a, aAt + 2 * LANES)
                      .add(DoubleVector.fromArray(D, b, bAt + 2 * LANES))));
      carry = t.add(C1).sub(C1);
      t.sub(carry).intoArray(d, out + 2 * LANES);
      t =
          carry.fma(
              down,
              k.fma(
                  k3,
                  DoubleVector.fromArray(D, a, aAt + 3 * LANES)
                      .add(DoubleVector.fromArray(D, b, bAt + 3 * LANES))));
      carry = t.add(C1).sub(C1);
      t.sub(carry).intoArray(d, out + 3 * LANES);
      carry.fma(down, k.fma(k4, t4)).intoArray(d, out + 4 * LANES);
    }
  }

  /** {@code d = a - b}, centred; of floored or centred ones with {@code |a - b| <= 4.1 p}. */
  void sub(double[] a, int ao, double[] b, int bo, double[] d, int to, int groups) {
    DoubleVector estimate = DoubleVector.broadcast(D, -topInverse);
    DoubleVector magic = DoubleVector.broadcast(D, C3);
    DoubleVector down = DoubleVector.broadcast(D, 0x1p-51);
    DoubleVector k0 = DoubleVector.broadcast(D, c[0]);
    DoubleVector k1 = DoubleVector.broadcast(D, c[1]);
    DoubleVector k2 = DoubleVector.broadcast(D, c[2]);
    DoubleVector k3 = DoubleVector.broadcast(D, c[3]);
    DoubleVector k4 = DoubleVector.broadcast(D, c[4]);
    for (int g = 0; g < groups; g++) {
      int aAt = (ao + g) * GROUP;
      int bAt = (bo + g) * GROUP;
      int out = (to + g) * GROUP;
      DoubleVector t4 =
          DoubleVector.fromArray(D, a, aAt + 4 * LANES)
              .sub(DoubleVector.fromArray(D, b, bAt + 4 * LANES));
      DoubleVector k = t4.fma(estimate, magic).sub(magic);
      DoubleVector t =
          k.fma(k0, DoubleVector.fromArray(D, a, aAt).sub(DoubleVector.fromArray(D, b, bAt)));
      DoubleVector carry = t.add(C1).sub(C1);
      t.sub(carry).intoArray(d, out);
      t =
          carry.fma(
              down,
              k.fma(
                  k1,
                  DoubleVector.fromArray(D, a, aAt + LANES)
                      .sub(DoubleVector.fromArray(D, b, bAt + LANES))));
      carry = t.add(C1).sub(C1);
      t.sub(carry).intoArray(d, out + LANES);
      t =
          carry.fma(
              down,
              k.fma(
                  k2,
                  DoubleVector.fromArray(D, a, aAt + 2 * LANES)
                      .sub(DoubleVector.fromArray(D, b, bAt + 2 * LANES))));
      carry = t.add(C1).sub(C1);
      t.sub(carry).intoArray(d, out + 2 * LANES);
      t =
          carry.fma(
              down,
              k.fma(
                  k3,
                  DoubleVector.fromArray(D, a, aAt + 3 * LANES)
                      .sub(DoubleVector.fromArray(D, b, bAt + 3 * LANES))));
      carry = t.add(C1).sub(C1);
      t.sub(carry).intoArray(d, out + 3 * LANES);
      carry.fma(down, k.fma(k4, t4)).intoArray(d, out + 4 * LANES);
    }
  }

  /**
   * {@code d = a - b}, not centred: only limbs are subtracted. Of a floored and a centred one the
   * difference is still a factor for centred ones.
   */
  void subtractLimbs(double[] a, int ao, double[] b, int bo, double[] d, int to, int groups) {
    int aAt = ao * GROUP;
    int bAt = bo * GROUP;
    int out = to * GROUP;
    for (int i = 0; i < groups * GROUP; i += LANES) {
      DoubleVector.fromArray(D, a, aAt + i)
          .sub(DoubleVector.fromArray(D, b, bAt + i))
          .intoArray(d, out + i);
    }
  }

  /** {@code (a, b) = (a + b, a - b)}, both of {@code half} groups; only limbs are added. */
  void sumsAndDifferences(double[] x, int at, int half) {
    int width = half * GROUP;
    int from = at * GROUP;
    for (int i = from; i < from + width; i += LANES) {
      DoubleVector a = DoubleVector.fromArray(D, x, i);
      DoubleVector b = DoubleVector.fromArray(D, x, i + width);
      a.add(b).intoArray(x, i);
      a.sub(b).intoArray(x, i + width);
    }
  }

  /**
   * {@code d = 2 s - a - b}, centred, of a centred one with {@code |s| <= 1.02 p} and floored ones
   * with {@code 0 <= a, b < p}.
   */
  void subTwiceLess(
      double[] s, int so, double[] a, int ao, double[] b, int bo, double[] d, int to, int groups) {
    DoubleVector estimate = DoubleVector.broadcast(D, -topInverse);
    DoubleVector magic = DoubleVector.broadcast(D, C3);
    DoubleVector down = DoubleVector.broadcast(D, 0x1p-51);
    DoubleVector k0 = DoubleVector.broadcast(D, c[0]);
    DoubleVector k1 = DoubleVector.broadcast(D, c[1]);
    DoubleVector k2 = DoubleVector.broadcast(D, c[2]);
    DoubleVector k3 = DoubleVector.broadcast(D, c[3]);
    DoubleVector k4 = DoubleVector.broadcast(D, c[4]);
    // Limbs between -6 * 2^50 and 2 * 2^50 would be too large on one side: see ZERO.
    for (int g = 0; g < groups; g++) {
      int sAt = (so + g) * GROUP;
      int aAt = (ao + g) * GROUP;
      int bAt = (bo + g) * GROUP;
      int out = (to + g) * GROUP;
      DoubleVector t4 =
          DoubleVector.fromArray(D, s, sAt + 4 * LANES)
              .add(DoubleVector.fromArray(D, s, sAt + 4 * LANES))
              .sub(
                  DoubleVector.fromArray(D, a, aAt + 4 * LANES)
                      .add(DoubleVector.fromArray(D, b, bAt + 4 * LANES)))
              .add(DoubleVector.fromArray(D, ZERO, 4 * LANES));
      DoubleVector k = t4.fma(estimate, magic).sub(magic);
      DoubleVector t =
          k.fma(
              k0,
              DoubleVector.fromArray(D, s, sAt)
                  .add(DoubleVector.fromArray(D, s, sAt))
                  .sub(DoubleVector.fromArray(D, a, aAt).add(DoubleVector.fromArray(D, b, bAt)))
                  .add(DoubleVector.fromArray(D, ZERO, 0)));
      DoubleVector carry = t.add(C1).sub(C1);
      t.sub(carry).intoArray(d, out);
      t =
          carry.fma(
              down,
              k.fma(
                  k1,
                  DoubleVector.fromArray(D, s, sAt + LANES)
                      .add(DoubleVector.fromArray(D, s, sAt + LANES))
                      .sub(
                          DoubleVector.fromArray(D, a, aAt + LANES)
                              .add(DoubleVector.fromArray(D, b, bAt + LANES)))
                      .add(DoubleVector.fromArray(D, ZERO, LANES))));
      carry = t.add(C1).sub(C1);
      t.sub(carry).intoArray(d, out + LANES);
      t =
          carry.fma(
              down,
              k.fma(
                  k2,
                  DoubleVector.fromArray(D, s, sAt + 2 * LANES)
                      .add(DoubleVector.fromArray(D, s, sAt + 2 * LANES))
                      .sub(
                          DoubleVector.fromArray(D, a, aAt + 2 * LANES)
                              .add(DoubleVector.fromArray(D, b, bAt + 2 * LANES)))
                      .add(DoubleVector.fromArray(D, ZERO, 2 * LANES))));
      carry = t.add(C1).sub(C1);
      t.sub(carry).intoArray(d, out + 2 * LANES);
      t =
          carry.fma(
              down,
              k.fma(
                  k3,
                  DoubleVector.fromArray(D, s, sAt + 3 * LANES)
                      .add(DoubleVector.fromArray(D, s, sAt + 3 * LANES))
                      .sub(
                          DoubleVector.fromArray(D, a, aAt + 3 * LANES)
                              .add(DoubleVector.fromArray(D, b, bAt + 3 * LANES)))
                      .add(DoubleVector.fromArray(D, ZERO, 3 * LANES))));
      carry = t.add(C1).sub(C1);
      t.sub(carry).intoArray(d, out + 3 * LANES);
      carry.fma(down, k.fma(k4, t4)).intoArray(d, out + 4 * LANES);
    }
  }

  /**
   * Makes values centred whose limbs are at most {@code 2^52 + 1} in absolute value, as sums of
   * four centred ones or two floored ones are, and which are at most {@code 4.1 p}.
   */
  void centre(double[] d, int at, int groups) {
    centreRows(d, at, 0, 1, groups);
  }

  /**
   * {@link #centre} of rows of {@code length} groups, row {@code r} from {@code at + r * stride}
   * on.
   */
  void centreRows(double[] d, int at, int stride, int rows, int length) {
    DoubleVector estimate = DoubleVector.broadcast(D, -topInverse);
    DoubleVector magic = DoubleVector.broadcast(D, C3);
    DoubleVector down = DoubleVector.broadcast(D, 0x1p-51);
    DoubleVector k0 = DoubleVector.broadcast(D, c[0]);
    DoubleVector k1 = DoubleVector.broadcast(D, c[1]);
    DoubleVector k2 = DoubleVector.broadcast(D, c[2]);
    DoubleVector k3 = DoubleVector.broadcast(D, c[3]);
    DoubleVector k4 = DoubleVector.broadcast(D, c[4]);
    for (int r = 0; r < rows; r++) {
      int in = (at + r * stride) * GROUP;
      for (int g = 0; g < length; g++, in += GROUP) {
        DoubleVector t4 = DoubleVector.fromArray(D, d, in + 4 * LANES);
        DoubleVector k = t4.fma(estimate, magic).sub(magic);
        DoubleVector t = k.fma(k0, DoubleVector.fromArray(D, d, in));
        DoubleVector carry = t.add(C1).sub(C1);
        t.sub(carry).intoArray(d, in);
        t = carry.fma(down, k.fma(k1, DoubleVector.fromArray(D, d, in + LANES)));
        carry = t.add(C1).sub(C1);
        t.sub(carry).intoArray(d, in + LANES);
        t = carry.fma(down, k.fma(k2, DoubleVector.fromArray(D, d, in + 2 * LANES)));
        carry = t.add(C1).sub(C1);
        t.sub(carry).intoArray(d, in + 2 * LANES);
        t = carry.fma(down, k.fma(k3, DoubleVector.fromArray(D, d, in + 3 * LANES)));
        carry = t.add(C1).sub(C1);
        t.sub(carry).intoArray(d, in + 3 * LANES);
        carry.fma(down, k.fma(k4, t4)).intoArray(d, in + 4 * LANES);
      }
    }
  }

  /**
   * Running sums of the groups, lane by lane: group g is replaced by {@code sum} plus the groups
   * before it, and then {@code sum} by that plus all of them.
   *
   * <p>What is added up is floored and canonical; the sum is so too at first, or comes from here.
   * So there is between {@code -0.51 p} and {@code 2 p} to reduce, and k is between -1 and 2. As
   * each sum waits for the one before it, a carry goes one limb up and no further. Of {@code 6 *
   * 2^50} at most in a limb, k times that of p and two floored ones, it is 3 at most: what is left
   * is at most {@code 2^50 + 3}, less than a floored limb. The limbs below the top one make up less
   * than three units of it, so what this leaves is {@code |v| <= p/2 + 2^207}.
   *
   * @param sum one group
   */
  void runningSums(double[] d, int at, int groups, double[] sum) {
    DoubleVector estimate = DoubleVector.broadcast(D, -topInverse);
    DoubleVector magic = DoubleVector.broadcast(D, C3);
    DoubleVector down = DoubleVector.broadcast(D, 0x1p-51);
    DoubleVector k0 = DoubleVector.broadcast(D, c[0]);
    DoubleVector k1 = DoubleVector.broadcast(D, c[1]);
    DoubleVector k2 = DoubleVector.broadcast(D, c[2]);
    DoubleVector k3 = DoubleVector.broadcast(D, c[3]);
    DoubleVector k4 = DoubleVector.broadcast(D, c[4]);
    DoubleVector y0 = DoubleVector.fromArray(D, sum, 0);
    DoubleVector y1 = DoubleVector.fromArray(D, sum, LANES);
    DoubleVector y2 = DoubleVector.fromArray(D, sum, 2 * LANES);
    DoubleVector y3 = DoubleVector.fromArray(D, sum, 3 * LANES);
    DoubleVector y4 = DoubleVector.fromArray(D, sum, 4 * LANES);
    for (int g = 0; g < groups; g++) {
      int in = (at + g) * GROUP;
      DoubleVector t4 = y4.add(DoubleVector.fromArray(D, d, in + 4 * LANES));
      y4.intoArray(d, in + 4 * LANES);
      DoubleVector k = t4.fma(estimate, magic).sub(magic);
      DoubleVector t = k.fma(k0, y0.add(DoubleVector.fromArray(D, d, in)));
      y0.intoArray(d, in);
      DoubleVector carry = t.add(C1).sub(C1);
      y0 = t.sub(carry);
      t = k.fma(k1, y1.add(DoubleVector.fromArray(D, d, in + LANES)));
      y1.intoArray(d, in + LANES);
      DoubleVector next = t.add(C1).sub(C1);
      y1 = carry.fma(down, t.sub(next));
      t = k.fma(k2, y2.add(DoubleVector.fromArray(D, d, in + 2 * LANES)));
      y2.intoArray(d, in + 2 * LANES);
      carry = t.add(C1).sub(C1);
      y2 = next.fma(down, t.sub(carry));
      t = k.fma(k3, y3.add(DoubleVector.fromArray(D, d, in + 3 * LANES)));
      y3.intoArray(d, in + 3 * LANES);
      next = t.add(C1).sub(C1);
      y3 = carry.fma(down, t.sub(next));
      y4 = next.fma(down, k.fma(k4, t4));
    }
    y0.intoArray(sum, 0);
    y1.intoArray(sum, LANES);
    y2.intoArray(sum, 2 * LANES);
    y3.intoArray(sum, 3 * LANES);
    y4.intoArray(sum, 4 * LANES);
  }

  /**
   * The sums of the lower and of the upper halves of the longs in packed elements, lane by lane:
   * lane l of a vector holds the long {@code l % 4} of an element.
   *
   * @param elements how many; a multiple of {@code LANES / 4}
   * @param sums is set: {@link #LANES} sums of lower halves, then as many of upper ones
   */
  static void addHalves(long[] s, int so, int elements, long[] sums) {
    LongVector lower = LongVector.broadcast(I, 0);
    LongVector upper = LongVector.broadcast(I, 0);
    int end = 4 * (so + elements);
    for (int i = 4 * so; i < end; i += LANES) {
      LongVector v = LongVector.fromArray(I, s, i);
      lower = lower.add(v.and(LOWER_HALF));
      upper = upper.add(v.lanewise(LSHR, 32));
    }
    lower.intoArray(sums, 0);
    upper.intoArray(sums, LANES);
  }
}
