package dev.zkwasm.compute.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.field.PrimeField;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernels against big integers, at the ends of the ranges that their proof speaks of. */
class VectorKernelsTest {
  private static final int LANES = VectorKernels.LANES;
  private static final BigInteger TWO = BigInteger.TWO;

  private final Random random = new Random(5);

  @BeforeAll
  static void needsVectors() {
    if (!VectorKernels.supported()) {
      String message = "vector kernels not tested: vectors of " + LANES + " doubles";
      System.err.println("SKIPPED: " + message);
      Assumptions.abort(message);
    }
  }

  static List<PrimeField> fields() {
    return List.of(PrimeField.FR, PrimeField.FQ);
  }

  @ParameterizedTest
  @MethodSource("fields")
  void unpackAndPackAreInverse(PrimeField f) {
    VectorKernels k = new VectorKernels(f);
    List<BigInteger> values = pad(canonicalValues(f));
    long[] packed = pack(values);
    int groups = values.size() / LANES;
    double[] d = new double[(groups + 1) * VectorKernels.GROUP];
    k.unpack(packed, 0, LANES, d, 1, groups);
    for (int i = 0; i < values.size(); i++) {
      assertEquals(values.get(i), value(d, 1, i));
    }
    long[] back = new long[packed.length];
    k.pack(d, 1, null, 0, back, 0, LANES, groups);
    assertEquals(values, unpack(back));
    // Negative ones come out canonical, and groups in another order.
    int[] order = new int[groups];
    for (int g = 0; g < groups; g++) {
      order[g] = groups - 1 - g;
    }
    for (int i = 0; i < d.length; i++) {
      d[i] = -d[i];
    }
    k.pack(d, 1, order, 0, back, 0, LANES, groups);
    for (int i = 0; i < values.size(); i++) {
      int from = (groups - 1 - i / LANES) * LANES + i % LANES;
      assertEquals(values.get(from).negate().mod(f.modulus()), unpack(back).get(i));
    }
  }

