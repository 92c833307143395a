package dev.zkwasm.curve;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;
import java.util.List;

/**
 * Multi-scalar multiplication over few points (up to some thousands), in plain scalar code: what
 * the verifier needs, and the oracle of the bulk kernels.
 */
public final class G1Msm {
  private G1Msm() {}

  /**
   * {@code sum_i scalars[i] * points[i]}, by Pippenger's bucket method with signed digits.
   *
   * @throws IllegalArgumentException if the lists differ in length
   */
  public static G1 sum(List<G1> points, List<Fr> scalars) {
    if (points.size() != scalars.size()) {
      throw new IllegalArgumentException(
          points.size() + " points and " + scalars.size() + " scalars");
    }
    int n = points.size();
    G1Vector packed = G1Vector.of(points);
    int width = windowWidth(n);
    // One window more than the 254 bits need would hold the last carry; 255 bits are enough for it.
    int windows = (Fr.MODULUS.bitLength() + 1 + width - 1) / width;
    int[] digits = new int[n * windows];
    for (int i = 0; i < n; i++) {
      signedDigits(scalars.get(i), width, windows, digits, i * windows);
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
          buckets[digit - 1].add(packed, i);
        } else if (digit < 0) {
          buckets[-digit - 1].sub(packed, i);
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
    while (width < 12 && n > width * (1 << width)) {
      width++;
    }
    return width;
  }

  /**
   * Writes the scalar as {@code sum_w digit_w 2^(w width)} with {@code -2^(width-1) <= digit <=
   * 2^(width-1)}.
   */
  private static void signedDigits(Fr scalar, int width, int windows, int[] digits, int at) {
    byte[] bytes = scalar.toBytes();
    int carry = 0;
    for (int w = 0; w < windows; w++) {
      int digit = carry;
      for (int bit = 0; bit < width; bit++) {
        int position = w * width + bit;
        if (position < 8 * PrimeField.BYTES) {
          digit += ((bytes[PrimeField.BYTES - 1 - position / 8] >> (position % 8)) & 1) << bit;
        }
      }
      carry = digit > 1 << (width - 1) ? 1 : 0;
      digits[at + w] = digit - (carry << width);
    }
    if (carry != 0) {
      throw new AssertionError("the top window holds the carry");
    }
  }
}
