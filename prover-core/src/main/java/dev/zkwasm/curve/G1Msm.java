package dev.zkwasm.curve;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import java.util.List;

/**
 * Multi-scalar multiplication in plain scalar code on one thread: what the verifier needs for its
 * few points, what the checks of a reference string need, and the oracle of the bulk kernels.
 */
public final class G1Msm {
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
   * {@code sum_i scalars[i] * points[i]}, by Pippenger's bucket method with signed digits.
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
    G1Accumulator[] buckets = new G1Accumulator[1 << (width - 1)];
    for (int b = 0; b < buckets.length; b++) {
      buckets[b] = new G1Accumulator();
    }
    G1Accumulator total = new G1Accumulator();
    G1Accumulator running = new G1Accumulator();
    for (int w = windows - 1; w >= 0; w--) {
      for (int i = 0; i < width; i++) {
        total.twice();
      }
      for (G1Accumulator bucket : buckets) {
        bucket.clear();
      }
      for (int i = 0; i < n; i++) {
        int digit = digits[i * windows + w];
        if (digit > 0) {
          buckets[digit - 1].add(points, i);
        } else if (digit < 0) {
          buckets[-digit - 1].sub(points, i);
        }
      }
      // sum_b b * bucket_b as the sum of the suffix sums.
      running.clear();
      for (int b = buckets.length - 1; b >= 0; b--) {
        running.add(buckets[b]);
        total.add(running);
      }
    }
    return total.toAffine();
  }

  private static int windowWidth(int n) {
    // Balances n additions against 2^(width-1) bucket sums of two dearer additions, per window.
    int width = 2;
    while (width < 14 && n > width * (1 << width)) {
      width++;
    }
    return width;
  }
}
