package dev.zkwasm.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.Fq;
import dev.zkwasm.field.Fr;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The device's field and curve functions, compiled for the host, against big integers and G1. */
class DeviceFunctionsTest {
  private static final BigInteger TWO_256 = BigInteger.ONE.shiftLeft(256);
  private static final int COUNT = 4096;

  private final Random random = new Random(1);

  /** Numbers below a bound: the ends, neighbours of multiples of p and of limbs, random ones. */
  private List<BigInteger> numbers(BigInteger p, BigInteger bound) {
    List<BigInteger> numbers = new ArrayList<>();
    for (BigInteger near :
        List.of(
            BigInteger.ZERO,
            p,
            p.shiftLeft(1),
            p.multiply(BigInteger.valueOf(3)),
            bound,
            BigInteger.ONE.shiftLeft(32),
            BigInteger.ONE.shiftLeft(128),
            BigInteger.ONE.shiftLeft(254).subtract(BigInteger.ONE.shiftLeft(32)))) {
      for (int d = -2; d <= 2; d++) {
        BigInteger x = near.add(BigInteger.valueOf(d));
        if (x.signum() >= 0 && x.compareTo(bound) < 0) {
          numbers.add(x);
        }
      }
    }
    while (numbers.size() < 64) {
      BigInteger x = new BigInteger(256, random);
      // Limbs of all ones or all zeros now and then, where carries run far.
      for (int limb = 0; limb < 8; limb++) {
        BigInteger mask =
            BigInteger.ONE.shiftLeft(32).subtract(BigInteger.ONE).shiftLeft(32 * limb);
        int kind = random.nextInt(6);
        x = kind == 0 ? x.or(mask) : kind == 1 ? x.andNot(mask) : x;
      }
      numbers.add(x.mod(bound));
    }
    return numbers;
  }

  private record Pair(BigInteger a, BigInteger b) {}

