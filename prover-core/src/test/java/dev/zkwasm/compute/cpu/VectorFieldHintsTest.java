package dev.zkwasm.compute.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.field.FieldHints;
import dev.zkwasm.field.Fq;
import dev.zkwasm.field.PrimeField;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The vectorised hints against the scalar field: they are not trusted, but they should be right.
 */
class VectorFieldHintsTest {
  private static final PrimeField FQ = PrimeField.FQ;

  @BeforeAll
  static void needsCompiledKernels() {
    if (!VectorArithmetic.available() || !VectorArithmetic.await(Duration.ofMinutes(2))) {
      String message = "hints of the vector kernels not tested: they do not run here";
      System.err.println("SKIPPED: " + message);
      Assumptions.abort(message);
    }
  }

  /** Edges of the range, then random elements. */
  private static List<Fq> elements(int count) {
    Random random = new Random(count);
    List<Fq> all = new ArrayList<>(List.of(Fq.ZERO, Fq.ONE, Fq.of(-1), Fq.of(2), Fq.of(-3)));
    while (all.size() < count) {
      all.add(Fq.of(new BigInteger(260, random)));
    }
    return all.subList(0, count);
  }

  private static long[] pack(List<Fq> elements) {
    long[] packed = new long[PrimeField.LIMBS * elements.size() + 1];
    for (int i = 0; i < elements.size(); i++) {
      elements.get(i).store(packed, PrimeField.LIMBS * i);
    }
    packed[packed.length - 1] = 77;
    return packed;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 8, 9, 127, 128, 129, 300})
  void roots(int count) {
    List<Fq> roots = elements(count);
    long[] packed = pack(roots.stream().map(Fq::square).toList());
    assertTrue(VectorFieldHints.best().roots(packed, count));
    for (int i = 0; i < count; i++) {
      assertTrue(FQ.isCanonical(packed, PrimeField.LIMBS * i));
      Fq root = Fq.load(packed, PrimeField.LIMBS * i);
      assertTrue(root.equals(roots.get(i)) || root.equals(roots.get(i).negate()), "element " + i);
    }
    assertEquals(77, packed[packed.length - 1]);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 8, 9, 255, 2047, 2048, 2049, 5000})
  void quotients(int count) {
    List<Fq> numerators = elements(count);
    List<Fq> denominators = new ArrayList<>(elements(count).reversed());
    for (int i = 0; i < count; i += 13) {
      denominators.set(i, Fq.ZERO);
    }
    long[] packed = pack(numerators);
    long[] divisors = pack(denominators);
    long[] before = divisors.clone();
    FieldHints hints = VectorFieldHints.best();
    assertTrue(hints.quotients(packed, divisors, count));
    assertArrayEquals(before, divisors);
    for (int i = 0; i < count; i++) {
      if (!denominators.get(i).isZero()) {
        assertTrue(FQ.isCanonical(packed, PrimeField.LIMBS * i));
        Fq quotient = Fq.load(packed, PrimeField.LIMBS * i);
        assertEquals(numerators.get(i), quotient.mul(denominators.get(i)), "element " + i);
      }
    }
    assertEquals(77, packed[packed.length - 1]);
  }
}
