package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.FieldHints;
import dev.zkwasm.field.Fq;
import dev.zkwasm.field.PrimeField;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Square roots and quotients by the vector kernels. Roots are the power {@code (q + 1) / 4}, the
 * same for all elements: sliding windows over its bits, every step for all lanes.
 */
public final class VectorFieldHints implements FieldHints {
  /** Groups whose roots are found together: their odd powers fit the second-level cache. */
  private static final int ROOT_GROUPS = 16;

  /** Groups that share an inversion. */
  private static final int QUOTIENT_GROUPS = 256;

  private static final int WIDTH = 4;
  private static final int ODD_POWERS = 1 << (WIDTH - 1);

  /** Fewer roots than this, in all, are not worth getting the kernels compiled. */
  private static final int WORTH_WARMUP = 1 << 12;

  private static final int LANES = VectorKernels.LANES;
  private static final int GROUP = VectorKernels.GROUP;
  private static final int ELEMENT = PrimeField.LIMBS;
  private static final PrimeField FQ = PrimeField.FQ;

  private final VectorKernels kernels = new VectorKernels(FQ);
  private final long[] half = TreeInversion.fraction(FQ, 1);
  private final List<Step> steps = steps(Fq.MODULUS.add(BigInteger.ONE).shiftRight(2));
  private final AtomicInteger roots = new AtomicInteger();

  private VectorFieldHints() {}

  /** Hints where this JVM and machine can run the vector kernels, else none. */
  public static FieldHints best() {
    return Shared.BEST;
  }

  /** Made when first asked for: not every JVM has the vectors. */
  private static final class Shared {
    static final FieldHints BEST =
        VectorArithmetic.available() ? new VectorFieldHints() : FieldHints.NONE;
  }

  /**
   * A step of an exponentiation.
   *
   * @param squarings how many come first
   * @param factor the odd power to multiply with then, {@code 2 factor + 1}; -1 for none
   */
  private record Step(int squarings, int factor) {}

  private static List<Step> steps(BigInteger exponent) {
    List<Step> steps = new ArrayList<>();
    int squarings = 0;
    int top = exponent.bitLength() - 1;
    while (top >= 0) {
      if (!exponent.testBit(top)) {
        squarings++;
        top--;
        continue;
      }
      int bottom = Math.max(0, top - WIDTH + 1);
      while (!exponent.testBit(bottom)) {
        bottom++;
      }
      int length = top - bottom + 1;
      int window = exponent.shiftRight(bottom).intValue() & ((1 << length) - 1);
      steps.add(new Step(squarings + length, window >> 1));
      squarings = 0;
      top = bottom - 1;
    }
    if (squarings > 0) {
      steps.add(new Step(squarings, -1));
    }
    return steps;
  }

  @Override
  public boolean roots(long[] elements, int count) {
    // Who asks only once should not pay for the compiler.
    boolean worth = roots.get() > WORTH_WARMUP || roots.addAndGet(count) > WORTH_WARMUP;
    boolean ready = worth ? VectorWarmup.ready() : VectorWarmup.isReady();
    if (!ready) {
      return false;
    }
    long[] block = new long[ELEMENT * ROOT_GROUPS * LANES];
    double[] powers = new double[ODD_POWERS * ROOT_GROUPS * GROUP];
    double[] x = new double[ROOT_GROUPS * GROUP];
    for (int from = 0; from < count; from += ROOT_GROUPS * LANES) {
      int n = Math.min(ROOT_GROUPS * LANES, count - from);
      System.arraycopy(elements, ELEMENT * from, block, 0, ELEMENT * n);
      // What follows in the last group is what was there before: no harm.
      roots(block, powers, x, VectorKernels.groups(n));
      System.arraycopy(block, 0, elements, ELEMENT * from, ELEMENT * n);
    }
    return true;
  }

  private void roots(long[] block, double[] powers, double[] x, int groups) {
    // Halved, elements of radix 2^256 have the radix 2^255, in which products stay.
    kernels.unpackHalved(block, 0, powers, 0, groups);
    kernels.mul(powers, 0, powers, 0, x, 0, groups);
    for (int i = 1; i < ODD_POWERS; i++) {
      kernels.mul(powers, (i - 1) * groups, x, 0, powers, i * groups, groups);
    }
    System.arraycopy(powers, steps.getFirst().factor * groups * GROUP, x, 0, groups * GROUP);
    for (Step step : steps.subList(1, steps.size())) {
      for (int i = 0; i < step.squarings; i++) {
        kernels.mul(x, 0, x, 0, x, 0, groups);
      }
      if (step.factor >= 0) {
        kernels.mul(x, 0, powers, step.factor * groups, x, 0, groups);
      }
    }
    kernels.add(x, 0, x, 0, x, 0, groups);
    kernels.pack(x, 0, null, 0, block, 0, LANES, groups);
  }

  @Override
  public boolean quotients(long[] numerators, long[] denominators, int count) {
    if (!VectorWarmup.isReady()) {
      return false;
    }
    int groups = Math.min(QUOTIENT_GROUPS, VectorKernels.groups(count));
    // Half the inverse, as a product of two packed elements is twice theirs.
    TreeInversion inversion = new TreeInversion(FQ, kernels, groups, half);
    long[] block = new long[ELEMENT * groups * LANES];
    double[] x = new double[groups * GROUP];
    for (int from = 0; from < count; from += groups * LANES) {
      int n = Math.min(groups * LANES, count - from);
      quotients(numerators, denominators, from, n, inversion, block, x);
    }
    return true;
  }

  private void quotients(
      long[] numerators,
      long[] denominators,
      int from,
      int n,
      TreeInversion inversion,
      long[] block,
      double[] x) {
    int groups = VectorKernels.groups(n);
    System.arraycopy(denominators, ELEMENT * from, block, 0, ELEMENT * n);
    for (int at = 0; at < ELEMENT * groups * LANES; at += ELEMENT) {
      if (at >= ELEMENT * n || FQ.isZero(block, at)) {
        FQ.setOne(block, at);
      }
    }
    kernels.unpack(block, 0, LANES, inversion.tree, 0, groups);
    System.arraycopy(numerators, ELEMENT * from, block, 0, ELEMENT * n);
    kernels.unpack(block, 0, LANES, x, 0, groups);
    if (!inversion.invert(groups)) {
      throw new AssertionError("an element that is not zero has no inverse");
    }
    kernels.mul(inversion.tree, 0, x, 0, x, 0, groups);
    kernels.centre(x, 0, groups);
    kernels.pack(x, 0, null, 0, block, 0, LANES, groups);
    System.arraycopy(block, 0, numerators, ELEMENT * from, ELEMENT * n);
  }
}
