package dev.zkwasm.curve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.field.FieldHints;
import dev.zkwasm.field.Fq;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hints change nothing but the time, whatever they say. */
class FieldHintsTest {
  private static final PrimeField FQ = PrimeField.FQ;

  /** What the hints under test do with the true answers. */
  enum Lie {
    NONE,
    ZERO,
    NEGATIVE,
    OFF_BY_ONE,
    NOT_CANONICAL,
    EVERY_THIRD_WRONG,
    ALL_BITS,
    /** Wrong quotients, and denominators altered so that they seem right. */
    OTHER_DENOMINATORS,
    /** Says that there is no answer, but has altered everything. */
    SPOILT
  }

  private static void tell(Lie lie, long[] answers, int i) {
    int at = PrimeField.LIMBS * i;
    long[] one = new long[PrimeField.LIMBS];
    FQ.setOne(one, 0);
    switch (lie) {
      case NONE -> {}
      case ZERO -> FQ.clear(answers, at);
      case NEGATIVE -> FQ.negate(answers, at, answers, at);
      case OFF_BY_ONE -> FQ.add(answers, at, one, 0, answers, at);
      case NOT_CANONICAL -> addModulus(answers, at);
      case EVERY_THIRD_WRONG -> {
        if (i % 3 == 0) {
          FQ.add(answers, at, one, 0, answers, at);
        }
      }
      case OTHER_DENOMINATORS, SPOILT -> FQ.twice(answers, at, answers, at);
      case ALL_BITS -> Arrays.fill(answers, at, at + PrimeField.LIMBS, -1);
    }
  }

  /** The same residue, but with another representation. */
  private static void addModulus(long[] a, int at) {
    long[] p = FQ.modulusLimbs();
    long carry = 0;
    for (int i = 0; i < PrimeField.LIMBS; i++) {
      long sum = a[at + i] + p[i];
      long over = Long.compareUnsigned(sum, p[i]) < 0 ? 1 : 0;
      a[at + i] = sum + carry;
      carry = over + (Long.compareUnsigned(a[at + i], carry) < 0 ? 1 : 0);
    }
  }

  /** Answers, by scalar code, with a lie. */
  private static final class Liar implements FieldHints {
    private final Lie lie;
    private final AtomicInteger asked = new AtomicInteger();

    Liar(Lie lie) {
      this.lie = lie;
    }

    @Override
    public boolean roots(long[] elements, int count) {
      asked.addAndGet(count);
      for (int i = 0; i < count; i++) {
        Fq.load(elements, PrimeField.LIMBS * i)
            .sqrt()
            .orElse(Fq.of(5))
            .store(elements, PrimeField.LIMBS * i);
        tell(lie, elements, i);
      }
      return lie != Lie.SPOILT;
    }

    @Override
    public boolean quotients(long[] numerators, long[] denominators, int count) {
      asked.addAndGet(count);
      long[] inverses = Arrays.copyOf(denominators, PrimeField.LIMBS * count);
      FQ.batchInverse(inverses, 0, count);
      long[] half = new long[PrimeField.LIMBS];
      FQ.setOne(half, 0);
      FQ.twice(half, 0, half, 0);
      FQ.inverse(half, 0, half, 0);
      for (int i = 0; i < count; i++) {
        int at = PrimeField.LIMBS * i;
        FQ.mul(numerators, at, inverses, at, numerators, at);
        tell(lie, numerators, i);
        if (lie == Lie.OTHER_DENOMINATORS) {
          FQ.mul(denominators, at, half, 0, denominators, at);
        } else if (lie == Lie.SPOILT) {
          FQ.clear(denominators, at);
        }
      }
      return lie != Lie.SPOILT;
    }
  }

