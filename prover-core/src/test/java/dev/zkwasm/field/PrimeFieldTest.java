package dev.zkwasm.field;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packed arithmetic of both fields against BigInteger. */
class PrimeFieldTest {
  private static final BigInteger RADIX = BigInteger.ONE.shiftLeft(256);

  static List<PrimeField> fields() {
    return List.of(PrimeField.FR, PrimeField.FQ);
  }

  /**
   * Montgomery representatives: edges of the range, single bits and limbs, numbers around the
   * prime's limbs, random.
   */
  private static List<BigInteger> representatives(PrimeField field) {
    BigInteger p = field.modulus();
    List<BigInteger> values = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      values.add(BigInteger.valueOf(i));
      values.add(p.subtract(BigInteger.valueOf(i + 1)));
      values.add(p.shiftRight(1).add(BigInteger.valueOf(i - 1)));
      values.add(p.shiftRight(64 * i).shiftLeft(64 * i).mod(p));
    }
    for (int bit = 0; bit < 254; bit += 21) {
      values.add(BigInteger.ONE.shiftLeft(bit).mod(p));
      values.add(BigInteger.ONE.shiftLeft(bit).subtract(BigInteger.ONE).mod(p));
    }
    values.add(RADIX.mod(p));
    Random random = new Random(17);
    for (int i = 0; i < 60; i++) {
      values.add(new BigInteger(270, random).mod(p));
    }
    return values;
  }

  private static long[] limbs(BigInteger v) {
    long[] r = new long[4];
    for (int i = 0; i < 4; i++) {
      r[i] = v.shiftRight(64 * i).longValue();
    }
    return r;
  }

  private static void check(PrimeField field, BigInteger expectedRepresentative, long[] actual) {
    assertArrayEquals(limbs(expectedRepresentative), Arrays.copyOfRange(actual, 4, 8));
    // Neighbours are not touched.
    for (int i = 0; i < 4; i++) {
      assertEquals(-7, actual[i]);
      assertEquals(-7, actual[8 + i]);
    }
    assertTrue(field.isCanonical(actual, 4));
  }

  private static long[] guarded() {
    long[] r = new long[12];
    Arrays.fill(r, -7);
    return r;
  }

  @ParameterizedTest
  @MethodSource("fields")
  void binaryOperationsMatchBigInteger(PrimeField field) {
    BigInteger p = field.modulus();
    BigInteger radixInverse = RADIX.modInverse(p);
    List<BigInteger> values = representatives(field);
    for (BigInteger a : values) {
      for (BigInteger b : values) {
        long[] x = limbs(a);
        long[] y = limbs(b);
        long[] r = guarded();
        field.add(x, 0, y, 0, r, 4);
        check(field, a.add(b).mod(p), r);
        field.sub(x, 0, y, 0, r, 4);
        check(field, a.subtract(b).mod(p), r);
        field.mul(x, 0, y, 0, r, 4);
        check(field, a.multiply(b).multiply(radixInverse).mod(p), r);
        assertEquals(a.equals(b), field.equal(x, 0, y, 0));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("fields")
  void unaryOperationsMatchBigInteger(PrimeField field) {
    BigInteger p = field.modulus();
    BigInteger radixInverse = RADIX.modInverse(p);
    for (BigInteger a : representatives(field)) {
      long[] x = limbs(a);
      long[] r = guarded();
      field.negate(x, 0, r, 4);
      check(field, a.negate().mod(p), r);
      field.twice(x, 0, r, 4);
      check(field, a.shiftLeft(1).mod(p), r);
      field.square(x, 0, r, 4);
      check(field, a.multiply(a).multiply(radixInverse).mod(p), r);
      field.toMontgomery(x, 0, r, 4);
      check(field, a.shiftLeft(256).mod(p), r);
      field.fromMontgomery(x, 0, r, 4);
      check(field, a.multiply(radixInverse).mod(p), r);
      assertEquals(a.multiply(radixInverse).mod(p), field.toBigInteger(x, 0));
      assertEquals(a.signum() == 0, field.isZero(x, 0));
      if (a.signum() != 0) {
        field.inverse(x, 0, r, 4);
        check(field, a.modInverse(p).shiftLeft(512).mod(p), r);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("fields")
  void destinationMayBeAnOperand(PrimeField field) {
    long[] a = limbs(field.modulus().subtract(BigInteger.TWO));
    long[] b = limbs(field.modulus().shiftRight(3));
    long[] expected = new long[4];
    field.mul(a, 0, b, 0, expected, 0);
    long[] x = a.clone();
    field.mul(x, 0, b, 0, x, 0);
    assertArrayEquals(expected, x);
    x = b.clone();
    field.mul(a, 0, x, 0, x, 0);
    assertArrayEquals(expected, x);
    field.sub(a, 0, b, 0, expected, 0);
    x = b.clone();
    field.sub(a, 0, x, 0, x, 0);
    assertArrayEquals(expected, x);
  }

  @ParameterizedTest
  @MethodSource("fields")
  void canonicalMeansBelowThePrime(PrimeField field) {
    BigInteger p = field.modulus();
    assertTrue(field.isCanonical(limbs(BigInteger.ZERO), 0));
    assertTrue(field.isCanonical(limbs(p.subtract(BigInteger.ONE)), 0));
    assertFalse(field.isCanonical(limbs(p), 0));
    assertFalse(field.isCanonical(limbs(p.add(BigInteger.ONE)), 0));
    assertFalse(field.isCanonical(limbs(RADIX.subtract(BigInteger.ONE)), 0));
    for (int limb = 0; limb < 4; limb++) {
      assertFalse(field.isCanonical(limbs(p.add(BigInteger.ONE.shiftLeft(64 * limb))), 0));
      assertTrue(field.isCanonical(limbs(p.subtract(BigInteger.ONE.shiftLeft(64 * limb))), 0));
    }
  }

  @ParameterizedTest
  @MethodSource("fields")
  void powMatchesBigInteger(PrimeField field) {
    BigInteger p = field.modulus();
    Random random = new Random(3);
    BigInteger base = new BigInteger(250, random);
    long[] x = new long[4];
    field.set(base, x, 0);
    for (BigInteger e :
        List.of(
            BigInteger.ZERO,
            BigInteger.ONE,
            BigInteger.TWO,
            BigInteger.valueOf(15),
            BigInteger.valueOf(16),
            p,
            p.subtract(BigInteger.ONE),
            new BigInteger(600, random))) {
      long[] r = guarded();
      field.pow(x, 0, e, r, 4);
      check(field, base.modPow(e, p).shiftLeft(256).mod(p), r);
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> field.pow(x, 0, BigInteger.ONE.negate(), new long[4], 0));
  }

  @ParameterizedTest
  @MethodSource("fields")
  void batchInverseSkipsZeros(PrimeField field) {
    List<BigInteger> values = representatives(field);
    long[] a = new long[4 * values.size() + 4];
    for (int i = 0; i < values.size(); i++) {
      System.arraycopy(limbs(values.get(i)), 0, a, 4 * i + 4, 4);
    }
    field.batchInverse(a, 4, values.size());
    BigInteger p = field.modulus();
    for (int i = 0; i < values.size(); i++) {
      BigInteger v = values.get(i);
      BigInteger expected = v.signum() == 0 ? v : v.modInverse(p).shiftLeft(512).mod(p);
      assertArrayEquals(limbs(expected), Arrays.copyOfRange(a, 4 * i + 4, 4 * i + 8));
    }
    field.batchInverse(new long[0], 0, 0);
  }

  /** Powers of two and small numbers over each other end the algorithm at all lengths. */
  @ParameterizedTest
  @MethodSource("fields")
  void inversesOfManyShapes(PrimeField field) {
    BigInteger p = field.modulus();
    List<BigInteger> values = new ArrayList<>();
    for (int bit = 0; bit < 254; bit++) {
      BigInteger power = BigInteger.ONE.shiftLeft(bit).mod(p);
      values.add(power);
      values.add(p.subtract(power));
      values.add(power.modInverse(p));
      values.add(BigInteger.valueOf(bit + 3).modInverse(p));
      values.add(p.divide(BigInteger.valueOf(bit + 2)));
    }
    Random random = new Random(18);
    for (int i = 0; i < 2000; i++) {
      values.add(new BigInteger(1 + random.nextInt(253), random).add(BigInteger.ONE));
    }
    BigInteger radixSquared = RADIX.multiply(RADIX);
    for (BigInteger v : values) {
      long[] x = limbs(v);
      field.inverse(x, 0, x, 0);
      // The representative A 2^256 has the inverse 2^256 / A.
      assertArrayEquals(limbs(v.modInverse(p).multiply(radixSquared).mod(p)), x, v.toString());
    }
  }

  @ParameterizedTest
  @MethodSource("fields")
  void sumsOfMultiplesAreReducedOnce(PrimeField field) {
    BigInteger p = field.modulus();
    Random random = new Random(23);
    long[] sum = new long[PrimeField.SUM_LIMBS + 2];
    BigInteger expected = BigInteger.ZERO;
    // The largest products again and again, then any.
    for (int i = 0; i < 3000; i++) {
      BigInteger a = i < 1000 ? p.subtract(BigInteger.ONE) : new BigInteger(270, random).mod(p);
      long v = i < 1000 ? -1 : random.nextLong();
      PrimeField.multiplyAdd(limbs(a), 0, v, sum, 1);
      expected = expected.add(a.multiply(new BigInteger(Long.toUnsignedString(v))));
      if (i % 100 == 99) {
        long[] r = new long[4];
        field.reduce(sum, 1, r, 0);
        assertArrayEquals(limbs(expected.mod(p)), r);
      }
    }
    assertEquals(0, sum[0]);
    assertEquals(0, sum[sum.length - 1]);
    Arrays.fill(sum, -1);
    long[] r = new long[4];
    field.reduce(sum, 0, r, 0);
    int bits = 64 * PrimeField.SUM_LIMBS;
    assertArrayEquals(limbs(BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE).mod(p)), r);
  }
}
