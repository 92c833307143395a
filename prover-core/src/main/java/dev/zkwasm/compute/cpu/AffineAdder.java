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
 * <p>Holds scratch memory, half a megabyte: one per thread.
 */
final class AffineAdder {
  /** Enough pairs to make the inversion cheap, few enough for the cache. */
  private static final int BATCH = 1024;

  private static final int LEFT_INFINITE = 1;
  private static final int RIGHT_INFINITE = 2;
  private static final int SAME_X = 4;

  private static final PrimeField FQ = PrimeField.FQ;
  private static final int LANES = VectorKernels.LANES;
  private static final int GROUP = VectorKernels.GROUP;

  private final VectorKernels kernels;

  // The pairs that are waiting.
  private long[] source = new long[0];
  private long[] target = new long[0];
  private boolean complemented;
  private boolean infinite;
  private boolean made;
  private final int[] left = new int[BATCH];
  private final int[] right = new int[BATCH];
  private final int[] destination = new int[BATCH];
  private int pairs;

  private final long[] leftX = new long[4 * BATCH];
  private final long[] leftY = new long[4 * BATCH];
  private final long[] rightX = new long[4 * BATCH];
  private final long[] rightY = new long[4 * BATCH];
  private final long[] signs = new long[BATCH];

  // Pairs whose sum is not one of different finite points.
  private final byte[] kind = new byte[BATCH];
  private final int[] found = new int[BATCH];
  private final int[] special = new int[BATCH];
  private int specials;
  private final long[] specialSum = new long[8 * BATCH];

  private final double[] x1 = new double[BATCH / LANES * GROUP];
  private final double[] y1 = new double[BATCH / LANES * GROUP];
  private final double[] x2 = new double[BATCH / LANES * GROUP];
  private final double[] y2 = new double[BATCH / LANES * GROUP];
  private final double[] slope = new double[BATCH / LANES * GROUP];

  /**
   * Of the differences of x. In the radix {@code 2^255} they are {@code 2 (x2 - x1)}, and so the
   * product of y's with their inverses has the right size.
   */
  private final TreeInversion inversion;

  private final double[] tree;
  private final long[] last = new long[4];
  private final long[] scratch = new long[8];

  AffineAdder(VectorKernels kernels) {
    this.kernels = kernels;
    inversion = new TreeInversion(FQ, kernels, BATCH / LANES, TreeInversion.fraction(FQ, 2));
    tree = inversion.tree;
  }

  /**
   * Packed points come from one array and sums go to another. No pair may be waiting.
   *
   * @param signs whether indices may be complemented
   * @param infinities whether points may be infinite
   */
  void begin(long[] from, long[] to, boolean signs, boolean infinities) {
    source = from;
    target = to;
    complemented = signs;
    infinite = infinities;
    made = false;
  }

  /** Whether a sum since the last {@link #begin} is infinite, or may be. */
  boolean madeInfinite() {
    return made;
  }

  /**
   * Puts the sum of two points into the next batch; it is in the target, at point {@code to}, after
   * {@link #flush} at the latest.
   *
   * @param a a point of the source, complemented ({@code ~i}) to take it negative
   */
  void add(int a, int b, int to) {
    int k = pairs++;
    left[k] = a;
    right[k] = b;
    destination[k] = to;
    if (pairs == BATCH) {
      flush();
    }
  }

  /** Copies a point, negative if its index is complemented, to the target. */
  void copy(int a, int to) {
    int i = a < 0 ? ~a : a;
    System.arraycopy(source, 8 * i, target, 8 * to, 8);
    if (a < 0) {
      FQ.negate(target, 8 * to + 4, target, 8 * to + 4);
    }
  }

