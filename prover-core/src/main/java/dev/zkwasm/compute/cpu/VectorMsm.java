package dev.zkwasm.compute.cpu;

import dev.zkwasm.curve.G1Accumulator;
import dev.zkwasm.curve.G1Vector;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Pippenger's bucket method with nearly all additions in affine coordinates, in batches.
 *
 * <p>For each window the points are sorted by digit and every bucket is summed in a tree ({@link
 * BucketSums}), so that equal scalars, which put everything into one bucket, cost no more than
 * others. What remains of a window is {@code sum_v v B_v} over its buckets. With {@code v = u 2^h +
 * l} it falls apart into {@code sum_u u R_u} and {@code sum_l l C_l} for the sums R and C over all
 * buckets with the same u, or the same l; and with the bits of u and l into one point for each bit
 * of v, again a sum over those that have the bit. Only these points, one for each bit of the
 * scalars, are put together by doublings and additions one by one.
 */
final class VectorMsm implements Msm {
  /** Points times bits below which batches do not pay. */
  private static final int MIN_WORK = 1 << 9;

  /** Points of a task at least, where there are more threads than windows. */
  private static final int MIN_CHUNK = 1 << 12;

  /** Additions that are worth a task; a task of few points takes several windows. */
  private static final int MIN_TASK = 1 << 11;

  /** Bits of a window at most: bounds the memory for buckets. */
  private static final int MAX_WIDTH = 16;

  /** The cost of an addition and of a point's share in the sorting, in additions. */
  private static final double SORT = 1.15;

  /** Fewer buckets are not worth the step by rows and columns. */
  private static final int MIN_SPLIT = 32;

  private static final long[] NONE = {};

  private final Parallel parallel;
  private final VectorKernels kernels;
  private final BooleanSupplier ready;
  private final Msm small;

  /** Scratch memory that is not in use: some 16 bytes for each point of the largest sum. */
  private final ConcurrentLinkedQueue<Worker> idle = new ConcurrentLinkedQueue<>();

  VectorMsm(Parallel parallel, VectorKernels kernels, BooleanSupplier ready, Msm small) {
    this.parallel = parallel;
    this.ready = ready;
    this.kernels = kernels;
    this.small = small;
  }

  /**
   * How the work is cut.
   *
   * @param width bits per window
   * @param chunks parts that the points are cut into, for each window
   */
  private record Shape(int width, int chunks) {}

  /** What costs least for {@code n} scalars of so many bits: the time until the last task ends. */
  private Shape shape(int n, int bits) {
    Shape best = new Shape(1, 1);
    double bestCost = Double.MAX_VALUE;
    int maxChunks = Math.max(1, Math.min(2 * parallel.threads(), n / MIN_CHUNK));
    for (int width = 1; width <= MAX_WIDTH; width++) {
      int windows = Digits.windows(bits, width);
      double buckets = windows == 1 ? 1 << width : 1 << (width - 1);
      // A bucket takes part in two sums, and in the sums of the bits.
      double split = 2.2 * buckets + width * Math.sqrt(buckets);
      double direct = width * buckets / 2;
      for (int chunks = 1; chunks <= maxChunks; chunks++) {
        int rounds = (windows * chunks + parallel.threads() - 1) / parallel.threads();
        double points = SORT * n / chunks;
        double cost = rounds * (points + (buckets < MIN_SPLIT ? direct : split));
        if (cost < bestCost) {
          bestCost = cost;
          best = new Shape(width, chunks);
        }
      }
    }
    return best;
  }

