package dev.zkwasm.curve;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Multi-scalar multiplication in plain scalar code on one thread: what the verifier needs for its
 * few points, what the checks of a reference string need, and the oracle of the bulk kernels.
 */
public final class G1Msm {
  /** Points whose bucket additions share an inversion, roughly. */
  private static final int BATCH = 1 << 15;

  private G1Msm() {}

  /**
   * {@code sum_i scalars[i] * points[i]}.
   *
   * @throws IllegalArgumentException if the lists differ in length
   */
  public static G1 sum(List<G1> points, List<Fr> scalars) {
    return sum(G1Vector.of(points), FrVector.of(scalars.toArray(Fr[]::new)));
  }

  /**
   * {@code sum_i scalars[i] * points[i]}, by Pippenger's bucket method with signed digits. Buckets
   * are summed pairwise in affine coordinates, those of many windows at a time, so that they share
   * inversions.
   *
   * @throws IllegalArgumentException if the vectors differ in length
   */
  public static G1 sum(G1Vector points, FrVector scalars) {
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
    int together = Math.max(1, BATCH / Math.max(1, n));
    G1Accumulator total = new G1Accumulator();
    G1Accumulator running = new G1Accumulator();
    for (int top = windows; top > 0; top -= together) {
      int bottom = Math.max(0, top - together);
      Buckets buckets = new Buckets(points, digits, windows, bottom, top, width);
      for (int w = top - 1; w >= bottom; w--) {
        for (int i = 0; i < width; i++) {
          total.twice();
        }
        // sum_b b * bucket_b as the sum of the suffix sums.
        running.clear();
        for (int b = 1 << (width - 1); b > 0; b--) {
          buckets.addTo(running, w, b);
          total.add(running);
        }
      }
    }
    return total.toAffine();
  }

  /**
   * The width with the fewest multiplications: about 7 for an affine addition, 24 for the two sums
   * of each bucket.
   */
  private static int windowWidth(int n) {
    return IntStream.rangeClosed(2, 15)
        .boxed()
        .min(Comparator.comparingLong(w -> SignedDigits.count(w) * (7L * n + (24L << (w - 1)))))
        .orElseThrow();
  }

  /**
   * The sums of the points with digit {@code +-b} in window w, for some windows and {@code 1 <= b
   * <= 2^(width-1)}.
   */
  private static final class Buckets {
    private final int bottom;
    private final int perWindow;
    private final int[] start;
    private final int[] size;
    private final G1Vector entries;

    Buckets(G1Vector points, int[] digits, int windows, int bottom, int top, int width) {
      this.bottom = bottom;
      perWindow = 1 << (width - 1);
      int n = points.size();
      size = new int[(top - bottom) * perWindow];
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
      addPairs(total);
    }

    private int bucket(int w, int b) {
      return (w - bottom) * perWindow + b - 1;
    }

    /** Adds the second half of each bucket to its first until no bucket has more than one entry. */
    private void addPairs(int total) {
      BatchAffine adder = new BatchAffine(total / 2);
      int[] sums = new int[total / 2];
      int[] addends = new int[total / 2];
      int pairs;
      do {
        pairs = 0;
        for (int b = 0; b < size.length; b++) {
          int kept = (size[b] + 1) / 2;
          for (int k = kept; k < size[b]; k++) {
            sums[pairs] = start[b] + k - kept;
            addends[pairs] = start[b] + k;
            pairs++;
          }
          size[b] = kept;
        }
        adder.add(entries.limbs(), sums, entries.limbs(), addends, pairs);
      } while (pairs > 0);
    }

    void addTo(G1Accumulator sum, int w, int b) {
      int at = bucket(w, b);
      if (size[at] > 0) {
        sum.add(entries, start[at]);
      }
    }
  }
}