  private List<Pair> pairs(BigInteger p, int aBound, int bBound) {
    List<BigInteger> a = numbers(p, p.multiply(BigInteger.valueOf(aBound)));
    List<BigInteger> b = numbers(p, p.multiply(BigInteger.valueOf(bBound)));
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      pairs.add(new Pair(a.get(i % 64), b.get(i / 64)));
    }
    return pairs;
  }

  /**
   * One function against its meaning, congruent mod p and within its range.
   *
   * @param bounds of the first operand, the second and the result, in multiples of p
   */
  private void check(int operation, String name, int[] bounds, BinaryOperator<BigInteger> meaning) {
    check(operation, name, bounds, p -> meaning);
  }

  /** The same where the meaning depends on the prime. */
  private void check(
      int operation,
      String name,
      int[] bounds,
      Function<BigInteger, BinaryOperator<BigInteger>> meaning) {
    FunctionDescriptor descriptor =
        FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
    MethodHandle function = HostLibrary.get().function("device_field", descriptor);
    for (int which = 0; which < 2; which++) {
      BigInteger p = which == 0 ? Fr.MODULUS : Fq.MODULUS;
      List<Pair> pairs = pairs(p, bounds[0], bounds[1]);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment a = arena.allocate(32L * COUNT, 16);
        MemorySegment b = arena.allocate(32L * COUNT, 16);
        MemorySegment out = arena.allocate(32L * COUNT, 16);
        for (int i = 0; i < COUNT; i++) {
          put(a, i, pairs.get(i).a);
          put(b, i, pairs.get(i).b);
        }
        assertEquals(0, invoke(function, which, operation, a, b, out, (long) COUNT));
        for (int i = 0; i < COUNT; i++) {
          Pair pair = pairs.get(i);
          BigInteger result = get(out, i);
          String what = name + " of " + pair + " mod " + (which == 0 ? "r" : "q");
          assertEquals(meaning.apply(p).apply(pair.a, pair.b).mod(p), result.mod(p), what);
          assertTrue(result.compareTo(p.multiply(BigInteger.valueOf(bounds[2]))) < 0, what);
        }
      }
    }
  }

  private static Object invoke(MethodHandle function, Object... arguments) {
    try {
      return function.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static void put(MemorySegment to, long i, BigInteger value) {
    for (int k = 0; k < 4; k++) {
      to.setAtIndex(JAVA_LONG, 4 * i + k, value.shiftRight(64 * k).longValue());
    }
  }

  private static BigInteger get(MemorySegment from, long i) {
    BigInteger value = BigInteger.ZERO;
    for (int k = 3; k >= 0; k--) {
      long limb = from.getAtIndex(JAVA_LONG, 4 * i + k);
      value = value.shiftLeft(64).or(new BigInteger(Long.toUnsignedString(limb)));
    }
    return value;
  }

  @Test
  void sumsAndDifferences() {
    check(0, "a + b", new int[] {2, 2, 2}, BigInteger::add);
    check(1, "a - b", new int[] {2, 2, 2}, BigInteger::subtract);
    check(8, "a - b, unreduced", new int[] {2, 2, 4}, BigInteger::subtract);
    check(4, "canonical a", new int[] {2, 1, 1}, (a, b) -> a);
    check(6, "-a", new int[] {2, 1, 1}, (a, b) -> a.negate());
  }

  /** Both styles, for operands below 2p, and below 4p times below p, as field.cuh promises. */
  @Test
  void products() {
    for (BigInteger p : List.of(Fr.MODULUS, Fq.MODULUS)) {
      assertTrue(p.multiply(BigInteger.valueOf(5)).compareTo(TWO_256) < 0);
    }
    for (int style : new int[] {2, 3}) {
      for (int[] bounds : new int[][] {{2, 2, 2}, {4, 1, 2}}) {
        check(
            style,
            style == 2 ? "a b by chains" : "a b by wide steps",
            bounds,
            p -> (a, b) -> a.multiply(b).multiply(TWO_256.modInverse(p)));
      }
    }
  }

  @Test
  void inversesAndZeros() {
    BigInteger r = TWO_256;
    // In Montgomery form: a R goes to R / a.
    check(5, "1 / a", new int[] {2, 1, 2}, p -> (a, b) -> inverse(a, p).multiply(r).multiply(r));
    check(7, "plain a", new int[] {2, 1, 1}, p -> (a, b) -> a.multiply(r.modInverse(p)));
    check(9, "a = 0", new int[] {2, 1, 1}, p -> (a, b) -> zero(a, p));
  }

  private static BigInteger inverse(BigInteger a, BigInteger p) {
    return a.mod(p).signum() == 0 ? BigInteger.ZERO : a.modInverse(p);
  }

  private static BigInteger zero(BigInteger a, BigInteger p) {
    return a.mod(p).signum() == 0 ? TWO_256.mod(p) : BigInteger.ZERO;
  }

  // Points.

  private static final List<G1> POINTS =
      List.of(
          G1.INFINITY,
          G1.GENERATOR,
          G1.GENERATOR.negate(),
          G1.GENERATOR.twice(),
          G1.GENERATOR.mul(Fr.of(12345)),
          G1.GENERATOR.mul(Fr.of(-77)));

  /** All pairs, with sums whose denominators are one and others. */
  @Test
  void sumsOfPoints() {
    FunctionDescriptor withFlag = FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
    MethodHandle addPoint = HostLibrary.get().function("device_add_point", withFlag);
    MethodHandle addSum =
        HostLibrary.get()
            .function("device_add_sum", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG));
    MethodHandle twice =
        HostLibrary.get().function("device_double", FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG));
    try (Arena arena = Arena.ofConfined()) {
      for (G1 a : POINTS) {
        for (G1 b : POINTS) {
          for (int scale = 1; scale <= 2; scale++) {
            MemorySegment sum = sum(arena, a, scale);
            MemorySegment point = arena.allocate(64, 16);
            point.copyFrom(MemorySegment.ofArray(G1Vector.of(List.of(b)).limbs()));
            invoke(addPoint, sum, point, 1L, 0);
            assertEquals(a.add(b), affine(sum), a + " + " + b);
            invoke(addPoint, sum, point, 1L, 1);
            assertEquals(a, affine(sum), a + " + " + b + " - " + b);
            invoke(addSum, sum, sum(arena, b, 3 - scale), 1L);
            assertEquals(a.add(b), affine(sum), a + " + sum " + b);
            invoke(twice, sum, 1L);
            assertEquals(a.add(b).twice(), affine(sum));
          }
        }
      }
    }
  }

  /** A point over the denominators {@code scale^2} and {@code scale^3}. */
  private static MemorySegment sum(Arena arena, G1 point, int scale) {
    long[] limbs = new long[16];
    if (!point.isInfinity()) {
      Fq zz = Fq.of(scale).square();
      Fq zzz = zz.mul(Fq.of(scale));
      point.x().mul(zz).store(limbs, 0);
      point.y().mul(zzz).store(limbs, 4);
      zz.store(limbs, 8);
      zzz.store(limbs, 12);
    }
    MemorySegment segment = arena.allocate(128, 16);
    segment.copyFrom(MemorySegment.ofArray(limbs));
    return segment;
  }

  private static G1 affine(MemorySegment sum) {
    Fq[] c = new Fq[4];
    BigInteger radixInverse = TWO_256.modInverse(Fq.MODULUS);
    for (int i = 0; i < 4; i++) {
      c[i] = Fq.of(get(sum, i).multiply(radixInverse));
    }
    if (c[2].isZero()) {
      return G1.INFINITY;
    }
    assertEquals(c[2].square().mul(c[2]), c[3].square(), "ZZ^3 = ZZZ^2");
    return G1.of(c[0].mul(c[2].inverse()), c[1].mul(c[3].inverse()));
  }
}