  @Override
  public G1Accumulator sum(G1Vector points, boolean infinities, Scalars scalars) {
    int n = scalars.size();
    int bits = scalars.bitLength();
    if ((long) n * bits < MIN_WORK || !ready.getAsBoolean()) {
      return small.sum(points, infinities, scalars);
    }
    Shape shape = shape(n, bits);
    Digits digits = scalars.digits(shape.width());
    int windows = digits.windows();
    int chunks = shape.chunks();
    int chunk = (n + chunks - 1) / chunks;
    int group = Math.max(1, Math.min(windows, MIN_TASK / n));
    int groups = (windows + group - 1) / group;
    long[][] parts = new long[groups * chunks][];
    ConcurrentLinkedQueue<Worker> busy = new ConcurrentLinkedQueue<>();
    parallel.run(
        parts.length,
        () -> {
          Worker pooled = idle.poll();
          Worker worker = pooled == null ? new Worker() : pooled;
          busy.add(worker);
          worker.begin(points, infinities, digits);
          return t -> {
            int first = t / chunks * group;
            int start = t % chunks * chunk;
            parts[t] =
                worker.run(
                    first, Math.min(windows, first + group), start, Math.min(n, start + chunk));
          };
        });
    // Not after a failure, which may have left anything in them.
    for (Worker worker : busy) {
      worker.end();
      idle.add(worker);
    }
    return assemble(digits, parts, chunks, group);
  }

  /**
   * {@code sum_k 2^k S_k} over all bits k of all windows, from the top.
   *
   * @param parts for each group of windows and each chunk, S for the bits of its windows
   */
  private static G1Accumulator assemble(Digits digits, long[][] parts, int chunks, int group) {
    G1Accumulator total = new G1Accumulator();
    for (int w = digits.windows() - 1; w >= 0; w--) {
      // All windows but the top one have as many bits as they are wide.
      for (int bit = bits(digits, w) - 1; bit >= 0; bit--) {
        total.twice();
        for (int c = 0; c < chunks; c++) {
          G1Vector sums = G1Vector.wrap(parts[w / group * chunks + c]);
          total.add(sums, w % group * digits.width() + bit);
        }
      }
    }
    return total;
  }

