package dev.zkwasm.compute.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.zkwasm.field.PrimeField;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sums and running sums, scalar and by vectors, against big integers. */
class RunningSumsTest {
  private static final List<Integer> SIZES =
      List.of(
          0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1000, 4095, 4096,
          4099, 4224, 4225);

  private final Random random = new Random(11);

  static List<PrimeField> fields() {
    return List.of(PrimeField.FR, PrimeField.FQ);
  }

  @ParameterizedTest
  @MethodSource("fields")
  void scalarSums(PrimeField f) {
    check(f, new ScalarFieldOps(f), 4099);
  }

  @ParameterizedTest
  @MethodSource("fields")
  void vectorSums(PrimeField f) {
    if (!VectorKernels.supported()) {
      String message = "vector sums not tested: vectors of " + VectorKernels.LANES + " doubles";
      System.err.println("SKIPPED: " + message);
      Assumptions.abort(message);
    }
    // The longest: twice the longest runs there are in every lane, shorter ones, and a rest.
    check(
        f,
        new VectorFieldOps(f, new VectorKernels(f), () -> true, () -> true),
        2 * 65 * 16 * 8 + 999);
  }

  private void check(PrimeField f, FieldOps ops, int longest) {
    BigInteger largest = f.modulus().subtract(BigInteger.ONE);
    Map<String, IntFunction<BigInteger>> shapes = new LinkedHashMap<>();
    shapes.put("zeros", i -> BigInteger.ZERO);
    shapes.put("p - 1", i -> largest);
    shapes.put("alternating", i -> i % 2 == 0 ? largest : BigInteger.ZERO);
    shapes.put("p - 1 and 1", i -> i % 2 == 0 ? largest : BigInteger.ONE);
    shapes.put("2^253", i -> BigInteger.TWO.pow(253));
    shapes.put("2^253 - 1", i -> BigInteger.TWO.pow(253).subtract(BigInteger.ONE));
    shapes.put("random", i -> new BigInteger(300, random).mod(f.modulus()));
    shapes.forEach(
        (shape, element) -> {
          for (int n : SIZES) {
            check(f, ops, n, element, shape + " " + n);
          }
        });
    check(f, ops, longest, i -> new BigInteger(300, random).mod(f.modulus()), "longest");
    check(f, ops, longest, i -> largest, "longest of p - 1");
  }

  /** Where they are, and elsewhere; not from the first element on; nothing beside is touched. */
  private void check(
      PrimeField f, FieldOps ops, int n, IntFunction<BigInteger> element, String what) {
    BigInteger[] values = new BigInteger[n];
    Arrays.setAll(values, element);
    long[] a = random.longs(4L * (n + 5)).toArray();
    for (int i = 0; i < n; i++) {
      store(values[i], a, 4 * (i + 3));
    }
    BigInteger sum = n % 2 == 0 ? BigInteger.ZERO : f.modulus().subtract(BigInteger.ONE);
    long[] start = new long[5];
    store(sum, start, 1);
    long[] d = random.longs(4L * (n + 5)).toArray();
    long[] expected = d.clone();
    long[] expectedInPlace = a.clone();
    for (int i = 0; i < n; i++) {
      store(sum, expected, 4 * (i + 1));
      store(sum, expectedInPlace, 4 * (i + 3));
      sum = sum.add(values[i]).mod(f.modulus());
    }
    long[] end = new long[5];
    store(sum, end, 1);

    long[] total = start.clone();
    ops.addUp(a, 3, n, total, 1);
    assertArrayEquals(end, total, what);
    total = start.clone();
    ops.prefixSum(a, 3, d, 1, n, total, 1);
    assertArrayEquals(end, total, what);
    assertArrayEquals(expected, d, what);
    total = start.clone();
    ops.prefixSum(a, 3, a, 3, n, total, 1);
    assertArrayEquals(end, total, what);
    assertArrayEquals(expectedInPlace, a, what);
    assertEquals(0, total[0], what);
  }

  private static void store(BigInteger value, long[] limbs, int at) {
    for (int i = 0; i < PrimeField.LIMBS; i++) {
      limbs[at + i] = value.shiftRight(64 * i).longValue();
    }
  }
}
