package dev.zkwasm.curve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import java.math.BigInteger;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FixedBaseTest {
  @Test
  void multiplesMatchScalarMultiplication() {
    G1 base = G1Test.randomPoint();
    // Edge scalars: 0, 1, -1, window boundaries, and a digit pattern that ends in a carry.
    FrVector scalars = new FrVector(600);
    for (int i = 0; i < scalars.size(); i++) {
      Fr k =
          i < 256
              ? Fr.of(BigInteger.ONE.shiftLeft(i).subtract(BigInteger.valueOf(i % 3)))
              : i < 300 ? Fr.of(270 - i) : G1Test.randomScalar();
      scalars.set(i, k);
    }
    for (int count : new int[] {1, 5000, 200000}) {
      G1Vector multiples = new FixedBase(base, count).multiples(scalars);
      // Checking all one by one would be slow: all by a random combination, some directly.
      FrVector weights = new FrVector(scalars.size());
      Fr expected = Fr.ZERO;
      for (int i = 0; i < scalars.size(); i++) {
        Fr weight = G1Test.randomScalar();
        weights.set(i, weight);
        expected = expected.add(weight.mul(scalars.get(i)));
      }
      assertEquals(base.mul(expected), G1Msm.sum(multiples, weights));
      for (int i = 0; i < scalars.size(); i += 37) {
        assertEquals(base.mul(scalars.get(i)), multiples.get(i), "scalar " + scalars.get(i));
      }
    }
  }

  @Test
  void multiplesCrossChunks() {
    int n = 2500;
    FrVector scalars = new FrVector(n);
    for (int i = 0; i < n; i++) {
      scalars.set(i, Fr.of(i));
    }
    G1Vector multiples = new FixedBase(G1.GENERATOR, n).multiples(scalars);
    G1 p = G1.INFINITY;
    for (int i = 0; i < n; i++) {
      assertEquals(p, multiples.get(i));
      p = p.add(G1.GENERATOR);
    }
  }

  @Test
  void batchAffineHandlesEveryCase() {
    G1 p = G1Test.randomPoint();
    G1 q = G1Test.randomPoint();
    List<G1> sums =
        List.of(G1.INFINITY, p, p.negate(), q, G1.INFINITY, G1.INFINITY, p, p.negate(), q);
    List<G1> addends = List.of(p, p, p, q.negate(), q.negate(), G1.INFINITY, G1.INFINITY, q, p);
    G1Vector result = G1Vector.of(sums);
    int[] order = IntStream.range(0, sums.size()).toArray();
    new BatchAffine(sums.size())
        .add(result.limbs(), order, G1Vector.of(addends).limbs(), order, sums.size());
    for (int i = 0; i < sums.size(); i++) {
      assertEquals(sums.get(i).add(addends.get(i)), result.get(i), "case " + i);
    }
  }

  @Test
  void signedDigitsRecompose() {
    for (int width = 2; width <= 16; width++) {
      for (Fr k : List.of(Fr.ZERO, Fr.ONE, Fr.of(-1), G1Test.randomScalar())) {
        int[] digits = new int[SignedDigits.count(width)];
        SignedDigits.write(FrVector.of(k).limbs(), 0, width, digits, 0);
        BigInteger sum = BigInteger.ZERO;
        for (int w = digits.length - 1; w >= 0; w--) {
          sum = sum.shiftLeft(width).add(BigInteger.valueOf(digits[w]));
        }
        assertEquals(k.toBigInteger(), sum, "width " + width);
      }
    }
  }
}