  @ParameterizedTest
  @EnumSource(Lie.class)
  void pointsAreReadRight(Lie lie) {
    List<G1> points = new ArrayList<>();
    byte[] bytes = new byte[G1.COMPRESSED_BYTES * 24 + 3];
    for (int i = 0; i < 24; i++) {
      points.add(i % 7 == 4 ? G1.INFINITY : G1Test.randomPoint());
      byte[] encoded = points.get(i).toCompressed();
      System.arraycopy(encoded, 0, bytes, 3 + G1.COMPRESSED_BYTES * i, encoded.length);
    }
    Liar hints = new Liar(lie);
    assertEquals(points, Arrays.asList(G1.fromCompressed(bytes, 3, 24, hints)));
    assertTrue(hints.asked.get() > 0, "the hints were not asked");
    assertEquals(points, Arrays.asList(G1.fromCompressed(bytes, 3, 24, FieldHints.NONE)));
  }

  @ParameterizedTest
  @EnumSource(Lie.class)
  void badEncodingsAreNull(Lie lie) {
    // Every byte string is read as by itself: most of these are no points.
    int count = 0;
    for (int seed = 0; seed < 8; seed++) {
      byte[] bytes = new byte[8 * G1.COMPRESSED_BYTES];
      new Random(seed).nextBytes(bytes);
      for (int i = 0; i < 8; i++) {
        bytes[i * G1.COMPRESSED_BYTES] &= (byte) (i < 4 ? 0xdf : 0xff);
      }
      if (seed == 3) {
        Arrays.fill(bytes, 32, 64, (byte) 0);
        bytes[95] = 1;
        bytes[64] = 0;
      }
      @Nullable G1[] read = G1.fromCompressed(bytes, 0, 8, new Liar(lie));
      for (int i = 0; i < 8; i++) {
        G1 alone = null;
        try {
          alone = G1.fromCompressed(bytes, i * G1.COMPRESSED_BYTES);
          count++;
        } catch (IllegalArgumentException e) {
          assertNull(read[i], "seed " + seed + ", point " + i);
        }
        assertEquals(alone, read[i], "seed " + seed + ", point " + i);
      }
    }
    assertTrue(count > 3, "hardly any of the strings is a point: " + count);
  }

  @ParameterizedTest
  @EnumSource(Lie.class)
  void sumsAreRight(Lie lie) {
    // With equal, opposite and infinite points, so that every case of an addition comes up.
    List<G1> points = new ArrayList<>();
    List<Fr> scalars = new ArrayList<>();
    G1 p = G1Test.randomPoint();
    for (int i = 0; i < 150; i++) {
      points.add(
          switch (i % 10) {
            case 3 -> G1.INFINITY;
            case 5 -> points.get(i - 1);
            case 6 -> points.get(i - 1).negate();
            default -> p = p.add(G1.GENERATOR);
          });
      scalars.add(i % 9 == 2 ? Fr.of(i) : i % 10 == 6 ? scalars.get(i - 1) : G1Test.randomScalar());
    }
    G1 expected = G1.INFINITY;
    for (int i = 0; i < points.size(); i++) {
      expected = expected.add(points.get(i).mul(scalars.get(i)));
    }
    Liar hints = new Liar(lie);
    assertEquals(expected, G1Msm.sum(points, scalars, hints));
    assertTrue(hints.asked.get() > 1000, "the hints were hardly asked: " + hints.asked);
  }

  @Test
  void aMultipleOfEachSize() {
    // Every bit of every window by itself: 2^k and 2^k - 1 times one point, for many points at
    // once.
    for (int n : new int[] {1, 40, 300}) {
      G1 p = G1Test.randomPoint();
      for (int k = 0; k < 254; k += 23) {
        Fr scalar = Fr.of(BigInteger.TWO.pow(k).subtract(BigInteger.valueOf(k % 2)));
        List<G1> points = new ArrayList<>();
        List<Fr> scalars = new ArrayList<>();
        for (int i = 0; i < n; i++) {
          points.add(p);
          scalars.add(scalar);
        }
        assertEquals(p.mul(scalar.mul(Fr.of(n))), G1Msm.sum(points, scalars), n + " of 2^" + k);
      }
    }
  }
}
