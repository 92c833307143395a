package dev.zkwasm.field;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The element types: conversions, encodings, laws, roots. */
class FieldElementTest {
  private static final Random RANDOM = new Random(5);

  private static Fr randomFr() {
    return Fr.of(new BigInteger(300, RANDOM));
  }

  @Test
  void smallIntegers() {
    assertTrue(Fr.ZERO.isZero());
    assertTrue(Fr.ONE.isOne());
    assertFalse(Fr.of(2).isOne());
    assertEquals(Fr.MODULUS.subtract(BigInteger.ONE), Fr.of(-1).toBigInteger());
    assertEquals(Fr.of(BigInteger.valueOf(Long.MIN_VALUE)), Fr.of(Long.MIN_VALUE));
    assertEquals(Fr.of(BigInteger.valueOf(Long.MAX_VALUE)), Fr.of(Long.MAX_VALUE));
    assertEquals(Fr.of(BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE)), Fr.ofUnsigned(-1));
    assertEquals(Fr.of(-5), Fr.of(BigInteger.valueOf(-5)));
    assertEquals(Fr.of(3), Fr.of(Fr.MODULUS.shiftLeft(3).add(BigInteger.valueOf(3))));
    assertEquals("12", Fr.of(12).toString());
  }

  @Test
  void laws() {
    for (int i = 0; i < 50; i++) {
      Fr a = randomFr();
      Fr b = randomFr();
      Fr c = randomFr();
      assertEquals(a.mul(b.add(c)), a.mul(b).add(a.mul(c)));
      assertEquals(a.mul(b), b.mul(a));
      assertEquals(a.sub(b), a.add(b.negate()));
      assertEquals(a.twice(), a.add(a));
      assertEquals(a.square(), a.pow(2));
      assertTrue(a.mul(a.inverse()).isOne());
      assertTrue(a.pow(Fr.MODULUS.subtract(BigInteger.ONE)).isOne());
    }
    assertThrows(ArithmeticException.class, Fr.ZERO::inverse);
    assertTrue(Fr.ZERO.pow(0).isOne());
  }

  @Test
  void bytesAreBigEndianAndCanonical() {
    byte[] five = new byte[32];
    five[31] = 5;
    assertArrayEquals(five, Fr.of(5).toBytes());
    for (int i = 0; i < 20; i++) {
      Fr a = randomFr();
      byte[] bytes = new byte[40];
      System.arraycopy(a.toBytes(), 0, bytes, 3, 32);
      assertEquals(a, Fr.fromBytes(bytes, 3));
      assertEquals(a.toBigInteger(), new BigInteger(1, a.toBytes()));
    }
    for (BigInteger bad :
        new BigInteger[] {
          Fr.MODULUS,
          Fr.MODULUS.add(BigInteger.ONE),
          BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE)
        }) {
      byte[] bytes = HexFormat.of().parseHex(String.format("%064x", bad));
      assertThrows(IllegalArgumentException.class, () -> Fr.fromBytes(bytes, 0));
    }
    // The two primes differ: r itself is an element of Fq.
    byte[] r = HexFormat.of().parseHex(String.format("%064x", Fr.MODULUS));
    assertEquals(Fr.MODULUS, Fq.fromBytes(r, 0).toBigInteger());
    assertThrows(IllegalArgumentException.class, () -> Fr.fromBytes(new byte[32], 1));
    assertThrows(IllegalArgumentException.class, () -> Fr.fromBytes(new byte[32], -1));
  }

  @Test
  void equalityIsByFieldAndValue() {
    assertNotEquals((Object) Fr.of(1), Fq.of(1));
    assertNotEquals(Fr.of(1), Fr.of(2));
    assertEquals(Fr.of(7).hashCode(), Fr.of(3).add(Fr.of(4)).hashCode());
  }

  @Test
  void rootsOfUnity() {
    BigInteger w28 =
        BigInteger.valueOf(5)
            .modPow(Fr.MODULUS.subtract(BigInteger.ONE).shiftRight(28), Fr.MODULUS);
    assertEquals(w28, Fr.rootOfUnity(28).toBigInteger());
    assertTrue(Fr.rootOfUnity(0).isOne());
    assertEquals(Fr.of(-1), Fr.rootOfUnity(1));
    for (int k = 1; k <= 28; k++) {
      assertEquals(Fr.rootOfUnity(k - 1), Fr.rootOfUnity(k).square());
    }
    assertThrows(IllegalArgumentException.class, () -> Fr.rootOfUnity(29));
    assertThrows(IllegalArgumentException.class, () -> Fr.rootOfUnity(-1));
  }

  @Test
  void generatorGenerates() {
    // 5 is of full order exactly if no 5^((r-1)/prime) is one.
    BigInteger order = Fr.MODULUS.subtract(BigInteger.ONE);
    BigInteger rest = order;
    for (String factor :
        "2 3 13 29 983 11003 237073 405928799 1670836401704629 13818364434197438864469338081"
            .split(" ")) {
      BigInteger prime = new BigInteger(factor);
      assertTrue(prime.isProbablePrime(50));
      assertFalse(Fr.GENERATOR.pow(order.divide(prime)).isOne());
      while (rest.mod(prime).signum() == 0) {
        rest = rest.divide(prime);
      }
    }
    assertEquals(BigInteger.ONE, rest, "the factorisation is complete");
  }

  @Test
  void squareRootsInFq() {
    for (int i = 0; i < 20; i++) {
      Fq a = Fq.of(new BigInteger(300, RANDOM));
      Fq root = a.square().sqrt().orElseThrow();
      assertTrue(root.equals(a) || root.equals(a.negate()));
      // -1 is not a square modulo a prime that is 3 mod 4.
      assertTrue(a.square().negate().sqrt().isEmpty());
      assertEquals(a.toBigInteger().testBit(0), a.isOdd());
    }
    assertEquals(Fq.ZERO, Fq.ZERO.sqrt().orElseThrow());
  }

  @Test
  void vector() {
    FrVector v = FrVector.of(Fr.of(1), Fr.of(2), Fr.of(3));
    assertEquals(3, v.size());
    assertEquals(Fr.of(3), v.get(2));
    FrVector copy = v.slice(1, 3);
    v.set(1, Fr.of(-9));
    assertEquals(Fr.of(2), copy.get(0));
    assertEquals(Fr.of(-9), FrVector.wrap(v.limbs()).get(1));
    assertEquals(Fr.ZERO, new FrVector(1).get(0));
    assertThrows(IndexOutOfBoundsException.class, () -> v.get(3));
    assertThrows(IndexOutOfBoundsException.class, () -> v.set(-1, Fr.ONE));
    assertThrows(IllegalArgumentException.class, () -> FrVector.wrap(new long[5]));
    assertThrows(IllegalArgumentException.class, () -> new FrVector(-1));
  }
}
