package dev.zkwasm.curve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.field.Fq;
import dev.zkwasm.field.Fr;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class G1Test {
  private static final Random RANDOM = new Random(23);

  static Fr randomScalar() {
    return Fr.of(new BigInteger(300, RANDOM));
  }

  static G1 randomPoint() {
    return G1.GENERATOR.mul(randomScalar());
  }

  /** Textbook affine addition, the oracle. */
  private static G1 slowAdd(G1 a, G1 b) {
    if (a.isInfinity()) {
      return b;
    }
    if (b.isInfinity()) {
      return a;
    }
    if (a.x().equals(b.x()) && !a.y().equals(b.y())) {
      return G1.INFINITY;
    }
    Fq slope =
        a.equals(b)
            ? a.x().square().mul(Fq.of(3)).mul(a.y().twice().inverse())
            : b.y().sub(a.y()).mul(b.x().sub(a.x()).inverse());
    Fq x = slope.square().sub(a.x()).sub(b.x());
    return G1.of(x, slope.mul(a.x().sub(x)).sub(a.y()));
  }

  private static G1 slowMul(G1 a, BigInteger k) {
    G1 sum = G1.INFINITY;
    for (int i = k.bitLength() - 1; i >= 0; i--) {
      sum = slowAdd(sum, sum);
      if (k.testBit(i)) {
        sum = slowAdd(sum, a);
      }
    }
    return sum;
  }

  @Test
  void additionMatchesTextbook() {
    G1 p = randomPoint();
    G1 q = randomPoint();
    List<G1> points =
        List.of(G1.INFINITY, G1.GENERATOR, p, q, p.negate(), p.twice(), slowAdd(p, q));
    for (G1 a : points) {
      for (G1 b : points) {
        G1 expected = slowAdd(a, b);
        assertEquals(expected, a.add(b));
        assertEquals(slowAdd(a, b.negate()), a.sub(b));
        // Sums whose denominators are not one.
        G1Accumulator left = new G1Accumulator().add(p).twice().add(q).add(a);
        G1Accumulator right = new G1Accumulator().add(q).twice().add(p).add(b);
        G1 rest = slowAdd(slowAdd(slowAdd(p, p), q), slowAdd(slowAdd(q, q), p));
        assertEquals(slowAdd(expected, rest), left.add(right).toAffine());
      }
      assertEquals(slowAdd(a, a), a.twice());
      G1Accumulator scaled =
          new G1Accumulator().add(q).add(p).add(q.negate()).add(p.negate()).add(a).twice();
      assertEquals(slowAdd(a, a), scaled.toAffine());
      assertEquals(slowMul(a, BigInteger.valueOf(4)), scaled.add(scaled).toAffine());
    }
  }

  @Test
  void accumulatorMeetsItself() {
    // The same point, and its negative, in different coordinates.
    G1 p = randomPoint();
    G1 q = randomPoint();
    G1Accumulator sum = new G1Accumulator().add(p).add(q);
    assertEquals(slowMul(slowAdd(p, q), BigInteger.TWO), sum.add(slowAdd(p, q)).toAffine());
    assertTrue(sum.add(slowMul(slowAdd(p, q), BigInteger.TWO).negate()).isInfinity());
    assertEquals(p, sum.add(p).toAffine());
    G1Vector v = G1Vector.of(List.of(q, p, G1.INFINITY));
    assertTrue(sum.sub(v, 1).isInfinity());
    assertEquals(q.negate(), sum.sub(v, 0).sub(v, 2).toAffine());
    assertTrue(sum.clear().toAffine().isInfinity());
  }

  @Test
  void multiplicationMatchesDoubleAndAdd() {
    G1 p = randomPoint();
    for (Fr k :
        List.of(
            Fr.ZERO,
            Fr.ONE,
            Fr.of(2),
            Fr.of(15),
            Fr.of(16),
            Fr.of(-1),
            Fr.of(-2),
            randomScalar())) {
      assertEquals(slowMul(p, k.toBigInteger()), p.mul(k));
    }
    assertTrue(slowMul(p, Fr.MODULUS).isInfinity(), "the group has order r");
    assertTrue(G1.INFINITY.mul(randomScalar()).isInfinity());
  }

  @Test
  void pointsOffTheCurveAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> G1.of(Fq.ONE, Fq.ONE));
    assertThrows(IllegalArgumentException.class, () -> G1.of(Fq.ZERO, Fq.ONE));
    assertEquals(G1.INFINITY, G1.of(Fq.ZERO, Fq.ZERO));
  }

  @Test
  void compressedEncoding() {
    List<G1> points = new ArrayList<>(List.of(G1.INFINITY, G1.GENERATOR, G1.GENERATOR.negate()));
    for (int i = 0; i < 20; i++) {
      points.add(randomPoint());
    }
    for (G1 p : points) {
      byte[] padded = new byte[40];
      System.arraycopy(p.toCompressed(), 0, padded, 5, 32);
      assertEquals(p, G1.fromCompressed(padded, 5));
    }
    assertEquals(
        "80" + "00".repeat(30) + "01", HexFormat.of().formatHex(G1.GENERATOR.toCompressed()));
    assertEquals(
        "c0" + "00".repeat(30) + "01",
        HexFormat.of().formatHex(G1.GENERATOR.negate().toCompressed()));
    assertArrayEquals(new byte[32], G1.INFINITY.toCompressed());
  }

  @Test
  void everyOtherCompressedFormIsRefused() {
    String one = "00".repeat(30) + "01";
    refuse("00" + one); // no flag
    refuse("40" + one); // odd without the marker
    refuse("40" + "00".repeat(31)); // infinity with a sign
    refuse("80" + "00".repeat(31)); // x = 0: 3 is not a square
    refuse("c0" + "00".repeat(31));
    // x >= q, where x - q is on the curve.
    BigInteger flag = BigInteger.ONE.shiftLeft(255);
    refuse(String.format("%064x", Fq.MODULUS.add(BigInteger.ONE).or(flag)));
    refuse("bf" + "ff".repeat(31));
    refuse("ff".repeat(32));
    assertThrows(IllegalArgumentException.class, () -> G1.fromCompressed(new byte[31], 0));
    assertThrows(IllegalArgumentException.class, () -> G1.fromCompressed(new byte[32], 1));
  }

  private static void refuse(String hex) {
    assertThrows(
        IllegalArgumentException.class,
        () -> G1.fromCompressed(HexFormat.of().parseHex(hex), 0),
        hex);
  }

  @Test
  void everyBitOfACompressedPointMatters() {
    byte[] encoded = randomPoint().toCompressed();
    G1 p = G1.fromCompressed(encoded, 0);
    for (int bit = 0; bit < 256; bit++) {
      byte[] altered = encoded.clone();
      altered[bit / 8] ^= (byte) (1 << (bit % 8));
      try {
        G1 other = G1.fromCompressed(altered, 0);
        assertNotEquals(p, other);
        assertArrayEquals(altered, other.toCompressed());
      } catch (IllegalArgumentException e) {
        // Refused: as good.
      }
    }
  }

  @Test
  void uncompressedEncoding() {
    G1 p = randomPoint();
    assertEquals(p, G1.fromUncompressed(p.toUncompressed(), 0));
    assertEquals(G1.INFINITY, G1.fromUncompressed(new byte[64], 0));
    byte[] off = p.toUncompressed();
    off[63] ^= 1;
    assertThrows(IllegalArgumentException.class, () -> G1.fromUncompressed(off, 0));
    byte[] big = new byte[64];
    Arrays.fill(big, (byte) 0xff);
    assertThrows(IllegalArgumentException.class, () -> G1.fromUncompressed(big, 0));
    assertThrows(IllegalArgumentException.class, () -> G1.fromUncompressed(new byte[63], 0));
  }

  @Test
  void msmMatchesTheSumOfProducts() {
    for (int n : new int[] {0, 1, 2, 3, 9, 33, 70}) {
      List<G1> points = new ArrayList<>();
      List<Fr> scalars = new ArrayList<>();
      G1 expected = G1.INFINITY;
      for (int i = 0; i < n; i++) {
        G1 p = i % 7 == 3 ? G1.INFINITY : i % 7 == 5 ? points.get(i - 1) : randomPoint();
        Fr k = i % 5 == 1 ? Fr.of(-i) : i % 11 == 4 ? Fr.ZERO : randomScalar();
        points.add(p);
        scalars.add(k);
        expected = slowAdd(expected, p.mul(k));
      }
      assertEquals(expected, G1Msm.sum(points, scalars));
    }
    assertThrows(IllegalArgumentException.class, () -> G1Msm.sum(List.of(G1.GENERATOR), List.of()));
  }

  @Test
  void msmOfManyPointsWithWideWindows() {
    // Points i G: the sum is known without another multiplication method.
    int n = 1500;
    List<G1> points = new ArrayList<>();
    List<Fr> scalars = new ArrayList<>();
    Fr expected = Fr.ZERO;
    G1 p = G1.INFINITY;
    for (int i = 1; i <= n; i++) {
      p = p.add(G1.GENERATOR);
      points.add(p);
      Fr k = i % 3 == 0 ? Fr.of(-1) : randomScalar();
      scalars.add(k);
      expected = expected.add(k.mul(Fr.of(i)));
    }
    assertEquals(G1.GENERATOR.mul(expected), G1Msm.sum(points, scalars));
  }

  @Test
  void msmOfSkewedInputs() {
    // All in one bucket: the same scalar, the same point, and pairs that cancel.
    G1 p = randomPoint();
    Fr k = randomScalar();
    int n = 99;
    assertEquals(
        p.mul(k.mul(Fr.of(n))), G1Msm.sum(Collections.nCopies(n, p), Collections.nCopies(n, k)));
    List<G1> cancelling = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      cancelling.add(i % 2 == 0 ? p : p.negate());
    }
    assertEquals(p.mul(k), G1Msm.sum(cancelling, Collections.nCopies(n, k)));
    assertEquals(G1.INFINITY, G1Msm.sum(cancelling, Collections.nCopies(n, Fr.ZERO)));
    assertEquals(
        G1.INFINITY, G1Msm.sum(Collections.nCopies(n, G1.INFINITY), Collections.nCopies(n, k)));
  }

  @Test
  void vector() {
    G1 p = randomPoint();
    G1Vector v = G1Vector.of(List.of(p, G1.INFINITY, G1.GENERATOR));
    assertEquals(p, v.get(0));
    assertTrue(v.isInfinity(1));
    assertEquals(G1.INFINITY, v.get(1));
    assertEquals(G1.GENERATOR, v.slice(2, 3).get(0));
    assertEquals(G1.INFINITY, new G1Vector(2).get(1));
    v.set(1, p);
    assertEquals(p, G1Vector.wrap(v.limbs()).get(1));
    assertThrows(IndexOutOfBoundsException.class, () -> v.get(3));
    assertThrows(IllegalArgumentException.class, () -> G1Vector.wrap(new long[12]));
  }

  @Test
  void sumsTogetherAreTheSumsOneByOne() {
    G1 p = G1.GENERATOR;
    G1Accumulator none = new G1Accumulator();
    G1Accumulator two = new G1Accumulator().add(p).twice();
    G1Accumulator cancelled = new G1Accumulator().add(p).add(p.negate());
    G1Accumulator three = new G1Accumulator().add(two).add(p);
    assertEquals(
        List.of(G1.INFINITY, p.add(p), G1.INFINITY, p.add(p).add(p)),
        G1Accumulator.toAffine(List.of(none, two, cancelled, three)));
    assertEquals(List.of(G1.INFINITY), G1Accumulator.toAffine(List.of(cancelled)));
    assertEquals(List.of(), G1Accumulator.toAffine(List.of()));
  }
}
