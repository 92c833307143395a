package dev.zkwasm.poly;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DomainTest {
  private static final Fr Z = Fr.of(123456789).inverse();

  @Test
  void elementsAreTheRootsOfTheVanishingPolynomial() {
    for (int log = 0; log <= 6; log++) {
      Domain d = Domain.ofSize(1 << log);
      assertEquals(log, d.logSize());
      for (int i = 0; i < d.size(); i++) {
        assertTrue(d.vanishing(d.element(i)).isZero());
      }
      assertEquals(d.element(-1), d.omegaInverse());
      assertEquals(Fr.ONE, d.sizeInverse().mul(Fr.of(d.size())));
      assertEquals(Z.pow(d.size()).sub(Fr.ONE), d.vanishing(Z));
      if (log > 0) {
        assertEquals(Fr.of(-1), d.omega().pow(d.size() / 2));
      }
    }
  }

  @Test
  void lagrangeBasis() {
    for (int log = 0; log <= 4; log++) {
      Domain d = Domain.ofLogSize(log);
      FrVector all = d.lagrangeAll(Z);
      Fr sum = Fr.ZERO;
      for (int i = 0; i < d.size(); i++) {
        // The definition: the product of (z - x_j) / (x_i - x_j).
        Fr expected = Fr.ONE;
        for (int j = 0; j < d.size(); j++) {
          if (j != i) {
            Fr denominator = d.element(i).sub(d.element(j));
            expected = expected.mul(Z.sub(d.element(j))).mul(denominator.inverse());
          }
        }
        assertEquals(expected, d.lagrange(i, Z));
        assertEquals(expected, all.get(i));
        sum = sum.add(expected);
        for (int j = 0; j < d.size(); j++) {
          Fr onDomain = i == j ? Fr.ONE : Fr.ZERO;
          assertEquals(onDomain, d.lagrange(i, d.element(j)));
          assertEquals(onDomain, d.lagrangeAll(d.element(j)).get(i));
        }
      }
      assertEquals(Fr.ONE, sum);
      assertEquals(all.get(0), d.lagrangeFirst(Z));
      assertEquals(all.get(d.size() - 1), d.lagrangeLast(Z));
    }
  }

  @Test
  void evaluationFromValues() {
    Domain d = Domain.ofSize(8);
    FrVector values = new FrVector(8);
    for (int i = 0; i < 8; i++) {
      Fr x = d.element(i);
      values.set(i, x.pow(5).add(x.mul(Fr.of(3))).sub(Fr.of(7)));
    }
    assertEquals(Z.pow(5).add(Z.mul(Fr.of(3))).sub(Fr.of(7)), d.evaluate(values, Z));
    assertEquals(values.get(6), d.evaluate(values, d.element(6)));
    // Missing values are zeros; also where the point is the place of one of them.
    FrVector padded = new FrVector(8);
    padded.set(0, values.get(0));
    padded.set(1, values.get(1));
    assertEquals(d.evaluate(padded, Z), d.evaluate(values.slice(0, 2), Z));
    assertEquals(Fr.ZERO, d.evaluate(values.slice(0, 2), d.element(5)));
  }

  @Test
  void badSizesAreRefused() {
    for (int size : new int[] {0, -1, 3, 12, 1 << 29, Integer.MIN_VALUE}) {
      assertThrows(IllegalArgumentException.class, () -> Domain.ofSize(size));
    }
    assertThrows(IllegalArgumentException.class, () -> Domain.ofLogSize(29));
    assertEquals(28, Domain.logOfSize(1 << 28));
  }

  @Test
  void columnsOfAllTypesAreEvaluated() {
    Random random = new Random(31);
    for (int log : new int[] {0, 4, 12}) {
      Domain d = Domain.ofLogSize(log);
      int n = d.size();
      byte[] bytes = new byte[n];
      random.nextBytes(bytes);
      char[] chars = new char[n / 2 + 1];
      FrVector elements = new FrVector(n);
      for (int i = 0; i < n; i++) {
        chars[i / 2] = (char) random.nextInt();
        elements.set(i, Fr.of(random.nextLong()).square().square());
      }
      List<TypedVector> columns =
          List.of(
              new TypedVector.Bits(new byte[0]),
              new TypedVector.U8(bytes),
              new TypedVector.U16(chars),
              new TypedVector.U32(random.ints(n).toArray()),
              new TypedVector.U64(random.longs(n).toArray()),
              new TypedVector.Field(elements));
      for (Fr z : List.of(Z, Fr.of(-2), Fr.ZERO, Fr.ONE, d.element(n / 3))) {
        List<Fr> expected = columns.stream().map(c -> d.evaluate(c.toField(), z)).toList();
        assertEquals(expected, d.evaluate(columns, z), "2^" + log + " at " + z);
      }
      assertEquals(List.of(), d.evaluate(List.of(), Z));
      assertEquals(List.of(Fr.ZERO), d.evaluate(columns.subList(0, 1), Z));
      List<TypedVector> tooLong = List.of(new TypedVector.U8(new byte[n + 1]));
      assertThrows(IndexOutOfBoundsException.class, () -> d.evaluate(tooLong, Z));
    }
  }
}
