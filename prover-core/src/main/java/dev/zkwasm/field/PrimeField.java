package dev.zkwasm.field;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * Arithmetic modulo one of the two BN254 primes on packed elements.
 *
 * <p>Representation: an element is four consecutive {@code long}s of an array, least significant
 * limb first, unsigned, holding {@code a * 2^256 mod p} (Montgomery form) and always canonical,
 * that is less than {@code p}. Every operation takes canonical inputs and leaves a canonical
 * result; the destination may be one of the operands. Nothing here checks that inputs are
 * canonical: data from outside enters through {@link Fr} and {@link Fq}, which do.
 *
 * <p>This is the one scalar implementation; {@link Fr}, {@link Fq} and the plain twins of the bulk
 * kernels all use it. It is not constant-time: nothing it computes is a long-lived secret.
 */
public final class PrimeField {
  /** Number of {@code long} limbs of an element. */
  public static final int LIMBS = 4;

  /** Number of bytes of an encoded element. */
  public static final int BYTES = 32;

  /** The scalar field of BN254, {@code r} elements. */
  public static final PrimeField FR =
      new PrimeField(
          "Fr",
          new BigInteger(
              "21888242871839275222246405745257275088548364400416034343698204186575808495617"));

  /** The base field of BN254, {@code q} elements. */
  public static final PrimeField FQ =
      new PrimeField(
          "Fq",
          new BigInteger(
              "21888242871839275222246405745257275088696311157297823662689037894645226208583"));

  /** Number of limbs of a sum that {@link #multiplyAdd} adds to: room for {@code 2^64} products. */
  public static final int SUM_LIMBS = LIMBS + 2;

  /** Bits that a round of {@link #inverse} takes off. */
  private static final int STEPS = 31;

  private static final long STEP_MASK = (1L << STEPS) - 1;

  private final String name;
  private final BigInteger modulus;
  private final BigInteger radixInverse;
  private final long p0;
  private final long p1;
  private final long p2;
  private final long p3;

  /** {@code -p^-1 mod 2^64}. */
  private final long negInverse;

  private final long[] one;
  private final long[] radixSquared;

  private PrimeField(String name, BigInteger modulus) {
    this.name = name;
    this.modulus = modulus;
    BigInteger radix = BigInteger.ONE.shiftLeft(256);
    this.radixInverse = radix.modInverse(modulus);
    long[] p = new long[LIMBS];
    split(modulus, p, 0);
    p0 = p[0];
    p1 = p[1];
    p2 = p[2];
    p3 = p[3];
    BigInteger word = BigInteger.ONE.shiftLeft(64);
    negInverse = modulus.modInverse(word).negate().longValue();
    one = new long[LIMBS];
    split(radix.mod(modulus), one, 0);
    radixSquared = new long[LIMBS];
    split(radix.multiply(radix).mod(modulus), radixSquared, 0);
  }

  /** The prime. */
  public BigInteger modulus() {
    return modulus;
  }

  /** The four limbs of the prime (not in Montgomery form), a fresh array. */
  public long[] modulusLimbs() {
    return new long[] {p0, p1, p2, p3};
  }

  /** {@code -p^-1 mod 2^64}, the constant of Montgomery reduction by 64-bit words. */
  public long negInverse64() {
    return negInverse;
  }

  /** {@code r = a + b}. */
  public void add(long[] a, int ao, long[] b, int bo, long[] r, int ro) {
    // Both operands are below 2^254, so the sum fits four limbs.
    long s0 = a[ao] + b[bo];
    long carry = carry(s0, a[ao]);
    long x = a[ao + 1];
    long s1 = x + b[bo + 1];
    long c = carry(s1, x);
    s1 += carry;
    carry = c + carry(s1, carry);
    x = a[ao + 2];
    long s2 = x + b[bo + 2];
    c = carry(s2, x);
    s2 += carry;
    carry = c + carry(s2, carry);
    long s3 = a[ao + 3] + b[bo + 3] + carry;
    storeReduced(s0, s1, s2, s3, r, ro);
  }

  /** {@code r = 2 a}. */
  public void twice(long[] a, int ao, long[] r, int ro) {
    add(a, ao, a, ao, r, ro);
  }

