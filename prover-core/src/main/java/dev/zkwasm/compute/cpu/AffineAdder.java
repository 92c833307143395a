package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.PrimeField;
import java.util.Arrays;

/**
 * Adds many independent pairs of affine points, with one inversion for a whole batch: three
 * multiplications for a pair's share in it and three for the sum, vectorised over pairs. Equal,
 * opposite and infinite points are found and done right.
 *
 * <p>Coordinates stay in the radix {@code 2^256} while {@link VectorKernels} calculates in {@code
 * 2^255}, in which they are {@code X = 2 x} and {@code Y = 2 y}. The slope {@code l = (Y2 - Y1) /
 * (X2 - X1)} is the same, and the sum is {@code X3 = 2 l^2 - X1 - X2}, {@code Y3 = l (X1 - X3) -
 * Y1}: nothing has to be converted.
 *
 * <p>Holds scratch memory: one per thread.
 */
final class AffineAdder {
  /** Enough pairs to make the inversion cheap, few enough for the cache. */
  private static final int BATCH = 2048;

  private static final PrimeField FQ = PrimeField.FQ;
  private static final int LANES = VectorKernels.LANES;
  private static final int GROUP = VectorKernels.GROUP;

  private final VectorKernels kernels;

  /** Pairs of a batch. */
  private final int batch;

  private final long[] leftX;
  private final long[] leftY;
  private final long[] rightX;
  private final long[] rightY;
  private final int[] destination;
  private int pairs;

  // Pairs whose sum is not one of different finite points: doubled ones, and known results.
  private final int[] doubled;
  private int doubles;
  private final int[] known;
  private final long[] knownSum;
  private int knowns;

  private final double[] x1;
  private final double[] y1;
  private final double[] x2;
  private final double[] y2;
  private final double[] slope;

  /** The differences of x, and above them their products, pairwise, level by level. */
  private final double[] tree;

  private final double[] half;

  private final long[] last = new long[4 * LANES];
  private final long[] quarter = new long[4];
  private final long[] scratch = new long[8];
  private long[] target = new long[0];

  /** Batches of up to {@code pairs}, if more are not of use, otherwise of {@link #BATCH}. */
  AffineAdder(VectorKernels kernels, int pairs) {
    this.kernels = kernels;
    int groups = Math.max(1, VectorKernels.groups(Math.min(BATCH, pairs)));
    batch = groups * LANES;
    leftX = new long[4 * batch];
    leftY = new long[4 * batch];
    rightX = new long[4 * batch];
    rightY = new long[4 * batch];
    destination = new int[batch];
    doubled = new int[batch];
    known = new int[batch];
    knownSum = new long[8 * batch];
    x1 = new double[groups * GROUP];
    y1 = new double[groups * GROUP];
    x2 = new double[groups * GROUP];
    y2 = new double[groups * GROUP];
    slope = new double[groups * GROUP];
    // A tree of n leaves has less than 2 n nodes and one more per level that was odd.
    tree = new double[(2 * groups + 16) * GROUP];
    half = new double[(groups + 1) / 2 * GROUP];
    FQ.setOne(quarter, 0);
    FQ.twice(quarter, 0, quarter, 0);
    FQ.twice(quarter, 0, quarter, 0);
    FQ.inverse(quarter, 0, quarter, 0);
  }

  /** Sums go to this array of packed points from now on. No pair may be waiting. */
  void setTarget(long[] target) {
    this.target = target;
  }

  /**
   * Puts the sum of two points into the next batch; it is in the target, at point {@code to}, after
   * {@link #flush} at the latest.
   *
   * @param a packed points; {@code ai} one of them, complemented ({@code ~i}) to take it negative
   */
  void add(long[] a, int ai, long[] b, int bi, int to) {
    int k = pairs++;
    load(a, ai, leftX, leftY, k);
    load(b, bi, rightX, rightY, k);
    destination[k] = to;
    boolean leftInfinite = leftY[4 * k] == 0 && FQ.isZero(leftY, 4 * k);
    boolean rightInfinite = rightY[4 * k] == 0 && FQ.isZero(rightY, 4 * k);
    if (leftInfinite) {
      know(k, rightX, rightY);
    } else if (rightInfinite) {
      know(k, leftX, leftY);
    } else if (leftX[4 * k] == rightX[4 * k] && FQ.equal(leftX, 4 * k, rightX, 4 * k)) {
      if (FQ.equal(leftY, 4 * k, rightY, 4 * k)) {
        doubled[doubles++] = k;
      } else {
        Arrays.fill(scratch, 0);
        know(k, scratch);
      }
    }
    if (pairs == batch) {
      flush();
    }
  }

  /** Copies a point, negative if its index is complemented, to the target. */
  void copy(long[] a, int ai, int to) {
    int i = ai < 0 ? ~ai : ai;
    System.arraycopy(a, 8 * i, target, 8 * to, 8);
    if (ai < 0) {
      FQ.negate(target, 8 * to + 4, target, 8 * to + 4);
    }
  }

  private static void load(long[] a, int ai, long[] x, long[] y, int k) {
    if (ai >= 0) {
      System.arraycopy(a, 8 * ai, x, 4 * k, 4);
      System.arraycopy(a, 8 * ai + 4, y, 4 * k, 4);
    } else {
      int i = ~ai;
      System.arraycopy(a, 8 * i, x, 4 * k, 4);
      FQ.negate(a, 8 * i + 4, y, 4 * k);
    }
  }

