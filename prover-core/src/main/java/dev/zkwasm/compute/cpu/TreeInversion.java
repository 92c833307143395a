package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.PrimeField;

/**
 * Inverts many elements in the vector kernels' own layout with one inversion in scalar code, as a
 * tree of products: unlike in the running product of Montgomery's trick, the products of a level do
 * not depend on each other. Holds the memory for it: one per thread.
 */
final class TreeInversion {
  private static final int LANES = VectorKernels.LANES;
  private static final int GROUP = VectorKernels.GROUP;

  private final PrimeField field;
  private final VectorKernels kernels;

  /**
   * The elements, and above them their products, pairwise, level by level: less than twice as many
   * groups, and one more per level that was odd.
   */
  final double[] tree;

  private final double[] half;
  private final long[] root = new long[PrimeField.LIMBS * LANES];
  private final long[] scale;

  /**
   * Memory for inversions.
   *
   * @param groups how many at most
   * @param scale a packed element s: with a the packed element whose limbs these are, that is of
   *     radix {@code 2^256}, the result is {@code s / a}
   */
  TreeInversion(PrimeField field, VectorKernels kernels, int groups, long[] scale) {
    this.field = field;
    this.kernels = kernels;
    this.scale = scale.clone();
    tree = new double[(2 * groups + 16) * GROUP];
    half = new double[Math.max(1, groups / 2) * GROUP];
  }

  /** The packed element {@code 2^-k}. */
  static long[] fraction(PrimeField field, int k) {
    long[] power = new long[PrimeField.LIMBS];
    field.setOne(power, 0);
    for (int i = 0; i < k; i++) {
      field.twice(power, 0, power, 0);
    }
    field.inverse(power, 0, power, 0);
    return power;
  }

  /**
   * Inverts the first {@code groups} groups of the tree, which are centred or floored; or, if there
   * is a zero in them, leaves them as they are and returns false.
   */
  boolean invert(int groups) {
    return invert(0, groups);
  }

  private boolean invert(int at, int groups) {
    if (groups == 1) {
      return invertGroup(at);
    }
    // First groups times last ones; an odd one in the middle goes up as it is.
    int pairs = groups / 2;
    int rest = groups - pairs;
    int second = at + rest;
    int up = at + groups;
    kernels.mul(tree, at, tree, second, tree, up, pairs);
    if (rest > pairs) {
      System.arraycopy(tree, (at + pairs) * GROUP, tree, (up + pairs) * GROUP, GROUP);
    }
    if (!invert(up, rest)) {
      return false;
    }
    // 1/a = b / (a b) and 1/b = a / (a b).
    kernels.mul(tree, up, tree, second, half, 0, pairs);
    kernels.mul(tree, up, tree, at, tree, second, pairs);
    System.arraycopy(half, 0, tree, at * GROUP, pairs * GROUP);
    if (rest > pairs) {
      System.arraycopy(tree, (up + pairs) * GROUP, tree, (at + pairs) * GROUP, GROUP);
    }
    return true;
  }

  private boolean invertGroup(int at) {
    System.arraycopy(tree, at * GROUP, half, 0, GROUP);
    kernels.centre(half, 0, 1);
    kernels.pack(half, 0, null, 0, root, 0, LANES, 1);
    for (int l = 0; l < LANES; l++) {
      if (field.isZero(root, PrimeField.LIMBS * l)) {
        return false;
      }
    }
    field.batchInverse(root, 0, LANES);
    for (int l = 0; l < LANES; l++) {
      field.mul(root, PrimeField.LIMBS * l, scale, 0, root, PrimeField.LIMBS * l);
    }
    kernels.unpack(root, 0, LANES, tree, at, 1);
    return true;
  }
}
