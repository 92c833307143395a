package dev.zkwasm.curve;

import dev.zkwasm.field.FieldHints;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Multi-scalar multiplication in plain scalar code: what the verifier needs for its few points,
 * what the checks of a reference string need, and the oracle of the bulk kernels.
 */
public final class G1Msm {
  /** Points whose bucket additions share an inversion, roughly. */
  private static final int BATCH = 1 << 15;

  /** Fewer points are not worth several threads. */
  private static final int MIN_PARALLEL = 128;

  private G1Msm() {}

  /**
   * {@code sum_i scalars[i] * points[i]}.
   *
   * @throws IllegalArgumentException if the lists differ in length
   */
  public static G1 sum(List<G1> points, List<Fr> scalars) {
    return sum(points, scalars, FieldHints.NONE);
  }

  /** {@link #sum(List, List)} with hints, which are checked. */
  public static G1 sum(List<G1> points, List<Fr> scalars, FieldHints hints) {
    return sum(G1Vector.of(points), FrVector.of(scalars.toArray(Fr[]::new)), hints);
  }

  /**
   * {@code sum_i scalars[i] * points[i]}.
   *
   * @throws IllegalArgumentException if the vectors differ in length
   */
  public static G1 sum(G1Vector points, FrVector scalars) {
    return sum(points, scalars, FieldHints.NONE);
  }

  /**
   * {@code sum_i scalars[i] * points[i]}, by Pippenger's bucket method with signed digits, on all
   * cores. All sums are of pairs of affine points, those of many windows at a time, so that they
   * share inversions.
   */
  private static G1 sum(G1Vector points, FrVector scalars, FieldHints hints) {
    int n = points.size();
    if (n != scalars.size()) {
      throw new IllegalArgumentException(n + " points and " + scalars.size() + " scalars");
    }
    int width = windowWidth(n);
    int windows = SignedDigits.count(width);
    int[] digits = new int[Math.multiplyExact(n, windows)];
    for (int i = 0; i < n; i++) {
      SignedDigits.write(scalars.limbs(), i * PrimeField.LIMBS, width, digits, i * windows);
    }
    int threads = n < MIN_PARALLEL ? 1 : Runtime.getRuntime().availableProcessors();
    int together = Math.max(1, Math.min(Math.ceilDiv(windows, threads), BATCH / Math.max(1, n)));
    // One point for each bit of the digits.
    G1Vector[] bits =
        IntStream.range(0, Math.ceilDiv(windows, together))
            .parallel()
            .mapToObj(
                part -> {
                  int bottom = part * together;
                  int top = Math.min(windows, bottom + together);
                  return new Buckets(points, digits, windows, bottom, top, width).bits(hints);
                })
            .toArray(G1Vector[]::new);
    G1Accumulator total = new G1Accumulator();
    for (int part = bits.length - 1; part >= 0; part--) {
      for (int bit = bits[part].size() - 1; bit >= 0; bit--) {
        total.twice().add(bits[part], bit);
      }
    }
    return total.toAffine();
  }

  /**
   * The width with the fewest multiplications: about 6 for an addition, two additions for each
   * bucket.
   */
  private static int windowWidth(int n) {
    return IntStream.rangeClosed(2, 15)
        .boxed()
        .min(Comparator.comparingLong(w -> SignedDigits.count(w) * (6L * n + (12L << (w - 1)))))
        .orElseThrow();
  }

  /**
   * The sums of the points with digit {@code +-b} in window w, for some windows and {@code 1 <= b
   * <= half = 2^(width-1)}.
   */
  private static final class Buckets {
    private final int bottom;
    private final int width;
    private final int half;
    private final int[] start;
    private final int[] size;
    private final G1Vector entries;