  /** {@code r = a - b}. */
  public void sub(long[] a, int ao, long[] b, int bo, long[] r, int ro) {
    long x0 = a[ao];
    long y0 = b[bo];
    long d0 = x0 - y0;
    long borrow = carry(x0, y0);
    long x1 = a[ao + 1];
    long y1 = b[bo + 1];
    long e1 = x1 - y1;
    long d1 = e1 - borrow;
    borrow = carry(x1, y1) + carry(e1, borrow);
    long x2 = a[ao + 2];
    long y2 = b[bo + 2];
    long e2 = x2 - y2;
    long d2 = e2 - borrow;
    borrow = carry(x2, y2) + carry(e2, borrow);
    // Top limbs are below 2^62: the sign of the difference is the borrow.
    long d3 = a[ao + 3] - b[bo + 3] - borrow;
    long mask = d3 >> 63;
    long q0 = p0 & mask;
    long q1 = p1 & mask;
    long q2 = p2 & mask;
    d0 += q0;
    long cc = carry(d0, q0);
    d1 += q1;
    long c1 = carry(d1, q1);
    d1 += cc;
    cc = c1 + carry(d1, cc);
    d2 += q2;
    c1 = carry(d2, q2);
    d2 += cc;
    cc = c1 + carry(d2, cc);
    r[ro] = d0;
    r[ro + 1] = d1;
    r[ro + 2] = d2;
    r[ro + 3] = d3 + (p3 & mask) + cc;
  }

  /** {@code r = -a}. */
  public void negate(long[] a, int ao, long[] r, int ro) {
    if (isZero(a, ao)) {
      clear(r, ro);
      return;
    }
    long x0 = a[ao];
    long d0 = p0 - x0;
    long borrow = carry(p0, x0);
    long x1 = a[ao + 1];
    long e1 = p1 - x1;
    long d1 = e1 - borrow;
    borrow = carry(p1, x1) + carry(e1, borrow);
    long x2 = a[ao + 2];
    long e2 = p2 - x2;
    long d2 = e2 - borrow;
    borrow = carry(p2, x2) + carry(e2, borrow);
    long d3 = p3 - a[ao + 3] - borrow;
    r[ro] = d0;
    r[ro + 1] = d1;
    r[ro + 2] = d2;
    r[ro + 3] = d3;
  }

  /**
   * {@code r = a b}: Montgomery multiplication by operand scanning (CIOS; Koc, Acar, Kaliski 1996)
   * in the variant without a fifth limb, which is sound because the top limb of both primes is
   * below {@code 2^62}.
   */
  public void mul(long[] a, int ao, long[] b, int bo, long[] r, int ro) {
    long a0 = a[ao];
    long a1 = a[ao + 1];
    long a2 = a[ao + 2];
    long a3 = a[ao + 3];
    long t0 = 0;
    long t1 = 0;
    long t2 = 0;
    long t3 = 0;
    for (int i = 0; i < LIMBS; i++) {
      long y = b[bo + i];
      // s = t + a y, five limbs. Low and high halves are kept apart as long as possible: short
      // carry chains matter more than few operations.
      long h0 = Math.unsignedMultiplyHigh(a0, y);
      long h1 = Math.unsignedMultiplyHigh(a1, y);
      long h2 = Math.unsignedMultiplyHigh(a2, y);
      long h3 = Math.unsignedMultiplyHigh(a3, y);
      long s0 = a0 * y + t0;
      h0 += carry(s0, t0);
      long s1 = a1 * y + t1;
      h1 += carry(s1, t1);
      long s2 = a2 * y + t2;
      h2 += carry(s2, t2);
      long s3 = a3 * y + t3;
      h3 += carry(s3, t3);
      s1 += h0;
      h1 += carry(s1, h0);
      s2 += h1;
      h2 += carry(s2, h1);
      s3 += h2;
      long s4 = h3 + carry(s3, h2);
      // t = (s + m p) / 2^64. The low limb is zero by the choice of m: it carries unless s0 is
      // zero.
      long m = s0 * negInverse;
      long g0 = Math.unsignedMultiplyHigh(m, p0) + (s0 == 0 ? 0 : 1);
      long g1 = Math.unsignedMultiplyHigh(m, p1);
      long g2 = Math.unsignedMultiplyHigh(m, p2);
      long g3 = Math.unsignedMultiplyHigh(m, p3);
      long m1 = m * p1;
      long m2 = m * p2;
      long m3 = m * p3;
      s1 += m1;
      g1 += carry(s1, m1);
      s2 += m2;
      g2 += carry(s2, m2);
      s3 += m3;
      g3 += carry(s3, m3);
      t0 = s1 + g0;
      g1 += carry(t0, g0);
      t1 = s2 + g1;
      g2 += carry(t1, g1);
      t2 = s3 + g2;
      t3 = s4 + g3 + carry(t2, g2);
    }
    storeReduced(t0, t1, t2, t3, r, ro);
  }

