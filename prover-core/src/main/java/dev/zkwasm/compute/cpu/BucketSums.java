package dev.zkwasm.compute.cpu;

import java.util.Arrays;

/**
 * Sums lists of points, each pairwise in a tree: level by level, so that all additions of a level
 * are independent, whether there are many short lists or a single long one.
 *
 * <p>Holds scratch memory: one per thread.
 */
final class BucketSums {
  private final AffineAdder adder;
  private long[] current = new long[0];
  private long[] next = new long[0];

  /** Batches of up to {@code pairs} additions are of use. */
  BucketSums(VectorKernels kernels, int pairs) {
    this.adder = new AffineAdder(kernels, pairs);
  }

  /**
   * Sums lists.
   *
   * @param points packed points
   * @param order the points of all lists, one after the other: indices into {@code points},
   *     complemented ({@code ~i}) for negative ones
   * @param starts where each list begins in {@code order}, and behind the last one its end; what is
   *     in it is lost
   * @param lists the number of lists
   * @param out receives the sum of each list, packed
   */
  void sum(long[] points, int[] order, int[] starts, int lists, long[] out) {
    // The first level reads the points, the others what the level before has left.
    long[] source = points;
    boolean first = true;
    while (true) {
      int longest = 0;
      int total = 0;
      for (int l = 0; l < lists; l++) {
        int length = starts[l + 1] - starts[l];
        longest = Math.max(longest, length);
        total += (length + 1) / 2;
      }
      boolean finished = longest <= 2;
      long[] destination = finished ? out : grow(total);
      adder.setTarget(destination);
      int to = 0;
      int from = starts[0];
      for (int l = 0; l < lists; l++) {
        int end = starts[l + 1];
        if (finished) {
          to = l;
          if (from == end) {
            Arrays.fill(out, 8 * l, 8 * l + 8, 0);
          }
        }
        starts[l] = to;
        for (; from + 1 < end; from += 2) {
          adder.add(
              source, first ? order[from] : from, source, first ? order[from + 1] : from + 1, to++);
        }
        if (from < end) {
          adder.copy(source, first ? order[from] : from, to++);
          from++;
        }
      }
      starts[lists] = to;
      adder.flush();
      if (finished) {
        return;
      }
      Parallel.checkCancelled();
      // What was written is read next; what was read is free.
      next = current;
      current = destination;
      source = destination;
      first = false;
    }
  }

  /** An array that is not being read, for so many points. */
  private long[] grow(int points) {
    if (next.length < 8 * points) {
      next = new long[8 * points];
    }
    return next;
  }
}
