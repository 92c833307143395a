package dev.zkwasm.compute.cpu;

import dev.zkwasm.curve.G1Vector;
import java.util.Arrays;

/**
 * Sums lists of points, each pairwise in a tree: level by level, so that all additions of a level
 * are independent, whether there are many short lists or a single long one.
 *
 * <p>Works on some lists at a time, so that what a level leaves is still in the cache for the next
 * one. Holds scratch memory, a few megabytes: one per thread.
 */
final class BucketSums {
  /** Points of the lists that are summed together. */
  private static final int SEGMENT = 1 << 15;

  private final AffineAdder adder;
  private long[] current = new long[0];
  private long[] next = new long[0];
  private int[] ends = new int[0];

  BucketSums(VectorKernels kernels) {
    this.adder = new AffineAdder(kernels);
  }

  /**
   * Sums lists.
   *
   * @param points packed points
   * @param order the points of all lists, one after the other: indices into {@code points},
   *     complemented ({@code ~i}) for negative ones
   * @param starts where each list begins in {@code order}, and behind the last one its end
   * @param lists the number of lists
   * @param infinities whether points may be infinite
   * @param out receives the sum of each list, packed
   */
  void sum(long[] points, int[] order, int[] starts, int lists, boolean infinities, long[] out) {
    for (int first = 0; first < lists; ) {
      int length = starts[first + 1] - starts[first];
      if (length > SEGMENT) {
        sumLong(points, order, starts[first], length, infinities, out, first);
        first++;
        continue;
      }
      int last = first + 1;
      while (last < lists && starts[last + 1] - starts[first] <= SEGMENT) {
        last++;
      }
      reserveEnds(last - first);
      for (int l = first; l < last; l++) {
        ends[l - first] = starts[l + 1];
      }
      sumSegment(points, order, starts[first], last - first, infinities, out, first);
      first = last;
    }
  }

  /** A list of any length, in pieces. */
  private void sumLong(
      long[] points, int[] order, int start, int length, boolean infinities, long[] out, int to) {
    int pieces = (length + SEGMENT - 1) / SEGMENT;
    long[] sums = new long[G1Vector.LIMBS * pieces];
    int[] sumOrder = new int[pieces];
    int[] sumStarts = {0, pieces};
    for (int p = 0; p < pieces; p++) {
      sumOrder[p] = p;
      reserveEnds(1);
      ends[0] = start + Math.min(length, (p + 1) * SEGMENT);
      sumSegment(points, order, start + p * SEGMENT, 1, infinities, sums, p);
    }
    long[] sum = new long[G1Vector.LIMBS];
    sum(sums, sumOrder, sumStarts, 1, true, sum);
    System.arraycopy(sum, 0, out, G1Vector.LIMBS * to, sum.length);
  }

  /** Lists that follow each other, from {@code start} on, each to its end. */
  private void sumSegment(
      long[] points, int[] order, int start, int lists, boolean infinities, long[] out, int outAt) {
    // The first level reads the points, the others what the level before has left.
    long[] source = points;
    boolean first = true;
    boolean infinite = infinities;
    int begin = start;
    while (true) {
      int longest = 0;
      int total = 0;
      for (int l = 0, from = begin; l < lists; from = ends[l], l++) {
        int length = ends[l] - from;
        longest = Math.max(longest, length);
        total += (length + 1) / 2;
      }
      boolean finished = longest <= 2;
      long[] destination = finished ? out : grow(total);
      adder.begin(source, destination, first, infinite);
      int to = 0;
      int from = begin;
      for (int l = 0; l < lists; l++) {
        int end = ends[l];
        if (finished) {
          to = outAt + l;
          if (from == end) {
            Arrays.fill(out, G1Vector.LIMBS * to, G1Vector.LIMBS * (to + 1), 0);
          }
        }
        if (first) {
          addPairs(order, from, end, to);
        } else {
          addPairs(from, end, to);
        }
        to += (end - from + 1) / 2;
        from = end;
        ends[l] = to;
      }
      adder.flush();
      if (finished) {
        return;
      }
      Parallel.checkCancelled();
      // An infinite point may also have been copied.
      infinite |= adder.madeInfinite();
      // What was written is read next; what was read is free.
      next = current;
      current = destination;
      source = destination;
      first = false;
      begin = 0;
    }
  }

  /** Adds neighbours of a list in pairs; what is left of it is copied. */
  private void addPairs(int[] order, int from, int end, int to) {
    int sum = to;
    int i = from;
    for (; i + 1 < end; i += 2) {
      adder.add(order[i], order[i + 1], sum++);
    }
    if (i < end) {
      adder.copy(order[i], sum);
    }
  }

  /** The same of points that follow each other. */
  private void addPairs(int from, int end, int to) {
    int sum = to;
    int i = from;
    for (; i + 1 < end; i += 2) {
      adder.add(i, i + 1, sum++);
    }
    if (i < end) {
      adder.copy(i, sum);
    }
  }

  private void reserveEnds(int lists) {
    if (ends.length < lists) {
      ends = new int[Math.max(lists, 2 * ends.length)];
    }
  }

  /** An array that is not being read, for so many points. */
  private long[] grow(int points) {
    if (next.length < G1Vector.LIMBS * points) {
      next = new long[G1Vector.LIMBS * points];
    }
    return next;
  }
}