  /**
   * {@code sum += a v} in integers, {@link #SUM_LIMBS} limbs, for an unsigned v: a sum of many
   * multiples that is reduced only once, by {@link #reduce}.
   */
  public static void multiplyAdd(long[] a, int ao, long v, long[] sum, int so) {
    long carry = 0;
    for (int i = 0; i < LIMBS; i++) {
      long low = a[ao + i] * v;
      long high = Math.unsignedMultiplyHigh(a[ao + i], v);
      low += carry;
      high += carry(low, carry);
      long s = sum[so + i] + low;
      // At most (2^64 - 1)^2 + 2 (2^64 - 1) in all: the high half does not overflow.
      carry = high + carry(s, low);
      sum[so + i] = s;
    }
    long s = sum[so + LIMBS] + carry;
    sum[so + LIMBS + 1] += carry(s, carry);
    sum[so + LIMBS] = s;
  }

  /** {@code r = sum mod p}, of {@link #SUM_LIMBS} limbs that are multiples of elements added up. */
  public void reduce(long[] sum, int so, long[] r, int ro) {
    // Horner's rule over the limbs.
    long[] radix64 = {0, 1, 0, 0};
    toMontgomery(radix64, 0, radix64, 0);
    long[] value = new long[LIMBS];
    for (int i = SUM_LIMBS - 1; i >= 0; i--) {
      long[] limb = {sum[so + i], 0, 0, 0};
      toMontgomery(limb, 0, limb, 0);
      mul(value, 0, radix64, 0, value, 0);
      add(value, 0, limb, 0, value, 0);
    }
    fromMontgomery(value, 0, r, ro);
  }

  /** {@code r = a^2}. */
  public void square(long[] a, int ao, long[] r, int ro) {
    mul(a, ao, a, ao, r, ro);
  }

  /**
   * {@code r = a^exponent}.
   *
   * @throws IllegalArgumentException if the exponent is negative
   */
  public void pow(long[] a, int ao, BigInteger exponent, long[] r, int ro) {
    if (exponent.signum() < 0) {
      throw new IllegalArgumentException("negative exponent " + exponent);
    }
    // Fixed windows of four bits.
    long[] table = new long[16 * LIMBS];
    System.arraycopy(one, 0, table, 0, LIMBS);
    for (int i = 1; i < 16; i++) {
      mul(table, (i - 1) * LIMBS, a, ao, table, i * LIMBS);
    }
    long[] acc = one.clone();
    for (int window = (exponent.bitLength() + 3) / 4 - 1; window >= 0; window--) {
      int digit = 0;
      for (int bit = 3; bit >= 0; bit--) {
        square(acc, 0, acc, 0);
        digit = 2 * digit + (exponent.testBit(4 * window + bit) ? 1 : 0);
      }
      if (digit != 0) {
        mul(acc, 0, table, digit * LIMBS, acc, 0);
      }
    }
    System.arraycopy(acc, 0, r, ro, LIMBS);
  }

