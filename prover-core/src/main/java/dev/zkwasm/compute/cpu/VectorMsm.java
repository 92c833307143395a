package dev.zkwasm.compute.cpu;

import dev.zkwasm.curve.G1Accumulator;
import dev.zkwasm.curve.G1Vector;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/**
 * Pippenger's bucket method with additions in affine coordinates.
 *
 * <p>For each window the points are sorted by digit and every bucket is summed in a tree ({@link
 * BucketSums}), so that equal scalars, which put everything into one bucket, cost no more than
 * others. The weighted sum of the buckets, {@code sum_v v B_v}, is taken apart with {@code v = u
 * 2^h + l}: {@code 2^h sum_u u (sum_l B_v) + sum_l l (sum_u B_v)}, two unweighted sums for most of
 * the work.
 */
final class VectorMsm implements Msm {
  /** Points times bits, the latter up to eight, below which batches do not pay. */
  private static final int MIN_WORK = 1 << 11;

  /** Points of a task at most: bounds a thread's memory. */
  private static final int MAX_CHUNK = 1 << 18;

  /** Points of a task at least, where there are more threads than windows. */
  private static final int MIN_CHUNK = 1 << 12;

  private final Parallel parallel;
  private final VectorKernels kernels;
  private final BooleanSupplier ready;
  private final Msm small;

  VectorMsm(Parallel parallel, VectorKernels kernels, BooleanSupplier ready, Msm small) {
    this.parallel = parallel;
    this.ready = ready;
    this.kernels = kernels;
    this.small = small;
  }

  /** The window width that costs least for {@code n} scalars of so many bits. */
  private static int width(int n, int bits) {
    int best = 1;
    double bestCost = Double.MAX_VALUE;
    for (int width = 1; width <= 16; width++) {
      int windows = Digits.windows(bits, width);
      // A bucket takes part in two sums. Each window also has some scalar work.
      double buckets = windows == 1 ? 1 << width : 1 << (width - 1);
      double cost = windows * (n + 2.2 * buckets + 30 * Math.sqrt(buckets));
      if (cost < bestCost) {
        bestCost = cost;
        best = width;
      }
    }
    return best;
  }

  @Override
  public G1Accumulator sum(G1Vector points, Scalars scalars) {
    int n = scalars.size();
    int bits = scalars.bitLength();
    if ((long) n * Math.min(bits, 8) < MIN_WORK || !ready.getAsBoolean()) {
      return small.sum(points, scalars);
    }
    Digits digits = scalars.digits(width(n, bits));
    int windows = digits.windows();
    int wanted = (4 * parallel.threads() + windows - 1) / windows;
    int chunk = Math.max(MIN_CHUNK, Math.min(MAX_CHUNK, (n + wanted - 1) / wanted));
    int chunks = (n + chunk - 1) / chunk;
    G1Accumulator[] partial = new G1Accumulator[windows * chunks];
    parallel.run(
        partial.length,
        () -> {
          Worker worker = new Worker(points, digits, Math.min(chunk, n));
          return t -> {
            int start = t % chunks * chunk;
            partial[t] = worker.window(t / chunks, start, Math.min(n, start + chunk));
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

  private final class Worker {
    private final long[] points;
    private final Digits digits;
    private final BucketSums sums;
    private final int[] digit;
    private int[] order;
    private int[] starts = new int[0];
    private long[] buckets = new long[0];

    Worker(G1Vector points, Digits digits, int chunk) {
      this.points = points.limbs();
      this.digits = digits;
      this.sums = new BucketSums(kernels, chunk / 2);
      this.digit = new int[chunk];
      this.order = new int[chunk];
    }

    G1Accumulator window(int window, int from, int to) {
      int max = digits.maxDigit(window);
      digits.read(window, from, to, digit);
      int count = to - from;
      if (starts.length < 2 * max + 3) {
        starts = new int[2 * max + 3];
        buckets = new long[8 * max];
      }
      if (!sort(count, from, max)) {
        return new G1Accumulator();
      }
      sums.sum(points, order, starts, max, buckets);
      return weightedSum(max);
    }

    /**
     * Sorts the points by the absolute value of their digit, those with digit zero left out.
     *
     * @return whether there are any
     */
    private boolean sort(int count, int from, int max) {
      // Counts, then the places behind the counted ones, which move up to become the starts.
      Arrays.fill(starts, 0, max + 2, 0);
      for (int i = 0; i < count; i++) {
        starts[Math.abs(digit[i]) + 1]++;
      }
      starts[1] = 0;
      for (int b = 2; b <= max + 1; b++) {
        starts[b] += starts[b - 1];
      }
      for (int i = 0; i < count; i++) {
        int d = digit[i];
        if (d > 0) {
          order[starts[d]++] = from + i;
        } else if (d < 0) {
          order[starts[-d]++] = ~(from + i);
        }
      }
      starts[0] = 0;
      return starts[max] > 0;
    }

    /** {@code sum_v v B_v} for {@code v = 1..max}; bucket v is at {@code v - 1}. */
    private G1Accumulator weightedSum(int max) {
      G1Vector packed = G1Vector.wrap(buckets);
      if (max < 64) {
        return runningSum(packed, max);
      }
      int h = (33 - Integer.numberOfLeadingZeros(max)) / 2;
      int low = (1 << h) - 1;
      int high = max >> h;
      // Lists 1..high by the upper part, then 1..low by the lower part; weights of zero left out.
      int lists = high + low;
      if (order.length < 2 * max) {
        order = new int[2 * max];
      }
      int at = 0;
      int list = 0;
      for (int u = 1; u <= high; u++) {
        starts[list++] = at;
        for (int v = u << h; v <= Math.min(max, (u << h) + low); v++) {
          at = append(v, at);
        }
      }
      for (int l = 1; l <= low; l++) {
        starts[list++] = at;
        for (int v = l; v <= max; v += 1 << h) {
          at = append(v, at);
        }
      }
      starts[list] = at;
      long[] halves = new long[8 * lists];
      sums.sum(buckets, order, starts, lists, halves);
      G1Vector parts = G1Vector.wrap(halves);
      G1Accumulator total = runningSum(parts.slice(0, high), high);
      for (int i = 0; i < h; i++) {
        total.twice();
      }
      return total.add(runningSum(parts.slice(high, lists), low));
    }

    private int append(int v, int at) {
      int b = 8 * (v - 1);
      // Infinity has y = 0.
      if ((buckets[b + 4] | buckets[b + 5] | buckets[b + 6] | buckets[b + 7]) == 0) {
        return at;
      }
      order[at] = v - 1;
      return at + 1;
    }

    /** {@code sum_v v B_v} as the sum of the suffix sums. */
    private G1Accumulator runningSum(G1Vector packed, int max) {
      G1Accumulator running = new G1Accumulator();
      G1Accumulator sum = new G1Accumulator();
      for (int b = max - 1; b >= 0; b--) {
        running.add(packed, b);
        sum.add(running);
      }
      return sum;
    }
  }
}
