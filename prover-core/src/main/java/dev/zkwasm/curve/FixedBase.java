package dev.zkwasm.curve;

import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Many multiples of one point: signed windows over a table of multiples, added in affine
 * coordinates with shared inversions, on all cores.
 */
public final class FixedBase {
  private static final int CHUNK = 1024;

  private final int width;
  private final int windows;
  private final int half;

  /**
   * Window w, digit d in [0, half]: {@code d 2^(w width) base} at {@code w (half + 1) + d}; digit 0
   * is not used.
   */
  private final G1Vector table;

  /**
   * Prepares the table.
   *
   * @param count how many multiples are wanted, roughly: sets the size of the table
   */
  public FixedBase(G1 base, int count) {
    width = width(count);
    windows = SignedDigits.count(width);
    half = 1 << (width - 1);
    table = new G1Vector(windows * (half + 1));
    G1[] bases = new G1[windows];
    G1Accumulator power = new G1Accumulator().add(base);
    for (int w = 0; w < windows; w++) {
      bases[w] = power.toAffine();
      for (int i = 0; i < width; i++) {
        power.twice();
      }
    }
    IntStream.range(0, windows).parallel().forEach(w -> fillWindow(w, bases[w]));
  }

  /** Balances the additions of the multiples against those of the table. */
  private static int width(int count) {
    int width = 4;
    while (width < 16 && (long) count > (long) (width + 1) << (width - 1)) {
      width++;
    }
    return width;
  }

  private void fillWindow(int w, G1 base) {
    int start = w * (half + 1);
    table.set(start + 1, base);
    BatchAffine adder = new BatchAffine(CHUNK);
    int[] sums = new int[CHUNK];
    int[] addends = new int[CHUNK];
    // [1 .. known] plus known gives [known + 1 .. 2 known].
    for (int known = 1; known < half; known *= 2) {
      System.arraycopy(
          table.limbs(),
          (start + 1) * G1Vector.LIMBS,
          table.limbs(),
          (start + 1 + known) * G1Vector.LIMBS,
          known * G1Vector.LIMBS);
      Arrays.fill(addends, start + known);
      for (int from = 0; from < known; from += CHUNK) {
        int n = Math.min(CHUNK, known - from);
        for (int i = 0; i < n; i++) {
          sums[i] = start + 1 + known + from + i;
        }
        adder.add(table.limbs(), sums, table.limbs(), addends, n);
      }
    }
  }

  /** {@code scalars[i] * base} for every i. */
  public G1Vector multiples(FrVector scalars) {
    int n = scalars.size();
    G1Vector out = new G1Vector(n);
    IntStream.range(0, Math.ceilDiv(n, CHUNK))
        .parallel()
        .forEach(chunk -> multiples(scalars, chunk * CHUNK, Math.min(n, (chunk + 1) * CHUNK), out));
    return out;
  }

  private void multiples(FrVector scalars, int from, int to, G1Vector out) {
    int n = to - from;
    int[] digits = new int[n * windows];
    for (int i = 0; i < n; i++) {
      SignedDigits.write(
          scalars.limbs(), (from + i) * PrimeField.LIMBS, width, digits, i * windows);
    }
    BatchAffine adder = new BatchAffine(n);
    G1Vector addends = new G1Vector(n);
    int[] sums = new int[n];
    int[] order = IntStream.range(0, n).toArray();
    for (int w = 0; w < windows; w++) {
      int count = 0;
      for (int i = 0; i < n; i++) {
        int digit = digits[i * windows + w];
        if (digit != 0) {
          sums[count] = from + i;
          addends.copySigned(count, table, w * (half + 1) + Math.abs(digit), digit < 0);
          count++;
        }
      }
      adder.add(out.limbs(), sums, addends.limbs(), order, count);
    }
  }
}