  /** Adds up the pairs that are waiting. */
  void flush() {
    if (pairs == 0) {
      return;
    }
    int groups = VectorKernels.groups(pairs);
    int padded = groups * LANES;
    // What is left of the last group repeats the first pair.
    Arrays.fill(left, pairs, padded, left[0]);
    Arrays.fill(right, pairs, padded, right[0]);
    VectorKernels.gather(source, left, padded, leftX, leftY);
    VectorKernels.gather(source, right, padded, rightX, rightY);
    kernels.unpack(leftX, 0, LANES, x1, 0, groups);
    kernels.unpack(rightX, 0, LANES, x2, 0, groups);
    kernels.unpack(leftY, 0, LANES, y1, 0, groups);
    kernels.unpack(rightY, 0, LANES, y2, 0, groups);
    if (complemented) {
      VectorKernels.negateComplemented(left, y1, 0, groups, signs);
      VectorKernels.negateComplemented(right, y2, 0, groups, signs);
    }
    kernels.sub(x2, 0, x1, 0, tree, 0, groups);
    if (infinite) {
      // No finite point has y = 0: the group's order is odd.
      note(VectorKernels.zeros(y1, 0, groups, found), LEFT_INFINITE);
      note(VectorKernels.zeros(y2, 0, groups, found), RIGHT_INFINITE);
    }
    kernels.sub(y2, 0, y1, 0, slope, 0, groups);
    for (int i = 0; i < specials; i++) {
      prepareSpecial(i);
    }
    if (!inversion.invert(groups)) {
      int known = specials;
      note(VectorKernels.zeros(tree, 0, groups, found), SAME_X);
      for (int i = known; i < specials; i++) {
        prepareSpecial(i);
      }
      if (!inversion.invert(groups)) {
        throw new AssertionError("a difference of zero that was not found");
      }
    }
    kernels.mul(slope, 0, tree, 0, slope, 0, groups);
    kernels.mul(slope, 0, slope, 0, y2, 0, groups);
    kernels.subTwiceLess(y2, 0, x1, 0, x2, 0, x2, 0, groups);
    kernels.subtractLimbs(x1, 0, x2, 0, x1, 0, groups);
    kernels.mul(x1, 0, slope, 0, x1, 0, groups);
    kernels.sub(x1, 0, y1, 0, y1, 0, groups);
    kernels.pack(x2, 0, null, 0, leftX, 0, LANES, groups);
    kernels.pack(y1, 0, null, 0, leftY, 0, LANES, groups);
    VectorKernels.scatter(leftX, leftY, destination, pairs, target);
    for (int i = 0; i < specials; i++) {
      int k = special[i];
      if (kind[k] != 0 && k < pairs) {
        System.arraycopy(specialSum, 8 * i, target, 8 * destination[k], 8);
      }
      kind[k] = 0;
    }
    specials = 0;
    pairs = 0;
  }

  private void note(int count, int flag) {
    for (int i = 0; i < count; i++) {
      int k = found[i];
      if (kind[k] == 0) {
        special[specials++] = k;
      }
      kind[k] |= (byte) flag;
    }
  }

  /**
   * Finds the sum of a special pair, and lets an inverse be calculated that exists; or, for a point
   * with itself, sets up the calculation and takes the pair off the special ones.
   */
  private void prepareSpecial(int i) {
    int k = special[i];
    boolean leftInfinite = (kind[k] & LEFT_INFINITE) != 0;
    boolean rightInfinite = (kind[k] & RIGHT_INFINITE) != 0;
    if (leftInfinite) {
      load(rightX, rightY, right[k], k);
    } else {
      load(leftX, leftY, left[k], k);
    }
    if (!leftInfinite && !rightInfinite) {
      System.arraycopy(scratch, 4, last, 0, 4);
      load(rightX, rightY, right[k], k);
      if (FQ.equal(last, 0, scratch, 4)) {
        setTangent(k);
        kind[k] = 0;
        return;
      }
      Arrays.fill(scratch, 0);
    }
    made = true;
    System.arraycopy(scratch, 0, specialSum, 8 * i, 8);
    FQ.setOne(scratch, 0);
    set(tree, k, scratch, 0);
  }

  /** A point of a pair to the scratch memory. */
  private void load(long[] x, long[] y, int index, int k) {
    System.arraycopy(x, 4 * k, scratch, 0, 4);
    if (index < 0) {
      FQ.negate(y, 4 * k, scratch, 4);
    } else {
      System.arraycopy(y, 4 * k, scratch, 4, 4);
    }
  }

  /** Of the point in the scratch memory with itself: the slope is {@code 3 x^2 / 2 y}. */
  private void setTangent(int k) {
    FQ.twice(scratch, 4, scratch, 4);
    set(tree, k, scratch, 4);
    FQ.square(scratch, 0, scratch, 0);
    FQ.twice(scratch, 0, scratch, 4);
    FQ.add(scratch, 0, scratch, 4, scratch, 0);
    set(slope, k, scratch, 0);
  }

  private void set(double[] d, int k, long[] elements, int at) {
    System.arraycopy(elements, at, last, 0, 4);
    kernels.setCentred(last, 0, d, k / LANES, VectorKernels.laneOfElement(k % LANES));
  }
}
