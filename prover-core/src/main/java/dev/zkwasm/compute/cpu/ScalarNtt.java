package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The number-theoretic transform by the textbook: bit reversal, then radix-2 butterflies over the
 * whole array, level by level (Cooley and Tukey 1965). For small sizes, and the twin of the
 * vectorised transform.
 */
final class ScalarNtt implements Ntt {
  private static final PrimeField FR = PrimeField.FR;

  /** Butterflies per task: fewer are not worth a thread. */
  private static final int GRAIN = 1024;

  private final Parallel parallel;
  private final AtomicReferenceArray<long @Nullable []> roots =
      new AtomicReferenceArray<>(Fr.TWO_ADICITY + 1);

  ScalarNtt(Parallel parallel) {
    this.parallel = parallel;
  }

  @Override
  public void forward(long[] coefficients, long[] head, long[] x, int log, Fr shift) {
    copy(coefficients, x, log);
    System.arraycopy(head, 0, x, 0, head.length);
    scaleByPowers(x, 1 << log, Fr.ONE, shift);
    transform(x, log, false);
  }

  @Override
  public void inverse(long[] values, long[] x, int log, Fr shift) {
    copy(values, x, log);
    transform(x, log, true);
    scaleByPowers(x, 1 << log, Fr.of(1L << log).inverse(), shift.inverse());
  }

  private static void copy(long[] source, long[] x, int log) {
    if (source != x) {
      System.arraycopy(source, 0, x, 0, PrimeField.LIMBS << log);
    }
  }

  /** {@code x[i] *= first * ratio^i}. */
  private void scaleByPowers(long[] x, int n, Fr first, Fr ratio) {
    if (ratio.isOne() && first.isOne()) {
      return;
    }
    parallel.ranges(
        n,
        GRAIN,
        (from, to) -> {
          long[] factor = new long[PrimeField.LIMBS];
          long[] step = new long[PrimeField.LIMBS];
          first.mul(ratio.pow(from)).store(factor, 0);
          ratio.store(step, 0);
          for (int i = from; i < to; i++) {
            FR.mul(x, 4 * i, factor, 0, x, 4 * i);
            FR.mul(factor, 0, step, 0, factor, 0);
          }
        });
  }

  /**
   * Replaces {@code x}, {@code 2^log} packed elements, by {@code X[k] = sum_n x[n] omega^(n k)}, or
   * with {@code omega^-1} in the place of omega; nothing is scaled.
   */
  private void transform(long[] x, int log, boolean inverse) {
    int n = 1 << log;
    bitReverse(x, log);
    long[] w = roots(log);
    for (int level = 0; level < log; level++) {
      int half = 1 << level;
      int stride = n >> (level + 1);
      parallel.ranges(n / 2, GRAIN, (from, to) -> butterflies(x, w, half, stride, from, to));
    }
    if (inverse) {
      // The transform with omega^-1 is the one with omega read backwards: k and n - k exchanged.
      for (int i = 1, j = n - 1; i < j; i++, j--) {
        swap(x, i, j);
      }
    }
  }

  private static void butterflies(long[] x, long[] w, int half, int stride, int from, int to) {
    long[] t = new long[PrimeField.LIMBS];
    for (int k = from; k < to; k++) {
      int j = k & (half - 1);
      int a = 4 * (2 * (k - j) + j);
      int b = a + 4 * half;
      FR.mul(x, b, w, 4 * j * stride, t, 0);
      FR.sub(x, a, t, 0, x, b);
      FR.add(x, a, t, 0, x, a);
    }
  }

  private static void bitReverse(long[] x, int log) {
    for (int i = 0; i < 1 << log; i++) {
      int j = log == 0 ? 0 : Integer.reverse(i) >>> (32 - log);
      if (i < j) {
        swap(x, i, j);
      }
    }
  }

  private static void swap(long[] x, int i, int j) {
    for (int k = 0; k < PrimeField.LIMBS; k++) {
      long t = x[4 * i + k];
      x[4 * i + k] = x[4 * j + k];
      x[4 * j + k] = t;
    }
  }

  /** {@code omega^i} for {@code i < n/2}. */
  private long[] roots(int log) {
    long[] w = roots.get(log);
    if (w == null) {
      int half = (1 << log) >> 1;
      w = new long[4 * Math.max(1, half)];
      long[] omega = new long[PrimeField.LIMBS];
      Fr.rootOfUnity(log).store(omega, 0);
      FR.setOne(w, 0);
      for (int i = 1; i < half; i++) {
        FR.mul(w, 4 * (i - 1), omega, 0, w, 4 * i);
      }
      roots.set(log, w);
    }
    return w;
  }
}
