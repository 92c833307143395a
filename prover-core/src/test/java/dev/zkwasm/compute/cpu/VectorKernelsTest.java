package dev.zkwasm.compute.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.field.PrimeField;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
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
    k.pack(d, 1, null, back, 0, LANES, groups);
    assertEquals(values, unpack(back));
    // Negative ones come out canonical, and groups in another order.
    int[] order = new int[groups];
    for (int g = 0; g < groups; g++) {
      order[g] = groups - 1 - g;
    }
    for (int i = 0; i < d.length; i++) {
      d[i] = -d[i];
    }
    k.pack(d, 1, order, back, 0, LANES, groups);
    for (int i = 0; i < values.size(); i++) {
      int from = (groups - 1 - i / LANES) * LANES + i % LANES;
      assertEquals(values.get(from).negate().mod(f.modulus()), unpack(back).get(i));
    }
  }

  @ParameterizedTest
  @MethodSource("fields")
  void stridedUnpackingAndSingleElements(PrimeField f) {
    VectorKernels k = new VectorKernels(f);
    List<BigInteger> values = new ArrayList<>();
    int stride = 3;
    for (int i = 0; i < stride * LANES; i++) {
      values.add(new BigInteger(300, random).mod(f.modulus()));
    }
    long[] packed = pack(values);
    double[] d = new double[2 * VectorKernels.GROUP];
    k.unpackStrided(packed, 1, VectorKernels.strided(stride), d, 0, 2);
    for (int i = 0; i < LANES; i++) {
      assertEquals(values.get(1 + stride * i), value(d, 0, i));
      assertEquals(values.get(2 + stride * i), value(d, 0, LANES + i));
    }
    k.setPacked(packed, 5, d, 1, 2);
    assertEquals(values.get(5), laneValue(d, 1, 2));
    k.fillCentred(packed, 7, d, 0);
    for (int lane = 0; lane < LANES; lane++) {
      assertEquals(values.get(7), laneValue(d, 0, lane));
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
      assertEquals(values.get(i).multiply(half).mod(f.modulus()), value(d, 0, i));
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
      k.scale(e, 0, b, 0, e, 0, groups);
      for (int i = 0; i < xs.size(); i++) {
        BigInteger v = value(d, 0, i);
        assertEquals(xs.get(i).multiply(y).multiply(inverse).mod(p), v.mod(p));
        // |v| < 0.88 p.
        assertTrue(
            v.abs().multiply(BigInteger.valueOf(25)).compareTo(p.multiply(BigInteger.valueOf(22)))
                < 0);
        assertEquals(v, value(e, 0, i));
      }
    }
  }

  /** The one remainder whose low half may have either sign, in every step: see the proof. */
  @ParameterizedTest
  @MethodSource("fields")
  void theTieOfTheQuotientDigit(PrimeField f) {
    VectorKernels k = new VectorKernels(f);
    BigInteger p = f.modulus();
    BigInteger word = TWO.pow(51);
    BigInteger inverse = TWO.pow(255).modInverse(p);
    for (int step = 0; step < 4; step++) {
      // b = 1: the product is a, and a's limb in this step makes column 0 equal to 2^50.
      for (int low = 0; low < 50; low++) {
        BigInteger a = step == 0 ? BigInteger.ZERO : new BigInteger(51 * step, random);
        BigInteger q = a.multiply(p.modInverse(TWO.pow(51 * step)).negate());
        q = centred(q, step);
        BigInteger column = a.add(q.multiply(p)).shiftRight(51 * step);
        BigInteger limb = TWO.pow(50).subtract(column).mod(word);
        a =
            a.add(limb.shiftLeft(51 * step))
                .add(new BigInteger(40, random).shiftLeft(51 * step + 51));
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

  /** A quotient of so many digits, each centred. */
  private static BigInteger centred(BigInteger q, int digits) {
    BigInteger sum = BigInteger.ZERO;
    BigInteger word = TWO.pow(51);
    BigInteger rest = q;
    for (int i = 0; i < digits; i++) {
      BigInteger digit = rest.mod(word);
      if (digit.testBit(50)) {
        digit = digit.subtract(word);
      }
      sum = sum.add(digit.shiftLeft(51 * i));
      rest = rest.subtract(digit).shiftRight(51);
    }
    return sum;
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

  private static void checkCentred(BigInteger expected, double[] d, int i, BigInteger p) {
    BigInteger v = value(d, 0, i);
    assertEquals(expected.mod(p), v.mod(p));
    assertTrue(v.abs().compareTo(p.shiftRight(1).add(TWO.pow(207))) <= 0, "value");
    int at = i / LANES * VectorKernels.GROUP + lane(i % LANES);
    for (int l = 0; l < 4; l++) {
      assertTrue(Math.abs(d[at + l * LANES]) <= 0x1p50, "limb");
    }
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
