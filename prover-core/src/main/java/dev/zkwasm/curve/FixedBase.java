package dev.zkwasm.curve;

import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Many multiples of one point: signed windows over a table of multiples, added in affine
 * coordinates with shared inversions, on all cores if there are more than a few.
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
    List<G1Accumulator> bases = new ArrayList<>(windows);
    G1Accumulator power = new G1Accumulator().add(base);
    for (int w = 0; w < windows; w++) {
      bases.add(new G1Accumulator().add(power));
      for (int i = 0; i < width; i++) {
        power.twice();
      }
    }
    List<G1> ones = G1Accumulator.toAffine(bases);
    for (int w = 0; w < windows; w++) {
      table.set(w * (half + 1) + 1, ones.get(w));
    }
    // [1 .. known] plus known gives [known + 1 .. 2 known], in all windows at once.
    for (int known = 1; known < half; known *= 2) {
      int step = known;
      inChunks(windows * known, (from, to) -> extend(step, from, to));
    }
  }

  /** Does the work of so many additions, by ranges that share inversions. */
  private static void inChunks(int count, Range work) {
    IntStream chunks = IntStream.range(0, Math.ceilDiv(count, CHUNK));
    // A single one is not worth setting up the pool of threads.
    (count > CHUNK ? chunks.parallel() : chunks)
        .forEach(chunk -> work.run(chunk * CHUNK, Math.min(count, (chunk + 1) * CHUNK)));
  }

  /** Work on a range of indices. */
  @FunctionalInterface
  private interface Range {
    void run(int from, int to);
  }

  /** Balances the additions of the multiples against those of the table. */
  private static int width(int count) {
    int width = 4;
    while (width < 16 && (long) count > (long) (width + 1) << (width - 1)) {
      width++;
    }
    return width;
  }

  /** Entry {@code known + 1 + d} of window w, for {@code w known + d} in the range. */
  private void extend(int known, int from, int to) {
    int n = to - from;
    int[] sums = new int[n];
    int[] addends = new int[n];
    for (int i = 0; i < n; i++) {
      int start = (from + i) / known * (half + 1);
      int digit = 1 + (from + i) % known;
      addends[i] = start + known;
      sums[i] = start + known + digit;
      table.copySigned(sums[i], table, start + digit, false);
    }
    new BatchAffine(n).add(table.limbs(), sums, table.limbs(), addends, n);
  }

  /** {@code scalars[i] * base} for every i. */
  public G1Vector multiples(FrVector scalars) {
    int n = scalars.size();
    G1Vector out = new G1Vector(n);
    inChunks(n, (from, to) -> multiples(scalars, from, to, out));
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