  /**
   * {@code r = 1 / a}, by the binary greatest common divisor with steps of 31 bits on
   * approximations (T. Pornin, "Optimized Binary GCD for Modular Inversion", 2020).
   *
   * @throws ArithmeticException if {@code a} is zero
   */
  public void inverse(long[] a, int ao, long[] r, int ro) {
    if (isZero(a, ao)) {
      throw new ArithmeticException("zero has no inverse in " + name);
    }
    // Invariant: x = u a and y = v a modulo p, y is odd, and gcd(x, y) = 1.
    long[] x = Arrays.copyOfRange(a, ao, ao + LIMBS);
    long[] y = modulusLimbs();
    long[] u = {1, 0, 0, 0};
    long[] v = new long[LIMBS];
    long[] x2 = new long[LIMBS + 1];
    long[] y2 = new long[LIMBS + 1];
    long[] factors = new long[4];
    while (!isZero(x, 0)) {
      // The upper 33 bits and the lower 31 bits of both decide what 31 steps do.
      int top = LIMBS - 1;
      while (top > 0 && (x[top] | y[top]) == 0) {
        top--;
      }
      long p = x[0];
      long q = y[0];
      if (top > 0) {
        int shift = Long.numberOfLeadingZeros(x[top] | y[top]);
        p = approximation(x, top, shift);
        q = approximation(y, top, shift);
      }
      steps(p, q, factors);
      long f0 = factors[0];
      long g0 = factors[1];
      long f1 = factors[2];
      long g1 = factors[3];
      combine(x, f0, y, g0, x2);
      combine(x, f1, y, g1, y2);
      // The approximations may have made a difference negative.
      if (shiftedIsNegative(x2, x)) {
        f0 = -f0;
        g0 = -g0;
      }
      if (shiftedIsNegative(y2, y)) {
        f1 = -f1;
        g1 = -g1;
      }
      combine(u, f0, v, g0, x2);
      combine(u, f1, v, g1, y2);
      divideByStep(x2, u);
      divideByStep(y2, v);
    }
    // v = 1 / (A 2^256) for a = A 2^256.
    mul(v, 0, radixSquared, 0, v, 0);
    mul(v, 0, radixSquared, 0, r, ro);
  }

  /**
   * The steps of a round on approximations: what the new x and y are, f0 and g0, f1 and g1 times
   * the old ones. A method of its own, as the loop is compiled long before all the rest is.
   */
  private static void steps(long x, long y, long[] factors) {
    long p = x;
    long q = y;
    long f0 = 1;
    long g0 = 0;
    long f1 = 0;
    long g1 = 1;
    for (int i = 0; i < STEPS; i++) {
      long odd = -(p & 1);
      long swap = Long.compareUnsigned(p, q) < 0 ? odd : 0;
      long t = (p ^ q) & swap;
      p ^= t;
      q ^= t;
      t = (f0 ^ f1) & swap;
      f0 ^= t;
      f1 ^= t;
      t = (g0 ^ g1) & swap;
      g0 ^= t;
      g1 ^= t;
      p = (p - (q & odd)) >>> 1;
      f0 -= f1 & odd;
      g0 -= g1 & odd;
      f1 <<= 1;
      g1 <<= 1;
    }
    factors[0] = f0;
    factors[1] = g0;
    factors[2] = f1;
    factors[3] = g1;
  }

  /** 64 bits of {@code x}: its upper 33, counted from the given place, and its lower 31. */
  private static long approximation(long[] x, int top, int shift) {
    long upper = x[top] << shift;
    if (shift != 0) {
      upper |= x[top - 1] >>> (64 - shift);
    }
    return upper >>> STEPS << STEPS | x[0] & STEP_MASK;
  }

  /** {@code out = a f + b g}, five limbs, signed; f and g are at most {@code 2^31} in size. */
  private static void combine(long[] a, long f, long[] b, long g, long[] out) {
    long carry = 0;
    for (int i = 0; i < LIMBS; i++) {
      long low = a[i] * f;
      long high = Math.unsignedMultiplyHigh(a[i], f) - (f >> 63 & a[i]);
      long low2 = b[i] * g;
      high += Math.unsignedMultiplyHigh(b[i], g) - (g >> 63 & b[i]);
      low += low2;
      high += carry(low, low2);
      low += carry;
      high += carry(low, carry) + (carry >> 63);
      out[i] = low;
      carry = high;
    }
    out[LIMBS] = carry;
  }