  /** The bits of a window's largest digit. */
  private static int bits(Digits digits, int window) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(digits.maxDigit(window));
  }

  /** Sums some windows of some points. Holds scratch memory. */
  private final class Worker {
    private final BucketSums sums = new BucketSums(kernels);
    private long[] points = NONE;
    private boolean infinities;
    private @Nullable Digits source;
    private int[] digit = new int[0];
    private int[] order = new int[0];
    private int[] starts = new int[0];
    private long[] bucket = NONE;
    private int end;
    private int lists;

    void begin(G1Vector from, boolean infinitePoints, Digits digits) {
      points = from.limbs();
      infinities = infinitePoints;
      source = digits;
    }

    /** Forgets the operands. */
    void end() {
      points = NONE;
      source = null;
    }

    private Digits digits() {
      return Objects.requireNonNull(source);
    }

    /** For each of the windows, one point for each of its bits, packed. */
    long[] run(int first, int last, int from, int to) {
      Digits digits = digits();
      int buckets = sort(digits, first, last, from, to);
      if (bucket.length < G1Vector.LIMBS * buckets) {
        bucket = new long[G1Vector.LIMBS * buckets];
      }
      sums.sum(points, order, starts, buckets, infinities, bucket);
      // Lists by rows and columns of the windows that are worth it, then lists by bits.
      beginLists();
      int at = 0;
      for (int w = first; w < last; w++) {
        int max = digits.maxDigit(w);
        if (max >= MIN_SPLIT) {
          rowsAndColumns(at, max, bucket);
        }
        at += max;
      }
      long[] split = new long[G1Vector.LIMBS * lists];
      if (lists > 0) {
        finish(bucket, split);
      }
      // Small windows take their buckets, the others their rows and columns.
      long[] all = Arrays.copyOf(bucket, G1Vector.LIMBS * buckets + split.length);
      System.arraycopy(split, 0, all, G1Vector.LIMBS * buckets, split.length);
      beginLists();
      at = 0;
      int splitAt = buckets;
      for (int w = first; w < last; w++) {
        int max = digits.maxDigit(w);
        if (max >= MIN_SPLIT) {
          int high = max >> low(max);
          bitLists(splitAt + high, (1 << low(max)) - 1, all);
          bitLists(splitAt, high, all);
          splitAt += high + (1 << low(max)) - 1;
        } else {
          bitLists(at, max, all);
        }
        at += max;
      }
      long[] out = new long[G1Vector.LIMBS * lists];
      finish(all, out);
      return out;
    }

    /**
     * Sorts the points by window and absolute value of the digit, those with digit zero left out:
     * one list for each possible value.
     *
     * @return the number of lists
     */
    private int sort(Digits digits, int first, int last, int from, int to) {
      int total = 0;
      for (int w = first; w < last; w++) {
        total += digits.maxDigit(w);
      }
      reserve(total + 2, (to - from) * (last - first));
      if (digit.length < to - from) {
        digit = new int[to - from];
      }
      // Counts, two places up; then running sums, of which the places move up to the next list.
      Arrays.fill(starts, 0, total + 2, 0);
      int base = 0;
      for (int w = first; w < last; w++) {
        digits.read(w, from, to, digit);
        count(digit, to - from, starts, base + 1);
        base += digits.maxDigit(w);
      }
      accumulate(starts, total + 2);
      base = 0;
      for (int w = first; w < last; w++) {
        if (last - first > 1) {
          digits.read(w, from, to, digit);
        }
        place(digit, from, to, starts, base, order);
        base += digits.maxDigit(w);
      }
      return total;
    }

    // Methods of their own, as the compiler works on a loop together with all that is around it,
    // and once more whenever digits of another kind come along.

    private static void count(int[] digit, int n, int[] counts, int base) {
      for (int i = 0; i < n; i++) {
        if (digit[i] != 0) {
          counts[base + Math.abs(digit[i])]++;
        }
      }
    }

    private static void accumulate(int[] counts, int n) {
      for (int b = 1; b < n; b++) {
        counts[b] += counts[b - 1];
      }
    }

    /** Appends each point, complemented if its digit is negative, to the list of the digit. */
    private static void place(int[] digit, int from, int to, int[] ends, int base, int[] order) {
      for (int i = 0; i < to - from; i++) {
        int d = digit[i];
        if (d > 0) {
          order[ends[base + d]++] = from + i;
        } else if (d < 0) {
          order[ends[base - d]++] = ~(from + i);
        }
      }
    }

    /** The bits of the lower part of a digit of at most {@code max}. */
    private static int low(int max) {
      return (Integer.SIZE + 1 - Integer.numberOfLeadingZeros(max)) / 2;
    }

    /** Lists by the upper part u = 1, 2, ..., then by the lower part; weights of zero left out. */
    private void rowsAndColumns(int at, int max, long[] bucket) {
      int h = low(max);
      int low = (1 << h) - 1;
      for (int u = 1; u <= max >> h; u++) {
        for (int v = u << h; v <= Math.min(max, (u << h) + low); v++) {
          append(at + v - 1, bucket);
        }
        endList();
      }
      for (int l = 1; l <= low; l++) {
        for (int v = l; v <= max; v += 1 << h) {
          append(at + v - 1, bucket);
        }
        endList();
      }
    }

    /** For each bit a list of the points with weight 1..max that have it. */
    private void bitLists(int at, int max, long[] from) {
      for (int bit = 1; bit <= max; bit <<= 1) {
        for (int v = bit; v <= max; v++) {
          if ((v & bit) != 0) {
            append(at + v - 1, from);
          }
        }
        endList();
      }
    }

    private void beginLists() {
      end = 0;
      lists = 0;
    }

    private void append(int point, long[] from) {
      int at = G1Vector.LIMBS * point + 4;
      // Infinity has y = 0.
      if ((from[at] | from[at + 1] | from[at + 2] | from[at + 3]) != 0) {
        reserve(0, end + 1);
        order[end++] = point;
      }
    }

    private void endList() {
      reserve(lists + 2, 0);
      starts[0] = 0;
      starts[++lists] = end;
    }

    private void finish(long[] from, long[] out) {
      sums.sum(from, order, starts, lists, false, out);
    }

    private void reserve(int listEnds, int entries) {
      if (starts.length < listEnds) {
        starts = Arrays.copyOf(starts, Math.max(listEnds, 2 * starts.length));
      }
      if (order.length < entries) {
        order = Arrays.copyOf(order, Math.max(entries, 2 * order.length));
      }
    }
  }
}
