package dev.zkwasm.compute.cpu;

import dev.zkwasm.curve.G1Accumulator;
import dev.zkwasm.curve.G1Vector;
import java.util.Arrays;

/**
 * Pippenger's bucket method, one addition after the other. For few points, and the twin of the
 * vectorised multiplication.
 */
final class ScalarMsm implements Msm {
  /** Points per task. */
  private static final int CHUNK = 1 << 14;

  private final Parallel parallel;

  ScalarMsm(Parallel parallel) {
    this.parallel = parallel;
  }

  private static int width(int n, int bits) {
    int best = 1;
    double bestCost = Double.MAX_VALUE;
    for (int width = 1; width <= 12; width++) {
      // A bucket costs two additions, each somewhat dearer than that of a point.
      double perWindow = n + 3.0 * (1 << (width - 1));
      double cost = Digits.windows(bits, width) * perWindow + bits;
      if (cost < bestCost) {
        bestCost = cost;
        best = width;
      }
    }
    return best;
  }

  @Override
  public G1Accumulator sum(G1Vector points, boolean infinities, Scalars scalars) {
    int n = scalars.size();
    Digits digits = scalars.digits(width(n, scalars.bitLength()));
    int windows = digits.windows();
    int chunks = Math.max(1, (n + CHUNK - 1) / CHUNK);
    G1Accumulator[] partial = new G1Accumulator[windows * chunks];
    parallel.run(
        // A few points are done before a thread is awake.
        n < 64 ? 1 : partial.length,
        () -> {
          Worker worker = new Worker(points, digits);
          return task -> {
            int from = n < 64 ? 0 : task;
            int to = n < 64 ? partial.length : task + 1;
            for (int t = from; t < to; t++) {
              int start = t % chunks * CHUNK;
              partial[t] = worker.window(t / chunks, start, Math.min(n, start + CHUNK));
            }
          };
        });
    G1Accumulator total = new G1Accumulator();
    for (int w = windows - 1; w >= 0; w--) {
      if (w != windows - 1) {
        for (int i = 0; i < digits.width(); i++) {
          total.twice();
        }
      }
      for (int c = 0; c < chunks; c++) {
        total.add(partial[w * chunks + c]);
      }
    }
    return total;
  }

  private static final class Worker {
    private final G1Vector points;
    private final Digits digits;
    private final int[] digit;
    private G1Accumulator[] buckets = new G1Accumulator[0];

    Worker(G1Vector points, Digits digits) {
      this.points = points;
      this.digits = digits;
      this.digit = new int[Math.min(CHUNK, digits.size())];
    }

    G1Accumulator window(int window, int from, int to) {
      int max = digits.maxDigit(window);
      while (buckets.length < max) {
        int old = buckets.length;
        buckets = Arrays.copyOf(buckets, max);
        for (int b = old; b < max; b++) {
          buckets[b] = new G1Accumulator();
        }
      }
      for (int b = 0; b < max; b++) {
        buckets[b].clear();
      }
      digits.read(window, from, to, digit);
      for (int i = from; i < to; i++) {
        int d = digit[i - from];
        if (d > 0) {
          buckets[d - 1].add(points, i);
        } else if (d < 0) {
          buckets[-d - 1].sub(points, i);
        }
      }
      // sum_b b * bucket_b as the sum of the suffix sums.
      G1Accumulator running = new G1Accumulator();
      G1Accumulator sum = new G1Accumulator();
      for (int b = max - 1; b >= 0; b--) {
        running.add(buckets[b]);
        sum.add(running);
      }
      return sum;
    }
  }
}