  /** {@code out = |t / 2^31|} for five signed limbs that are divisible; whether t is negative. */
  private static boolean shiftedIsNegative(long[] t, long[] out) {
    long sign = t[LIMBS] >> 63;
    long carry = sign & 1;
    for (int i = 0; i < LIMBS; i++) {
      long limb = (t[i] >>> STEPS | t[i + 1] << (64 - STEPS)) ^ sign;
      out[i] = limb + carry;
      carry = carry(out[i], carry);
    }
    return sign != 0;
  }

  /** {@code out = t / 2^31 mod p} for five signed limbs of at most {@code 2^31 p} in size. */
  private void divideByStep(long[] t, long[] out) {
    long[] p = {p0, p1, p2, p3};
    long q = t[0] * negInverse & STEP_MASK;
    long carry = 0;
    for (int i = 0; i < LIMBS; i++) {
      long low = p[i] * q;
      long high = Math.unsignedMultiplyHigh(p[i], q);
      low += carry;
      high += carry(low, carry);
      t[i] += low;
      carry = high + carry(t[i], low);
    }
    t[LIMBS] += carry;
    // Now in (-2^31 p, 2^32 p).
    for (int i = 0; i < LIMBS; i++) {
      out[i] = t[i] >>> STEPS | t[i + 1] << (64 - STEPS);
    }
    if (t[LIMBS] < 0) {
      carry = 0;
      for (int i = 0; i < LIMBS; i++) {
        long sum = out[i] + p[i];
        long c = carry(sum, p[i]);
        out[i] = sum + carry;
        carry = c + carry(out[i], carry);
      }
    } else {
      storeReduced(out[0], out[1], out[2], out[3], out, 0);
    }
  }

  /**
   * Replaces each of the {@code n} elements that start at {@code a[offset]} by its inverse, and
   * leaves zeros as they are; one inversion and three multiplications per element (Montgomery's
   * trick).
   */
  public void batchInverse(long[] a, int offset, int n) {
    long[] prefix = new long[Math.multiplyExact(n, LIMBS)];
    long[] acc = one.clone();
    for (int i = 0; i < n; i++) {
      int at = offset + i * LIMBS;
      System.arraycopy(acc, 0, prefix, i * LIMBS, LIMBS);
      if (!isZero(a, at)) {
        mul(acc, 0, a, at, acc, 0);
      }
    }
    inverse(acc, 0, acc, 0);
    long[] previous = new long[LIMBS];
    for (int i = n - 1; i >= 0; i--) {
      int at = offset + i * LIMBS;
      if (!isZero(a, at)) {
        mul(acc, 0, a, at, previous, 0);
        mul(acc, 0, prefix, i * LIMBS, a, at);
        System.arraycopy(previous, 0, acc, 0, LIMBS);
      }
    }
  }

  /** Whether the element is zero. */
  public boolean isZero(long[] a, int ao) {
    return (a[ao] | a[ao + 1] | a[ao + 2] | a[ao + 3]) == 0;
  }

  /** Whether two elements are equal. */
  public boolean equal(long[] a, int ao, long[] b, int bo) {
    return ((a[ao] ^ b[bo])
            | (a[ao + 1] ^ b[bo + 1])
            | (a[ao + 2] ^ b[bo + 2])
            | (a[ao + 3] ^ b[bo + 3]))
        == 0;
  }

  /** Whether the four limbs, read as an unsigned number, are less than the prime. */
  public boolean isCanonical(long[] a, int ao) {
    int c = Long.compareUnsigned(a[ao + 3], p3);
    if (c == 0) {
      c = Long.compareUnsigned(a[ao + 2], p2);
    }
    if (c == 0) {
      c = Long.compareUnsigned(a[ao + 1], p1);
    }
    if (c == 0) {
      c = Long.compareUnsigned(a[ao], p0);
    }
    return c < 0;
  }

  /** Writes zero. */
  public void clear(long[] r, int ro) {
    r[ro] = 0;
    r[ro + 1] = 0;
    r[ro + 2] = 0;
    r[ro + 3] = 0;
  }

  /** Writes one. */
  public void setOne(long[] r, int ro) {
    System.arraycopy(one, 0, r, ro, LIMBS);
  }

