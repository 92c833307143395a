package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.PrimeField;
import java.util.Arrays;

/**
 * Inversion of many elements with one field inversion and three multiplications per element, as a
 * tree of products: unlike the running product of Montgomery's trick, every level is a bulk
 * multiplication of independent elements. Holds scratch memory: one per thread.
 */
final class BatchInversion {
  /** Elements per tree: enough to make the one inversion cheap, few enough for the cache. */
  static final int BLOCK = 2048;

  /** A level of so few products is not worth a bulk call: the rest is a running product. */
  private static final int LEAF = 16;

  private final PrimeField field;
  private final FieldOps ops;
  private final long[] one = new long[PrimeField.LIMBS];
  private long[] tree = new long[0];

  BatchInversion(PrimeField field, FieldOps ops) {
    this.field = field;
    this.ops = ops;
    field.setOne(one, 0);
  }

  /**
   * {@code d[i] = 1 / a[i]}, and 0 where that is 0; {@code d} may be {@code a} at the same offset.
   *
   * @return the number of zeros
   */
  int invert(long[] a, int ao, long[] d, int to, int n) {
    // A tree of n leaves has less than 2 n nodes and one more per level that was odd.
    int nodes = 2 * Math.min(BLOCK, n) + 32;
    if (tree.length < 4 * nodes) {
      tree = new long[4 * nodes];
    }
    int zeros = 0;
    for (int i = 0; i < n; i += BLOCK) {
      zeros += invertBlock(a, ao + i, d, to + i, Math.min(BLOCK, n - i));
    }
    return zeros;
  }

  private int invertBlock(long[] a, int ao, long[] d, int to, int n) {
    System.arraycopy(a, 4 * ao, tree, 0, 4 * n);
    int zeros = 0;
    boolean[] zero = new boolean[n];
    for (int i = 0; i < n; i++) {
      if (field.isZero(tree, 4 * i)) {
        zero[i] = true;
        zeros++;
        System.arraycopy(one, 0, tree, 4 * i, 4);
      }
    }
    invertTree(0, n);
    System.arraycopy(tree, 0, d, 4 * to, 4 * n);
    if (zeros > 0) {
      for (int i = 0; i < n; i++) {
        if (zero[i]) {
          Arrays.fill(d, 4 * (to + i), 4 * (to + i) + 4, 0);
        }
      }
    }
    return zeros;
  }

  /** Inverts {@code n} elements of the tree from element {@code at}; none is zero. */
  private void invertTree(int at, int n) {
    if (n <= LEAF) {
      field.batchInverse(tree, 4 * at, n);
      return;
    }
    // First elements times last ones; an odd element in the middle goes up as it is.
    int half = n / 2;
    int rest = n - half;
    int second = at + rest;
    int up = at + n;
    ops.mul(tree, at, tree, second, tree, up, half);
    if (rest > half) {
      System.arraycopy(tree, 4 * (at + half), tree, 4 * (up + half), 4);
    }
    invertTree(up, rest);
    // 1/a = b / (a b) and 1/b = a / (a b).
    swap(4 * at, 4 * second, 4 * half);
    ops.mul(tree, at, tree, up, tree, at, half);
    ops.mul(tree, second, tree, up, tree, second, half);
    if (rest > half) {
      System.arraycopy(tree, 4 * (up + half), tree, 4 * (at + half), 4);
    }
  }

  private void swap(int i, int j, int length) {
    for (int k = 0; k < length; k++) {
      long t = tree[i + k];
      tree[i + k] = tree[j + k];
      tree[j + k] = t;
    }
  }
}
