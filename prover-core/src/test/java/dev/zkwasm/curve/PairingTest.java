package dev.zkwasm.curve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.field.Fq;
import dev.zkwasm.field.Fr;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The tower, the second group, and the pairing. */
class PairingTest {
  private static final Random RANDOM = new Random(41);

  private static Fq randomFq() {
    return Fq.of(new BigInteger(300, RANDOM));
  }

  private static Fq2 randomFq2() {
    return new Fq2(randomFq(), randomFq());
  }

  private static Fq6 randomFq6() {
    return new Fq6(randomFq2(), randomFq2(), randomFq2());
  }

  private static Fq12 randomFq12() {
    return new Fq12(randomFq6(), randomFq6());
  }

  private static Fq12 pow(Fq12 a, BigInteger e) {
    Fq12 r = Fq12.ONE;
    for (int i = e.bitLength() - 1; i >= 0; i--) {
      r = r.mul(r);
      if (e.testBit(i)) {
        r = r.mul(a);
      }
    }
    return r;
  }

  private static Fq12 pairing(G1 p, G2 q) {
    return Pairing.product(List.of(new Pairing.Pair(p, q)));
  }

  @Test
  void fq2MatchesItsDefinition() {
    Fq2 a = randomFq2();
    Fq2 b = randomFq2();
    Fq2 product =
        new Fq2(
            a.c0().mul(b.c0()).sub(a.c1().mul(b.c1())), a.c0().mul(b.c1()).add(a.c1().mul(b.c0())));
    assertEquals(product, a.mul(b));
    assertEquals(a.mul(a), a.square());
    assertEquals(a.mul(Fq2.XI), a.mulByXi());
    assertEquals(Fq2.ONE, a.mul(a.inverse()));
    assertEquals(a.mul(new Fq2(b.c0(), Fq.ZERO)), a.mul(b.c0()));
    assertEquals(a.add(a), a.twice());
    assertEquals(Fq2.ZERO, a.add(a.negate()));
    assertEquals(a, Fq2.fromBytes(a.toBytes(), 0));
    assertThrows(ArithmeticException.class, Fq2.ZERO::inverse);
  }

  @Test
  void towerLaws() {
    Fq6 v = new Fq6(Fq2.ZERO, Fq2.ONE, Fq2.ZERO);
    assertEquals(new Fq6(Fq2.XI, Fq2.ZERO, Fq2.ZERO), v.mul(v).mul(v));
    Fq12 w = new Fq12(Fq6.ZERO, Fq6.ONE);
    assertEquals(new Fq12(v, Fq6.ZERO), w.mul(w));
    Fq6 a6 = randomFq6();
    Fq6 b6 = randomFq6();
    Fq6 c6 = randomFq6();
    assertEquals(a6.mul(b6.add(c6)), a6.mul(b6).add(a6.mul(c6)));
    assertEquals(a6.mul(b6).mul(c6), a6.mul(b6.mul(c6)));
    assertEquals(a6.mul(v), a6.mulByV());
    assertEquals(Fq6.ONE, a6.mul(a6.inverse()));
    assertEquals(a6.mul(new Fq6(b6.c0(), b6.c1(), Fq2.ZERO)), a6.mulSparse(b6.c0(), b6.c1()));
    Fq12 a = randomFq12();
    Fq12 b = randomFq12();
    Fq12 c = randomFq12();
    assertEquals(a.mul(b).mul(c), a.mul(b.mul(c)));
    assertEquals(a.mul(a), a.square());
    assertTrue(a.mul(a.inverse()).isOne());
    Fq2 l1 = randomFq2();
    Fq2 l2 = randomFq2();
    Fq12 line = new Fq12(Fq6.ONE, new Fq6(l1, l2, Fq2.ZERO));
    assertEquals(a.mul(line), a.mulByLine(l1, l2));
    assertEquals(pow(a, Fq.MODULUS), a.frobenius());
    Fq12 sixTimes = a;
    for (int i = 0; i < 6; i++) {
      sixTimes = sixTimes.frobenius();
    }
    assertEquals(a.conjugate(), sixTimes);
  }

  @Test
  void finalExponentiationMatchesThePlainPower() {
    Fq12 a = randomFq12();
    BigInteger exponent = Fq.MODULUS.pow(12).subtract(BigInteger.ONE).divide(Fr.MODULUS);
    Fq12 expected = pow(a, exponent);
    assertEquals(expected, Pairing.finalExponentiation(a));
    assertEquals(expected.mul(expected), expected.cyclotomicSquare());
  }