  /** From a plain number below the prime, four limbs, to Montgomery form. */
  public void toMontgomery(long[] a, int ao, long[] r, int ro) {
    mul(a, ao, radixSquared, 0, r, ro);
  }

  /** From Montgomery form to the plain number, four limbs. */
  public void fromMontgomery(long[] a, int ao, long[] r, int ro) {
    mul(a, ao, new long[] {1, 0, 0, 0}, 0, r, ro);
  }

  /**
   * Writes an integer, reduced modulo the prime (so {@code -1} is {@code p - 1}), in Montgomery
   * form.
   */
  public void set(BigInteger value, long[] r, int ro) {
    split(value.mod(modulus), r, ro);
    toMontgomery(r, ro, r, ro);
  }

  /** The value of an element, in {@code [0, p)}. */
  public BigInteger toBigInteger(long[] a, int ao) {
    return join(a, ao).multiply(radixInverse).mod(modulus);
  }

  /** Writes the value of an element as 32 bytes, big-endian, not in Montgomery form. */
  public void toBytes(long[] a, int ao, byte[] out, int offset) {
    long[] plain = new long[LIMBS];
    fromMontgomery(a, ao, plain, 0);
    for (int i = 0; i < BYTES; i++) {
      out[offset + BYTES - 1 - i] = (byte) (plain[i / 8] >>> (8 * (i % 8)));
    }
  }

  /**
   * Reads 32 big-endian bytes.
   *
   * @throws IllegalArgumentException if there are fewer than 32 bytes, or the number is not less
   *     than the prime
   */
  public void fromBytes(byte[] in, int offset, long[] r, int ro) {
    if (offset < 0 || in.length - offset < BYTES) {
      throw new IllegalArgumentException(
          name + " element needs " + BYTES + " bytes at " + offset + " of " + in.length);
    }
    long[] plain = new long[LIMBS];
    for (int i = 0; i < BYTES; i++) {
      plain[i / 8] |= (in[offset + BYTES - 1 - i] & 0xffL) << (8 * (i % 8));
    }
    if (!isCanonical(plain, 0)) {
      throw new IllegalArgumentException(
          name + " element at byte " + offset + " is not less than the modulus");
    }
    toMontgomery(plain, 0, r, ro);
  }

  @Override
  public String toString() {
    return name;
  }

  /** Stores {@code t - p} if that is not negative, else {@code t}; {@code t < 2p}. */
  private void storeReduced(long t0, long t1, long t2, long t3, long[] r, int ro) {
    long d0 = t0 - p0;
    long borrow = carry(t0, p0);
    long e1 = t1 - p1;
    long d1 = e1 - borrow;
    borrow = carry(t1, p1) + carry(e1, borrow);
    long e2 = t2 - p2;
    long d2 = e2 - borrow;
    borrow = carry(t2, p2) + carry(e2, borrow);
    long d3 = t3 - p3 - borrow;
    // t < 2p < 2^255, so the top limb of the difference is negative exactly if t < p.
    long keep = d3 >> 63;
    r[ro] = d0 ^ ((d0 ^ t0) & keep);
    r[ro + 1] = d1 ^ ((d1 ^ t1) & keep);
    r[ro + 2] = d2 ^ ((d2 ^ t2) & keep);
    r[ro + 3] = d3 ^ ((d3 ^ t3) & keep);
  }

  /**
   * One if {@code x < y} unsigned: the carry out of a sum {@code x} with addend {@code y}, or the
   * borrow of {@code x - y}.
   */
  private static long carry(long x, long y) {
    return Long.compareUnsigned(x, y) < 0 ? 1 : 0;
  }

  private static void split(BigInteger value, long[] r, int ro) {
    for (int i = 0; i < LIMBS; i++) {
      r[ro + i] = value.shiftRight(64 * i).longValue();
    }
  }

  private static BigInteger join(long[] a, int ao) {
    BigInteger value = BigInteger.ZERO;
    for (int i = LIMBS - 1; i >= 0; i--) {
      BigInteger limb = BigInteger.valueOf(a[ao + i]);
      value =
          value
              .shiftLeft(64)
              .add(limb.signum() < 0 ? limb.add(BigInteger.ONE.shiftLeft(64)) : limb);
    }
    return value;
  }
}