    Buckets(G1Vector points, int[] digits, int windows, int bottom, int top, int width) {
      this.bottom = bottom;
      this.width = width;
      half = 1 << (width - 1);
      int n = points.size();
      size = new int[(top - bottom) * half];
      for (int i = 0; i < n; i++) {
        for (int w = bottom; w < top; w++) {
          int digit = digits[i * windows + w];
          if (digit != 0) {
            size[bucket(w, Math.abs(digit))]++;
          }
        }
      }
      start = new int[size.length];
      int total = 0;
      for (int b = 0; b < size.length; b++) {
        start[b] = total;
        total += size[b];
      }
      entries = new G1Vector(total);
      int[] next = start.clone();
      for (int i = 0; i < n; i++) {
        for (int w = bottom; w < top; w++) {
          int digit = digits[i * windows + w];
          if (digit != 0) {
            entries.copySigned(next[bucket(w, Math.abs(digit))]++, points, i, digit < 0);
          }
        }
      }
    }

    private int bucket(int w, int b) {
      return (w - bottom) * half + b - 1;
    }

    /**
     * For each window and each bit of its digits, lowest first, the sum of the buckets whose number
     * has that bit: {@code sum_b b * bucket_b = sum_l 2^l bit_l}.
     */
    G1Vector bits(FieldHints hints) {
      Pairs pairs = new Pairs(entries, hints);
      for (boolean more = true; more; ) {
        more = false;
        for (int b = 0; b < size.length; b++) {
          size[b] = pairs.fold(start[b], 1, size[b]);
          more |= size[b] > 1;
        }
        pairs.add();
      }
      int windows = size.length / half;
      G1Vector sums = new G1Vector(size.length);
      for (int b = 0; b < size.length; b++) {
        if (size[b] > 0) {
          sums.copySigned(b, entries, start[b], false);
        }
      }
      pairs = new Pairs(sums, hints);
      // Of each bit in turn the numbers that have it are left where they are, and added to their
      // neighbours below, which stand for both from then on. In the end a place holds the sum of
      // numbers whose lowest bit...
      for (int bit = 0; bit < width - 1; bit++) {
        int step = 1 << bit;
        for (int w = 0; w < windows; w++) {
          for (int b = 2 * step; b + step <= half; b += 2 * step) {
            pairs.add(w * half + b - 1, w * half + b + step - 1);
          }
        }
        pairs.add();
      }
      // ...is the place's own: all places with one lowest bit make up that bit's sum.
      int[] left = new int[width];
      for (int bit = 0; bit < width; bit++) {
        left[bit] = Math.max(1, half >> (bit + 1));
      }
      while (left[0] > 1) {
        for (int bit = 0; bit < width; bit++) {
          int rest = left[bit];
          for (int w = 0; w < windows; w++) {
            rest = pairs.fold(w * half + (1 << bit) - 1, 2 << bit, left[bit]);
          }
          left[bit] = rest;
        }
        pairs.add();
      }
      G1Vector bits = new G1Vector(windows * width);
      for (int w = 0; w < windows; w++) {
        for (int bit = 0; bit < width; bit++) {
          bits.copySigned(w * width + bit, sums, w * half + (1 << bit) - 1, false);
        }
      }
      return bits;
    }
  }

  /** Additions of points of one vector to others of it, collected to share an inversion. */
  private static final class Pairs {
    private final G1Vector points;
    private final BatchAffine adder;
    private final int[] sums;
    private final int[] addends;
    private int count;

    Pairs(G1Vector points, FieldHints hints) {
      this.points = points;
      int capacity = points.size() / 2;
      adder = new BatchAffine(capacity, hints);
      sums = new int[capacity];
      addends = new int[capacity];
    }

    void add(int sum, int addend) {
      sums[count] = sum;
      addends[count] = addend;
      count++;
    }

    /**
     * Adds the second half of so many points, {@code from, from + step, ...}, to the first half.
     *
     * @return the number of points that are left
     */
    int fold(int from, int step, int size) {
      int kept = (size + 1) / 2;
      for (int k = kept; k < size; k++) {
        add(from + (k - kept) * step, from + k * step);
      }
      return kept;
    }

    /** Does what has been collected. */
    void add() {
      adder.add(points.limbs(), sums, points.limbs(), addends, count);
      count = 0;
    }
  }
}