  private void know(int k, long[] x, long[] y) {
    System.arraycopy(x, 4 * k, scratch, 0, 4);
    System.arraycopy(y, 4 * k, scratch, 4, 4);
    know(k, scratch);
  }

  private void know(int k, long[] sum) {
    System.arraycopy(sum, 0, knownSum, 8 * knowns, 8);
    known[knowns++] = k;
  }

  /** Adds up the pairs that are waiting. */
  void flush() {
    if (pairs == 0) {
      return;
    }
    int groups = VectorKernels.groups(pairs);
    // What is left of the last group takes part with a difference of one.
    for (int k = pairs; k < groups * LANES; k++) {
      clear(k);
    }
    kernels.unpack(leftX, 0, LANES, x1, 0, groups);
    kernels.unpack(rightX, 0, LANES, x2, 0, groups);
    kernels.unpack(leftY, 0, LANES, y1, 0, groups);
    kernels.unpack(rightY, 0, LANES, y2, 0, groups);
    kernels.sub(x2, 0, x1, 0, tree, 0, groups);
    kernels.sub(y2, 0, y1, 0, slope, 0, groups);
    for (int i = 0; i < doubles; i++) {
      setTangent(doubled[i]);
    }
    for (int i = 0; i < knowns; i++) {
      setDifference(known[i]);
    }
    for (int k = pairs; k < groups * LANES; k++) {
      setDifference(k);
    }
    invert(0, groups);
    kernels.mul(slope, 0, tree, 0, slope, 0, groups);
    kernels.mul(slope, 0, slope, 0, y2, 0, groups);
    kernels.subTwiceLess(y2, 0, x1, 0, x2, 0, x2, 0, groups);
    kernels.sub(x1, 0, x2, 0, x1, 0, groups);
    kernels.mul(x1, 0, slope, 0, x1, 0, groups);
    kernels.sub(x1, 0, y1, 0, y1, 0, groups);
    kernels.pack(x2, 0, null, leftX, 0, LANES, groups);
    kernels.pack(y1, 0, null, leftY, 0, LANES, groups);
    for (int k = 0; k < pairs; k++) {
      System.arraycopy(leftX, 4 * k, target, 8 * destination[k], 4);
      System.arraycopy(leftY, 4 * k, target, 8 * destination[k] + 4, 4);
    }
    for (int i = 0; i < knowns; i++) {
      System.arraycopy(knownSum, 8 * i, target, 8 * destination[known[i]], 8);
    }
    pairs = 0;
    doubles = 0;
    knowns = 0;
  }

  private void clear(int k) {
    Arrays.fill(leftX, 4 * k, 4 * k + 4, 0);
    Arrays.fill(leftY, 4 * k, 4 * k + 4, 0);
    Arrays.fill(rightX, 4 * k, 4 * k + 4, 0);
    Arrays.fill(rightY, 4 * k, 4 * k + 4, 0);
  }

  /** Of a point with itself: the slope is {@code 3 x^2 / 2 y}. */
  private void setTangent(int k) {
    FQ.square(leftX, 4 * k, scratch, 0);
    FQ.twice(scratch, 0, scratch, 4);
    FQ.add(scratch, 0, scratch, 4, scratch, 0);
    set(slope, k, scratch);
    FQ.twice(leftY, 4 * k, scratch, 0);
    set(tree, k, scratch);
  }

  /** Of a pair whose sum is not calculated: anything but zero. */
  private void setDifference(int k) {
    FQ.setOne(scratch, 0);
    set(tree, k, scratch);
  }

  private void set(double[] d, int k, long[] element) {
    kernels.setPacked(element, 0, d, k / LANES, VectorKernels.laneOfElement(k % LANES));
  }

  /** Inverts groups of the tree, none of which has a zero. */
  private void invert(int at, int groups) {
    if (groups == 1) {
      invertGroup(at);
      return;
    }
    // First groups times last ones; an odd one in the middle goes up as it is.
    int pairsOfGroups = groups / 2;
    int rest = groups - pairsOfGroups;
    int second = at + rest;
    int up = at + groups;
    kernels.mul(tree, at, tree, second, tree, up, pairsOfGroups);
    if (rest > pairsOfGroups) {
      System.arraycopy(
          tree, (at + pairsOfGroups) * GROUP, tree, (up + pairsOfGroups) * GROUP, GROUP);
    }
    invert(up, rest);
    // 1/a = b / (a b) and 1/b = a / (a b).
    kernels.mul(tree, up, tree, second, half, 0, pairsOfGroups);
    kernels.mul(tree, up, tree, at, tree, second, pairsOfGroups);
    System.arraycopy(half, 0, tree, at * GROUP, pairsOfGroups * GROUP);
    if (rest > pairsOfGroups) {
      System.arraycopy(
          tree, (up + pairsOfGroups) * GROUP, tree, (at + pairsOfGroups) * GROUP, GROUP);
    }
  }

  private void invertGroup(int at) {
    // a 2^255, taken for an element of radix 2^256, has the inverse 2^512 / (a 2^255).
    kernels.centre(tree, at, 1);
    kernels.pack(tree, at, null, last, 0, LANES, 1);
    FQ.batchInverse(last, 0, LANES);
    for (int l = 0; l < LANES; l++) {
      FQ.mul(last, 4 * l, quarter, 0, last, 4 * l);
    }
    kernels.unpack(last, 0, LANES, tree, at, 1);
  }
}
