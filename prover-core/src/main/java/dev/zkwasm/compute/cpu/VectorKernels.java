package dev.zkwasm.compute.cpu;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.zkwasm.field.PrimeField;
import java.util.Arrays;
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
 * holds element {@link #elementOfLane}. Values are residues, not canonical; the kernels keep two
 * kinds:
 *
 * <ul>
 *   <li><em>floored</em>: {@code 0 <= l_i < 2^51} for {@code i < 4}, as unpacked (and then {@code 0
 *       <= v < p}) or as the result of {@link #mul};
 *   <li><em>centred</em>: {@code |l_i| <= 2^50} for {@code i < 4} and {@code |v| <= p/2 + 2^207},
 *       as the result of a sum or difference.
 * </ul>
 *
 * <p>{@link #mul} divides by {@code 2^255}: it is Montgomery multiplication with that radix. Packed
 * elements ({@link PrimeField}) have the radix {@code 2^256}; whoever multiplies two of them halves
 * one on the way in ({@link #unpackHalved}), or keeps one factor in the radix {@code 2^255}.
 *
 * <h2>Why it is exact</h2>
 *
 * <p><b>Products.</b> Let {@code |x y| < 2^102} for integers x, y held in doubles, {@code c1 = 1.5
 * * 2^103} and {@code c2 = c1 + 1.5 * 2^52}. Then {@code c1 + x y} lies in {@code [2^103, 2^104)},
 * where doubles are the multiples of {@code 2^51}; so {@code h = fma(x, y, c1) = c1 + 2^51 H} with
 * {@code H} = xy/2^51 rounded to an integer, and the bits of h, read as an integer, are those of c1
 * plus H. {@code c2 - h} is a multiple of {@code 2^51} below {@code 2^104}, so exact, and {@code
 * fma(x, y, c2 - h) = 1.5 * 2^52 + L} with {@code L = x y - 2^51 H}, {@code |L| <= 2^50}, exact as
 * it lies in {@code [2^52, 2^53)}; its bits are those of {@code 1.5 * 2^52} plus L. The bits of
 * both are added up as longs; the constant parts wrap around and are taken off in the accumulators'
 * start values.
 *
 * <p><b>Reduction.</b> Column {@code t0} (the sum of all parts of weight {@code 2^(51 i)} in step
 * i) is made divisible by {@code 2^51} by adding {@code q p}, {@code q = t0 * (-1/p) mod 2^51}
 * centred, {@code |q| <= 2^50}, which is the low part L of a product as above, of {@code t0 mod
 * 2^51} and {@code -1/p mod 2^51} centred, {@code |.| < 2^101}. What is carried on is {@code (t0 +
 * L(q p0)) / 2^51}. With {@code r = t0 mod 2^51}, {@code L = -r} if {@code r < 2^50} and {@code
 * 2^51 - r} if {@code r > 2^50}, so the carry is {@code floor((t0 + 2^50) / 2^51)}; only for {@code
 * r = 2^50} both {@code L = -r} and {@code L = r} are possible, and which one it is depends on p
 * alone: the constructor tries it, and takes {@code 2^50 - 1} for {@code 2^50} in the former case.
 *
 * <p><b>Columns.</b> A column gets at most ten H, each at most {@code 2^51}, ten L and a carry:
 * less than {@code 2^56} in absolute value. It is kept positive by adding {@link #BIAS} {@code =
 * 2^58}, so that carries are logical shifts, which AVX2 has; what the bias carries over is
 * subtracted from the next column in advance.
 *
 * <p><b>Results.</b> {@code mul(a, b) = (a b + Q p) / 2^255} with {@code |Q| <= 2^50 (1 + 2^51 +
 * ... + 2^204) < 2^254 (1 + 2^-50)}, so {@code |mul| < |a b| / 2^255 + p (1/2 + 2^-50)}. As {@code
 * p < 0.379 * 2^255}, factors with {@code |a b| <= 1.3 p^2} give {@code |mul| < p}, and {@code |a|,
 * |b| <= p} give {@code |mul| < 0.88 p}. The factors' limbs must fulfil {@code |a_i b_j| < 2^102}:
 * floored times floored does, {@code (2^51 - 1)^2}, and so do sums of three centred ones, or of a
 * floored and a centred one, times centred ones.
 *
 * <p><b>Sums.</b> {@link #add}, {@link #sub} and {@link #subTwiceLess} compute limbs in doubles,
 * exact as they stay below {@code 2^53}, subtract {@code k p} with k = v/p rounded, estimated from
 * the top limb (off by less than {@code 2^207 / p} as the other limbs make up at most seven units
 * of the top one), where p has centred limbs, and carry to centred limbs by rounding.
 *
 * <p>The methods are small on purpose, and vectors do not cross them: what the compiler does not
 * inline it boxes. The loop over limbs in {@link #mul} is faster rolled than unrolled.
 */
final class VectorKernels {
  private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Long> I = LongVector.SPECIES_PREFERRED;

  /** Elements in a group. */
  static final int LANES = D.length();

  /** Limbs of an element. */
  static final int LIMBS = 5;

  /** Doubles in a group. */
  static final int GROUP = LIMBS * LANES;

  private static final int BITS = 51;
  private static final long MASK = (1L << BITS) - 1;
  private static final long MASK52 = (1L << 52) - 1;

  private static final double C1 = 0x1.8p103;
  private static final double C3 = 0x1.8p52;
  private static final double C2 = C1 + C3;

  /** The bits of {@code 2^52}: or-ed with an integer below {@code 2^52} they make a double. */
  private static final long TWO52 = 0x4330000000000000L;

  /** The bits of the constant part of a product's halves. */
  private static final long LO = Double.doubleToRawLongBits(C3);

  private static final long HI = Double.doubleToRawLongBits(C1);

  private static final long BIAS = 1L << 58;
  private static final long BIAS_CARRY = BIAS >>> BITS;

  // A column at position j gets two halves of each kind in every step, but one low half only at
  // position 0, and two high halves only at position 5, where it begins in a later step.
  private static final long PAIR = 2 * LO + 2 * HI;
  private static final long START0 = BIAS - LO;
  private static final long START1 = BIAS - BIAS_CARRY - LO - PAIR;
  private static final long START2 = START1 - PAIR;
  private static final long START3 = START2 - PAIR;
  private static final long START4 = START3 - PAIR;
  private static final long START5 = BIAS - BIAS_CARRY - 2 * HI - 4 * PAIR;

  // The transposition of 4x4 blocks.
  private static final VectorShuffle<Long> SWAP1 = VectorShuffle.fromOp(I, i -> i ^ 1);
  private static final VectorShuffle<Long> SWAP2 = VectorShuffle.fromOp(I, i -> i ^ 2);
  private static final VectorMask<Long> ODD = VectorMask.fromLong(I, 0xaaaa);
  private static final VectorMask<Long> UPPER = VectorMask.fromLong(I, 0xcccc);

  /** Floored limbs of p. */
  private final long[] p = new long[LIMBS];

  /** Centred limbs of p. */
  private final double[] c = new double[LIMBS];

  /** {@code -1/p mod 2^51}, centred. */
  private final double negInverse;

  // The constants of the product with negInverse of a double that has 2^52 added.
  private final double n1;
  private final double n2;

  /** What rounds the carry out of column 0. */
  private final long rounding;

  /** {@code 2^204 / p}. */
  private final double topInverse;

  VectorKernels(PrimeField field) {
    long[] modulus = field.modulusLimbs();
    double[] limbs = new double[GROUP];
    setPacked(modulus, 0, limbs, 0, 0);
    double[] centred = new double[GROUP];
    setCentred(modulus, 0, centred, 0, 0);
    for (int i = 0; i < LIMBS; i++) {
      p[i] = (long) limbs[i * LANES];
      c[i] = centred[i * LANES];
    }
    // The inverse modulo 2^64 is also one modulo 2^51.
    negInverse = field.negInverse64() << 13 >> 13;
    n1 = C1 - 0x1p52 * negInverse;
    n2 = n1 + C3;
    topInverse = Math.scalb(1 / field.modulus().doubleValue(), 4 * BITS);
    double tie = 0x1p52 + 0x1p50;
    double h = Math.fma(tie, negInverse, n1);
    double q = Math.fma(tie, negInverse, n2 - h) - C3;
    h = Math.fma(q, p[0], C1);
    double low = Math.fma(q, p[0], C2 - h) - C3;
    rounding = low > 0 ? 1L << 50 : (1L << 50) - 1;
  }

  /** Whether this machine's vectors suit: at least four lanes. */
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

  /**
   * Sets one lane of a group to the limbs, centred, of a packed element. As packed elements have
   * the radix {@code 2^256}, a factor for {@link #mul} is to be halved before.
   */
  void setCentred(long[] s, int element, double[] d, int group, int lane) {
    setPacked(s, element, d, group, lane);
    int at = group * GROUP + lane;
    for (int i = 0; i < LIMBS - 1; i++, at += LANES) {
      if (d[at] >= 0x1p50) {
        d[at] -= 0x1p51;
        d[at + LANES]++;
      }
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
   * Packed elements far apart to groups: lane {@code l} of group {@code g} gets the element {@code
   * so + g + elementOfLane(l) * stride}.
   *
   * @param lanes {@link #strided} for the stride
   */
  void unpackStrided(long[] s, int so, int[] lanes, double[] d, int to, int groups) {
    for (int g = 0; g < groups; g++) {
      int at = 4 * (so + g);
      LongVector w0 = LongVector.fromArray(I, s, at, lanes, 0);
      LongVector w1 = LongVector.fromArray(I, s, at + 1, lanes, 0);
      LongVector w2 = LongVector.fromArray(I, s, at + 2, lanes, 0);
      LongVector w3 = LongVector.fromArray(I, s, at + 3, lanes, 0);
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

  /** The places of the lanes for {@link #unpackStrided}. */
  static int[] strided(int stride) {
    int[] lanes = new int[LANES];
    for (int l = 0; l < LANES; l++) {
      lanes[l] = 4 * stride * elementOfLane(l);
    }
    return lanes;
  }

  /** {@link #unpack} of elements that follow each other, and division by two modulo p. */
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
      // Add p where the value is odd, then shift right by one.
      LongVector odd = l0.and(1).neg();
      l0 = l0.add(odd.and(p[0]));
      l1 = l1.add(odd.and(p[1])).add(l0.lanewise(LSHR, BITS));
      l2 = l2.add(odd.and(p[2])).add(l1.lanewise(LSHR, BITS));
      l3 = l3.add(odd.and(p[3])).add(l2.lanewise(LSHR, BITS));
      l4 = l4.add(odd.and(p[4])).add(l3.lanewise(LSHR, BITS));
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
      l4.lanewise(LSHR, 1).or(TWO52).viewAsFloatingLanes().sub(0x1p52).intoArray(d, at + 4 * LANES);
    }
  }

  /**
   * Groups to packed, canonical elements: group {@code order[g]}, or g without an order, goes to
   * the elements from {@code to + g * step} on. The values must be less than p in absolute value.
   */
  void pack(double[] s, int so, int @Nullable [] order, long[] d, int to, int step, int groups) {
    for (int g = 0; g < groups; g++) {
      int in = (so + (order == null ? g : order[g])) * GROUP;
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

  // Arithmetic.

  /** {@code d = a b / 2^255}, group by group; the result is floored. */
  void mul(double[] a, int ao, double[] b, int bo, double[] d, int to, int groups) {
    mulRows(a, ao, 1, b, bo, d, to, groups, 1);
  }

  /** {@code d = a b / 2^255} with one group b; the result is floored. */
  void scale(double[] a, int ao, double[] b, int bo, double[] d, int to, int groups) {
    mulRows(a, ao, 0, b, bo, d, to, 1, groups);
  }

  /**
   * {@code d = a b / 2^255} by rows: row {@code r} is the {@code length} groups of a from {@code ao
   * + r * stride} on, and is multiplied by group {@code bo + r}; the result, floored, has the same
   * layout.
   */
  void mulRows(
      double[] a,
      int ao,
      int stride,
      double[] b,
      int bo,
      double[] d,
      int to,
      int rows,
      int length) {
    DoubleVector p0 = DoubleVector.broadcast(D, p[0]);
    DoubleVector p1 = DoubleVector.broadcast(D, p[1]);
    DoubleVector p2 = DoubleVector.broadcast(D, p[2]);
    DoubleVector p3 = DoubleVector.broadcast(D, p[3]);
    DoubleVector p4 = DoubleVector.broadcast(D, p[4]);
    DoubleVector c1 = DoubleVector.broadcast(D, C1);
    DoubleVector c2 = DoubleVector.broadcast(D, C2);
    DoubleVector ninv = DoubleVector.broadcast(D, negInverse);
    DoubleVector m1 = DoubleVector.broadcast(D, n1);
    DoubleVector m2 = DoubleVector.broadcast(D, n2);
    long round = rounding;
    for (int r = 0; r < rows; r++) {
      int bAt = (bo + r) * GROUP;
      DoubleVector b0 = DoubleVector.fromArray(D, b, bAt);
      DoubleVector b1 = DoubleVector.fromArray(D, b, bAt + LANES);
      DoubleVector b2 = DoubleVector.fromArray(D, b, bAt + 2 * LANES);
      DoubleVector b3 = DoubleVector.fromArray(D, b, bAt + 3 * LANES);
      DoubleVector b4 = DoubleVector.fromArray(D, b, bAt + 4 * LANES);
      int aAt = (ao + r * stride) * GROUP;
      int out = (to + r * stride) * GROUP;
      for (int j = 0; j < length; j++) {
        LongVector t0 = LongVector.broadcast(I, START0);
        LongVector t1 = LongVector.broadcast(I, START1);
        LongVector t2 = LongVector.broadcast(I, START2);
        LongVector t3 = LongVector.broadcast(I, START3);
        LongVector t4 = LongVector.broadcast(I, START4);
        for (int i = 0; i < LIMBS; i++) {
          DoubleVector x = DoubleVector.fromArray(D, a, aAt + i * LANES);
          LongVector t5 = LongVector.broadcast(I, START5 + i * PAIR);
          DoubleVector h = x.fma(b0, c1);
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
          x = t0.and(MASK).or(TWO52).viewAsFloatingLanes();
          h = x.fma(ninv, m1);
          x = x.fma(ninv, m2.sub(h)).sub(C3);
          t1 = t1.add(x.fma(p0, c1).viewAsIntegralLanes()).add(t0.add(round).lanewise(LSHR, BITS));
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
          t0 = t1;
          t1 = t2;
          t2 = t3;
          t3 = t4;
          t4 = t5;
        }
        t1 = t1.add(t0.lanewise(LSHR, BITS));
        t2 = t2.add(t1.lanewise(LSHR, BITS));
        t3 = t3.add(t2.lanewise(LSHR, BITS));
        t4 = t4.add(t3.lanewise(LSHR, BITS));
        t0.and(MASK).or(TWO52).viewAsFloatingLanes().sub(0x1p52).intoArray(d, out);
        t1.and(MASK).or(TWO52).viewAsFloatingLanes().sub(0x1p52).intoArray(d, out + LANES);
        t2.and(MASK).or(TWO52).viewAsFloatingLanes().sub(0x1p52).intoArray(d, out + 2 * LANES);
        t3.and(MASK).or(TWO52).viewAsFloatingLanes().sub(0x1p52).intoArray(d, out + 3 * LANES);
        t4.add(LO - BIAS).viewAsFloatingLanes().sub(C3).intoArray(d, out + 4 * LANES);
        aAt += GROUP;
        out += GROUP;
      }
    }
  }

  /** {@code d = a + b}, centred; of floored or centred ones with {@code |a + b| <= 2.2 p}. */
  void add(double[] a, int ao, double[] b, int bo, double[] d, int to, int groups) {
    for (int g = 0; g < groups; g++) {
      int aAt = (ao + g) * GROUP;
      int bAt = (bo + g) * GROUP;
      int out = (to + g) * GROUP;
      for (int i = 0; i < GROUP; i += LANES) {
        DoubleVector.fromArray(D, a, aAt + i)
            .add(DoubleVector.fromArray(D, b, bAt + i))
            .intoArray(d, out + i);
      }
    }
    centre(d, to, groups);
  }

  /** {@code d = a - b}, centred; of floored or centred ones with {@code |a - b| <= 2.2 p}. */
  void sub(double[] a, int ao, double[] b, int bo, double[] d, int to, int groups) {
    for (int g = 0; g < groups; g++) {
      int aAt = (ao + g) * GROUP;
      int bAt = (bo + g) * GROUP;
      int out = (to + g) * GROUP;
      for (int i = 0; i < GROUP; i += LANES) {
        DoubleVector.fromArray(D, a, aAt + i)
            .sub(DoubleVector.fromArray(D, b, bAt + i))
            .intoArray(d, out + i);
      }
    }
    centre(d, to, groups);
  }

  /**
   * {@code (a, b) = (a + b, a - b)} by rows: row {@code r} of a is the {@code length} groups from
   * {@code 2 r * length} on, and that of b the ones behind it. Only limbs are added: see {@link
   * #centre}.
   */
  void sumsAndDifferences(double[] x, int rows, int length) {
    int width = length * GROUP;
    for (int r = 0; r < rows; r++) {
      int from = 2 * r * width;
      for (int i = from; i < from + width; i += LANES) {
        DoubleVector a = DoubleVector.fromArray(D, x, i);
        DoubleVector b = DoubleVector.fromArray(D, x, i + width);
        a.add(b).intoArray(x, i);
        a.sub(b).intoArray(x, i + width);
      }
    }
  }

  /**
   * {@code d = 2 s - a - b}, centred, of floored ones with {@code |s| < p} and {@code 0 <= a, b <
   * p}.
   */
  void subTwiceLess(
      double[] s, int so, double[] a, int ao, double[] b, int bo, double[] d, int to, int groups) {
    for (int g = 0; g < groups; g++) {
      int sAt = (so + g) * GROUP;
      int aAt = (ao + g) * GROUP;
      int bAt = (bo + g) * GROUP;
      int out = (to + g) * GROUP;
      for (int i = 0; i < GROUP; i += LANES) {
        DoubleVector x = DoubleVector.fromArray(D, s, sAt + i);
        x.sub(DoubleVector.fromArray(D, a, aAt + i))
            .add(x.sub(DoubleVector.fromArray(D, b, bAt + i)))
            .intoArray(d, out + i);
      }
    }
    centre(d, to, groups);
  }

  /**
   * Makes values centred whose limbs are below {@code 2^52} in absolute value, or five centred
   * ones, and which are at most {@code 4 p}, or {@code 2.4 p} in the latter case.
   */
  void centre(double[] d, int at, int groups) {
    DoubleVector estimate = DoubleVector.broadcast(D, -topInverse);
    DoubleVector magic = DoubleVector.broadcast(D, C3);
    DoubleVector down = DoubleVector.broadcast(D, 0x1p-51);
    DoubleVector k0 = DoubleVector.broadcast(D, c[0]);
    DoubleVector k1 = DoubleVector.broadcast(D, c[1]);
    DoubleVector k2 = DoubleVector.broadcast(D, c[2]);
    DoubleVector k3 = DoubleVector.broadcast(D, c[3]);
    DoubleVector k4 = DoubleVector.broadcast(D, c[4]);
    for (int g = 0; g < groups; g++) {
      int in = (at + g) * GROUP;
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