  @ParameterizedTest
  @MethodSource("fields")
  void transpositionAndSingleElements(PrimeField f) {
    VectorKernels k = new VectorKernels(f);
    List<BigInteger> values = new ArrayList<>();
    for (int i = 0; i < 3 + LANES * LANES; i++) {
      values.add(new BigInteger(300, random).mod(f.modulus()));
    }
    long[] packed = pack(values);
    long[] block = new long[4 * LANES * LANES];
    VectorKernels.reorder(packed, 3, LANES, 1, block, 0, 1, LANES, LANES);
    List<BigInteger> transposed = unpack(block);
    for (int r = 0; r < LANES; r++) {
      for (int c = 0; c < LANES; c++) {
        assertEquals(values.get(3 + r * LANES + c), transposed.get(c * LANES + r));
      }
    }
    double[] d = new double[2 * VectorKernels.GROUP];
    k.setPacked(packed, 5, d, 1, 2);
    assertEquals(values.get(5), laneValue(d, 1, 2));
    k.fillCentred(packed, 7, d, 0);
    for (int lane = 0; lane < LANES; lane++) {
      BigInteger v = laneValue(d, 0, lane);
      assertEquals(values.get(7), v.mod(f.modulus()));
      assertTrue(v.abs().compareTo(f.modulus().shiftRight(1).add(TWO.pow(204))) <= 0);
      for (int l = 0; l < 4; l++) {
        assertTrue(Math.abs(d[lane + l * LANES]) <= 0x1p50);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("fields")
  void halving(PrimeField f) {
    VectorKernels k = new VectorKernels(f);
    List<BigInteger> values = pad(canonicalValues(f));
    double[] d = new double[values.size() / LANES * VectorKernels.GROUP];
    k.unpackHalved(pack(values), 0, d, 0, values.size() / LANES);
    BigInteger half = TWO.modInverse(f.modulus());
    for (int i = 0; i < values.size(); i++) {
      BigInteger v = value(d, 0, i);
      assertEquals(values.get(i).multiply(half).mod(f.modulus()), v.mod(f.modulus()));
      assertTrue(v.abs().compareTo(f.modulus().shiftRight(1)) <= 0);
    }
  }

  /** Every pair of extreme limb patterns, signed values included. */
  @ParameterizedTest
  @MethodSource("fields")
  void multiplication(PrimeField f) {
    VectorKernels k = new VectorKernels(f);
    BigInteger p = f.modulus();
    List<BigInteger> floored = new ArrayList<>(canonicalValues(f));
    for (BigInteger v : canonicalValues(f)) {
      floored.add(v.negate());
    }
    BigInteger inverse = TWO.pow(255).modInverse(p);
    for (BigInteger y : floored) {
      List<BigInteger> xs = pad(floored);
      int groups = xs.size() / LANES;
      double[] a = new double[groups * VectorKernels.GROUP];
      double[] b = new double[groups * VectorKernels.GROUP];
      for (int i = 0; i < xs.size(); i++) {
        set(a, i, xs.get(i));
        set(b, i, y);
      }
      double[] d = new double[a.length];
      k.mul(a, 0, b, 0, d, 0, groups);
      double[] e = a.clone();
      k.mul(e, 0, b, 0, e, 0, groups);
      for (int i = 0; i < xs.size(); i++) {
        BigInteger v = value(d, 0, i);
        assertEquals(xs.get(i).multiply(y).multiply(inverse).mod(p), v.mod(p));
        checkProduct(xs.get(i), y, d, i, p);
        assertEquals(v, value(e, 0, i));
      }
    }
  }

  /** The bounds of the proof: limbs, and 0.379 |a b| / p + 0.628 p. */
  private static void checkProduct(BigInteger a, BigInteger b, double[] d, int i, BigInteger p) {
    BigInteger thousand = BigInteger.valueOf(1000);
    BigInteger bound =
        a.multiply(b)
            .abs()
            .multiply(BigInteger.valueOf(379))
            .divide(p)
            .add(p.multiply(BigInteger.valueOf(628)));
    assertTrue(value(d, 0, i).abs().multiply(thousand).compareTo(bound) <= 0, "value");
    checkLimbs(d, i);
  }

  private static void checkLimbs(double[] d, int i) {
    int at = i / LANES * VectorKernels.GROUP + lane(i % LANES);
    for (int l = 0; l < 4; l++) {
      assertTrue(Math.abs(d[at + l * LANES]) <= 0x1p50, "limb");
    }
  }

  /** Up to the bounds of values and limbs, products of one sign and of both. */
  @ParameterizedTest
  @MethodSource("fields")
  void sumsOfProductsAndTerms(PrimeField f) {
    VectorKernels k = new VectorKernels(f);
    BigInteger p = f.modulus();
    BigInteger inverse = TWO.modPow(BigInteger.valueOf(-255), p);
    for (int count = 1; count <= VectorKernels.MAX_PRODUCTS; count++) {
      for (boolean alternating : new boolean[] {false, true}) {
        // The bound of the sum of products in p^2, so how large each may be.
        double most = (VectorKernels.MAX_PRODUCT_VALUE - 0.628) / 0.379;
        int shift = count <= most ? 0 : 2 * count / 4 <= most ? 1 : 2;
        List<BigInteger> values = new ArrayList<>();
        for (BigInteger v : canonicalValues(f)) {
          values.add(v.shiftRight(shift));
        }
        int per = pad(values).size();
        int groups = per / LANES;
        // The factors a, then for each product one group for b, then the result, then a sum.
        double[] s = new double[(count * groups + count + 2 * groups) * VectorKernels.GROUP];
        int[] factors = new int[4 * count];
        double[] signs = new double[count];
        BigInteger[] expected = new BigInteger[per];
        BigInteger[] sizes = new BigInteger[per];
        Arrays.fill(expected, BigInteger.ZERO);
        Arrays.fill(sizes, BigInteger.ZERO);
        for (int n = 0; n < count; n++) {
          int constant = count * groups + n;
          // Every product but one is the largest there is.
          BigInteger b = values.get(n == 1 ? random.nextInt(values.size()) : 4);
          for (int lane = 0; lane < LANES; lane++) {
            set(s, constant * LANES + lane, b);
          }
          signs[n] = alternating && n % 2 == 1 ? -1 : 1;
          for (int i = 0; i < per; i++) {
            BigInteger a = pad(values).get(n == 2 ? (i + 7) % per : i);
            set(s, n * per + i, a);
            BigInteger product = a.multiply(b);
            expected[i] = expected[i].add(signs[n] < 0 ? product.negate() : product);
            sizes[i] = sizes[i].add(product);
          }
          boolean swap = n % 2 == 0;
          factors[4 * n] = swap ? constant : n * groups;
          factors[4 * n + 1] = swap ? 0 : 1;
          factors[4 * n + 2] = swap ? n * groups : constant;
          factors[4 * n + 3] = swap ? 1 : 0;
        }
        int to = count * groups + count;
        k.sumOfProducts(s, factors, signs, to, groups);
        for (int i = 0; i < per; i++) {
          BigInteger v = value(s, to, i);
          assertEquals(expected[i].multiply(inverse).mod(p), v.mod(p));
          double bound = VectorKernels.productValue(quotient(sizes[i], p.multiply(p)));
          assertTrue(quotient(v.abs(), p) <= bound, "value");
          for (int l = 0; l < 5; l++) {
            double limb = s[(to + i / LANES) * VectorKernels.GROUP + lane(i % LANES) + l * LANES];
            assertTrue(Math.abs(limb) <= VectorKernels.productLimbs(bound) * 0x1p50, "limb");
          }
        }
        // In place, and terms on top of it.
        double[] before = s.clone();
        int[] terms = {to, 1, count * groups, 0, 0, 1};
        double[] termSigns = {1, -1, -1};
        k.addTerms(s, terms, termSigns, false, to + groups, groups);
        k.addTerms(s, terms, termSigns, true, to + groups, groups);
        for (int i = 0; i < per; i++) {
          BigInteger sum =
              value(s, to, i).subtract(value(s, count * groups, 0)).subtract(value(s, 0, i));
          assertEquals(sum.multiply(TWO), value(s, to + groups, i));
        }
        k.sumOfProducts(s, factors, signs, 0, groups);
        for (int i = 0; i < per; i++) {
          assertEquals(value(before, to, i), value(s, 0, i));
        }
      }
    }
  }

  private static double quotient(BigInteger a, BigInteger b) {
    return a.shiftLeft(60).divide(b).doubleValue() / 0x1p60;
  }

  /** The largest operand: limbs of 2^52, of either sign, times constants. */
  @ParameterizedTest
  @MethodSource("fields")
  void butterflies(PrimeField f) {
    VectorKernels k = new VectorKernels(f);
    BigInteger p = f.modulus();
    BigInteger inverse = TWO.pow(255).modInverse(p);
    List<BigInteger> constants = canonicalValues(f);
    double[] z = new double[constants.size() * VectorKernels.LIMBS];
    long[] packed = pack(constants);
    for (int i = 0; i < constants.size(); i++) {
      k.setConstant(packed, i, z, i * VectorKernels.LIMBS);
    }
    for (int half : List.of(1, 3)) {
      int groups = 2 * half * constants.size();
      double[] x = new double[(groups + 1) * VectorKernels.GROUP];
      for (int i = VectorKernels.GROUP; i < x.length; i++) {
        boolean top = i / LANES % VectorKernels.LIMBS == 4;
        double limit = top ? 0x1p51 : 0x1p52;
        x[i] =
            switch (random.nextInt(4)) {
              case 0 -> limit;
              case 1 -> -limit;
              default -> Math.rint((2 * random.nextDouble() - 1) * limit);
            };
      }
      double[] y = x.clone();
      k.butterflies(y, 1, constants.size(), half, z, 0);
      for (int g = 0; g < groups; g++) {
        int block = g / (2 * half);
        boolean first = g % (2 * half) < half;
        BigInteger w = constants.get(block).multiply(inverse);
        for (int lane = 0; lane < LANES; lane++) {
          BigInteger a = laneValue(x, 1 + g - (first ? 0 : half), lane);
          BigInteger b = laneValue(x, 1 + g + (first ? half : 0), lane).multiply(w);
          BigInteger sum = first ? a.add(b) : a.subtract(b);
          assertEquals(sum.mod(p), laneValue(y, 1 + g, lane).mod(p));
        }
      }
      for (int i = 0; i < VectorKernels.GROUP; i++) {
        assertEquals(0, y[i]);
      }
    }
  }

  /** The digit of 2^50, the end of its range, in every column, the last one of which multiplies. */
  @ParameterizedTest
  @MethodSource("fields")
  void theTieOfTheDigits(PrimeField f) {
    VectorKernels k = new VectorKernels(f);
    BigInteger p = f.modulus();
    BigInteger word = TWO.pow(51);
    BigInteger inverse = TWO.pow(255).modInverse(p);
    for (int step = 0; step < 5; step++) {
      for (int low = 0; low < 50; low++) {
        // b = 1: the product is a, and a's limb makes the column of this step equal to 2^50.
        BigInteger a = step == 0 ? BigInteger.ZERO : new BigInteger(51 * step, random);
        BigInteger limb = TWO.pow(50).subtract(reduced(a, p, step)).mod(word);
        a = a.add(limb.shiftLeft(51 * step));
        assertEquals(TWO.pow(50), reduced(a, p, step).mod(word));
        if (step < 4) {
          a = a.add(new BigInteger(40, random).shiftLeft(51 * step + 51));
        }
        double[] x = new double[VectorKernels.GROUP];
        double[] one = new double[VectorKernels.GROUP];
        for (int i = 0; i < LANES; i++) {
          set(x, i, a);
          set(one, i, BigInteger.ONE);
        }
        k.mul(x, 0, one, 0, x, 0, 1);
        assertEquals(a.multiply(inverse).mod(p), value(x, 0, 0).mod(p), "step " + step);
      }
    }
  }

  /** What is left after so many steps of {@code t = (t - d p m) / 2^51}, d the centred digit. */
  private static BigInteger reduced(BigInteger a, BigInteger p, int steps) {
    BigInteger word = TWO.pow(51);
    BigInteger m = centred(p.modInverse(word));
    BigInteger t = a;
    for (int i = 0; i < steps; i++) {
      BigInteger d = centred(t.mod(word));
      t = t.subtract(d.multiply(p).multiply(m)).shiftRight(51);
    }
    return t;
  }

  private static BigInteger centred(BigInteger digit) {
    return digit.testBit(50) ? digit.subtract(TWO.pow(51)) : digit;
  }

  @ParameterizedTest
  @MethodSource("fields")
  void sums(PrimeField f) {
    VectorKernels k = new VectorKernels(f);
    BigInteger p = f.modulus();
    List<BigInteger> xs = new ArrayList<>(canonicalValues(f));
    for (BigInteger v : canonicalValues(f)) {
      xs.add(v.negate());
    }
    xs = pad(xs);
    int groups = xs.size() / LANES;
    double[] a = new double[groups * VectorKernels.GROUP];
    double[] b = a.clone();
    double[] d = a.clone();
    for (BigInteger y : canonicalValues(f)) {
      for (int i = 0; i < xs.size(); i++) {
        set(a, i, xs.get(i));
        set(b, i, y);
      }
      k.add(a, 0, b, 0, d, 0, groups);
      for (int i = 0; i < xs.size(); i++) {
        checkCentred(xs.get(i).add(y), d, i, p);
      }
      k.sub(a, 0, b, 0, d, 0, groups);
      for (int i = 0; i < xs.size(); i++) {
        checkCentred(xs.get(i).subtract(y), d, i, p);
      }
      // Centred operands.
      double[] e = d.clone();
      k.add(d, 0, e, 0, e, 0, groups);
      for (int i = 0; i < xs.size(); i++) {
        checkCentred(xs.get(i).subtract(y).multiply(TWO), e, i, p);
      }
      k.subTwiceLess(a, 0, b, 0, b, 0, d, 0, groups);
      for (int i = 0; i < xs.size(); i++) {
        checkCentred(xs.get(i).subtract(y).multiply(TWO), d, i, p);
      }
    }
  }

  /** From the ends of the range of what is there to those of what is added. */
  @ParameterizedTest
  @MethodSource("fields")
  void runningSums(PrimeField f) {
    VectorKernels k = new VectorKernels(f);
    BigInteger p = f.modulus();
    List<BigInteger> xs = canonicalValues(f);
    // The largest limbs of a canonical value, all at once.
    xs.add(p.shiftRight(204).shiftLeft(204).subtract(BigInteger.ONE));
    double limb = 0x1p50 + 3;
    double top = Math.floor(p.shiftRight(1).add(TWO.pow(207)).shiftRight(204).doubleValue()) - 2;
    for (int pattern = 0; pattern < 5; pattern++) {
      for (int start = 0; start < xs.size(); start++) {
        double[] sum = new double[VectorKernels.GROUP];
        for (int lane = 0; lane < LANES; lane++) {
          set(sum, lane, xs.get(start));
        }
        if (pattern > 0) {
          // Not canonical: either end of every limb's range, and of the top one's.
          for (int i = 0; i < VectorKernels.GROUP; i++) {
            double end = i < 4 * LANES ? limb : top;
            sum[i] = i / LANES == 4 ? (pattern < 3 ? end : -end) : (pattern % 2 == 1 ? end : -end);
          }
        }
        double[] d = new double[(xs.size() + 1) * VectorKernels.GROUP];
        for (int g = 0; g < xs.size(); g++) {
          for (int e = 0; e < LANES; e++) {
            // Each lane in another order; one adds the largest again and again.
            int from = e == 0 ? xs.size() - 1 : (g * (2 * e + 1) + start) % xs.size();
            set(d, (g + 1) * LANES + e, xs.get(from));
          }
        }
        double[] x = d.clone();
        double[] first = sum.clone();
        k.runningSums(d, 1, xs.size(), sum);
        for (int e = 0; e < LANES; e++) {
          BigInteger expected = value(first, 0, e);
          assertEquals(expected, value(d, 1, e));
          for (int g = 1; g <= xs.size(); g++) {
            expected = expected.add(value(x, g, e));
            double[] result = g < xs.size() ? d : sum;
            int group = g < xs.size() ? g + 1 : 0;
            BigInteger v = value(result, group, e);
            assertEquals(expected.mod(p), v.mod(p));
            assertTrue(v.abs().compareTo(p.shiftRight(1).add(TWO.pow(207))) <= 0, "value");
            for (int l = 0; l < 4; l++) {
              double left = result[group * VectorKernels.GROUP + l * LANES + lane(e)];
              assertTrue(Math.abs(left) <= limb, "limb");
            }
          }
        }
      }
    }
  }

  @Test
  void halvesAndOrders() {
    int n = 6 * LANES;
    long[] s = random.longs(4L * n).toArray();
    Arrays.fill(s, 0, 4 * LANES, -1);
    long[] sums = new long[2 * LANES];
    Arrays.fill(sums, 7);
    VectorKernels.addHalves(s, 1, n - LANES, sums);
    long[] expected = new long[2 * LANES];
    for (int i = 0; i < 4 * (n - LANES); i++) {
      expected[i % LANES] += s[4 + i] & 0xffffffffL;
      expected[LANES + i % LANES] += s[4 + i] >>> 32;
    }
    assertArrayEquals(expected, sums);

    // Runs of six to groups and back, five of each.
    long[] groups = new long[4 * n];
    VectorKernels.reorder(s, 1, 6, 1, groups, 2, 1, LANES, 5);
    long[] runs = new long[4 * n];
    VectorKernels.reorder(groups, 2, 1, LANES, runs, 1, 6, 1, 5);
    for (int e = 0; e < LANES; e++) {
      for (int g = 0; g < 6; g++) {
        for (int w = 0; w < 4; w++) {
          int at = 4 * (1 + 6 * e + g) + w;
          if (g < 5) {
            assertEquals(s[at], groups[4 * (2 + g * LANES + e) + w]);
            assertEquals(s[at], runs[at]);
          } else if (at < runs.length) {
            assertEquals(0, runs[at]);
          }
        }
      }
    }
  }

  private static void checkCentred(BigInteger expected, double[] d, int i, BigInteger p) {
    BigInteger v = value(d, 0, i);
    assertEquals(expected.mod(p), v.mod(p));
    assertTrue(v.abs().compareTo(p.shiftRight(1).add(TWO.pow(207))) <= 0, "value");
    checkLimbs(d, i);
  }

  /** Zero, one, p - 1, limbs of all ones, single limbs, random ones. */
  private List<BigInteger> canonicalValues(PrimeField f) {
    BigInteger p = f.modulus();
    List<BigInteger> values = new ArrayList<>();
    values.add(BigInteger.ZERO);
    values.add(BigInteger.ONE);
    values.add(p.subtract(BigInteger.ONE));
    values.add(p.shiftRight(1));
    values.add(TWO.pow(253).subtract(BigInteger.ONE));
    values.add(TWO.pow(204).subtract(BigInteger.ONE));
    for (int i = 0; i < 5; i++) {
      BigInteger ones = TWO.pow(i < 4 ? 51 : 49).subtract(BigInteger.ONE);
      values.add(ones.shiftLeft(51 * i));
      values.add(TWO.pow(51 * i + (i < 4 ? 50 : 48)));
    }
    while (values.size() < 40) {
      values.add(new BigInteger(300, random).mod(p));
    }
    return values;
  }

  private static List<BigInteger> pad(List<BigInteger> values) {
    List<BigInteger> padded = new ArrayList<>(values);
    while (padded.size() % LANES != 0) {
      padded.add(BigInteger.ZERO);
    }
    return padded;
  }

  private static long[] pack(List<BigInteger> values) {
    long[] packed = new long[4 * values.size()];
    for (int i = 0; i < packed.length; i++) {
      packed[i] = values.get(i / 4).shiftRight(64 * (i % 4)).longValue();
    }
    return packed;
  }

  private static List<BigInteger> unpack(long[] packed) {
    List<BigInteger> values = new ArrayList<>();
    for (int i = 0; i < packed.length; i += 4) {
      BigInteger v = BigInteger.ZERO;
      for (int k = 3; k >= 0; k--) {
        v = v.shiftLeft(64).add(new BigInteger(Long.toUnsignedString(packed[i + k])));
      }
      values.add(v);
    }
    return values;
  }

  /** The lane of the element with this index in its group. */
  private static int lane(int element) {
    for (int l = 0; l < LANES; l++) {
      if (VectorKernels.elementOfLane(l) == element) {
        return l;
      }
    }
    throw new AssertionError("no lane for element " + element);
  }

  private static void set(double[] d, int i, BigInteger v) {
    int at = i / LANES * VectorKernels.GROUP + lane(i % LANES);
    for (int l = 0; l < 5; l++) {
      BigInteger limb = v.shiftRight(51 * l);
      d[at + l * LANES] = (l < 4 ? limb.mod(TWO.pow(51)) : limb).doubleValue();
    }
  }

  private static BigInteger value(double[] d, int group, int i) {
    return laneValue(d, group + i / LANES, lane(i % LANES));
  }

  private static BigInteger laneValue(double[] d, int group, int lane) {
    BigInteger v = BigInteger.ZERO;
    for (int l = 4; l >= 0; l--) {
      double limb = d[group * VectorKernels.GROUP + lane + l * LANES];
      assertEquals(Math.rint(limb), limb);
      v = v.shiftLeft(51).add(BigInteger.valueOf((long) limb));
    }
    return v;
  }
}