  @Test
  void secondGroup() {
    G2 g = G2.GENERATOR;
    assertEquals(g, G2.of(g.x(), g.y()));
    assertEquals(g, G2.fromBytes(g.toBytes(), 0));
    assertEquals(G2.INFINITY, G2.fromBytes(new byte[G2.BYTES], 0));
    Fr a = G1Test.randomScalar();
    Fr b = G1Test.randomScalar();
    assertEquals(g.mul(a.add(b)), g.mul(a).add(g.mul(b)));
    assertEquals(g.mul(a.mul(b)), g.mul(a).mul(b));
    assertEquals(g.mul(Fr.of(2)), g.add(g));
    assertEquals(g.mul(Fr.of(-1)), g.negate());
    assertTrue(g.add(g.negate()).isInfinity());
    assertTrue(g.mul(Fr.ZERO).isInfinity());
    assertEquals(g, G2.INFINITY.add(g));
    assertEquals(g, g.add(G2.INFINITY));
    byte[] off = g.toBytes();
    off[127] ^= 1;
    assertThrows(IllegalArgumentException.class, () -> G2.fromBytes(off, 0));
    assertThrows(IllegalArgumentException.class, () -> G2.fromBytes(new byte[127], 0));
  }

  @Test
  void pointsOfTheTwistOutsideTheSubgroupAreRefused() {
    Fq2 b = Fq2.XI.inverse().mul(Fq.of(3));
    int found = 0;
    for (int i = 1; found < 3; i++) {
      Fq2 x = new Fq2(Fq.of(i), Fq.ONE);
      Optional<Fq2> y = sqrt(x.square().mul(x).add(b));
      if (y.isPresent()) {
        found++;
        IllegalArgumentException e =
            assertThrows(IllegalArgumentException.class, () -> G2.of(x, y.get()));
        assertTrue(e.toString().contains("not in the subgroup"), e.toString());
      }
    }
  }

  /**
   * By the complex method: if {@code (c + d u)^2 = a + b u} then {@code c^2 = (a + |a + b u|) / 2}
   * for a norm's root.
   */
  private static Optional<Fq2> sqrt(Fq2 s) {
    Optional<Fq> norm = s.c0().square().add(s.c1().square()).sqrt();
    if (norm.isEmpty()) {
      return Optional.empty();
    }
    Fq half = Fq.of(2).inverse();
    for (Fq n : List.of(norm.get(), norm.get().negate())) {
      Optional<Fq> c = s.c0().add(n).mul(half).sqrt();
      if (c.isPresent() && !c.get().isZero()) {
        Fq2 root = new Fq2(c.get(), s.c1().mul(c.get().twice().inverse()));
        if (root.square().equals(s)) {
          return Optional.of(root);
        }
      }
    }
    return Optional.empty();
  }

  @Test
  void bilinearAndNotDegenerate() {
    Fq12 e = pairing(G1.GENERATOR, G2.GENERATOR);
    assertFalse(e.isOne());
    assertTrue(pow(e, Fr.MODULUS).isOne());
    Fr a = G1Test.randomScalar();
    Fr b = G1Test.randomScalar();
    Fq12 expected = pow(e, a.mul(b).toBigInteger());
    assertEquals(expected, pairing(G1.GENERATOR.mul(a), G2.GENERATOR.mul(b)));
    assertEquals(expected, pairing(G1.GENERATOR.mul(b), G2.GENERATOR.mul(a)));
    assertEquals(expected, pairing(G1.GENERATOR.mul(a.mul(b)), G2.GENERATOR));
    assertNotEquals(expected, pairing(G1.GENERATOR.mul(a), G2.GENERATOR));
    assertTrue(pairing(G1.INFINITY, G2.GENERATOR).isOne());
    assertTrue(pairing(G1.GENERATOR, G2.INFINITY).isOne());
  }

  @Test
  void productCheck() {
    assertTrue(Pairing.productIsOne(List.of()));
    PreparedG2 prepared = PreparedG2.of(G2.GENERATOR);
    for (int n : new int[] {2, 3, 5}) {
      // sum of a_i b_i is zero by the choice of the last pair.
      List<Pairing.Pair> pairs = new ArrayList<>();
      Fr sum = Fr.ZERO;
      for (int i = 0; i < n - 1; i++) {
        Fr a = G1Test.randomScalar();
        Fr b = G1Test.randomScalar();
        sum = sum.add(a.mul(b));
        pairs.add(new Pairing.Pair(G1.GENERATOR.mul(a), G2.GENERATOR.mul(b)));
      }
      pairs.add(new Pairing.Pair(G1.GENERATOR.mul(sum.negate()), prepared));
      assertTrue(Pairing.productIsOne(pairs));
      pairs.set(n - 1, new Pairing.Pair(G1.GENERATOR.mul(sum.negate().add(Fr.ONE)), prepared));
      assertFalse(Pairing.productIsOne(pairs));
    }
  }
}
