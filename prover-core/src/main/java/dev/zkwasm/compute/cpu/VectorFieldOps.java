package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.PrimeField;
import java.util.BitSet;
import java.util.function.BooleanSupplier;

/** {@link FieldOps} by {@link VectorKernels}, block by block. */
final class VectorFieldOps implements FieldOps {
  /** Groups per block: some kilobytes. */
  private static final int BLOCK = 16;

  /** Groups that share an inversion: enough to make it cheap, few enough for the cache. */
  private static final int INVERSION_GROUPS = 2048 / VectorKernels.LANES;

  /** Fewer elements are not worth vectors. */
  private static final int MIN_SIZE = 32;

  /** Blocks in a run at most: as many runs as lanes stay in the second-level cache. */
  private static final int RUN_BLOCKS = 65;

  /** Fewer elements are not worth running sums on vectors, which have to be compiled first. */
  private static final int MIN_SUMS = 4096;

  /** Fewer elements are not worth their division into runs. */
  private static final int MIN_RUNS = 128;

  private static final int LANES = VectorKernels.LANES;

  private final VectorKernels kernels;
  private final BooleanSupplier ready;
  private final BooleanSupplier sumsReady;
  private final ScalarFieldOps scalar;
  private final PrimeField field;

  /** One half, packed. */
  private final long[] half;

  /** One, packed. */
  private final long[] one;

  /** {@code 2^253}, packed. */
  private final long[] power253 = {0, 0, 0, 1L << 61};

  /**
   * Operations.
   *
   * @param ready whether the kernels are compiled; scalar ones work until then
   * @param sumsReady the same for those of running sums
   */
  VectorFieldOps(
      PrimeField field, VectorKernels kernels, BooleanSupplier ready, BooleanSupplier sumsReady) {
    this.kernels = kernels;
    this.ready = ready;
    this.sumsReady = sumsReady;
    this.scalar = new ScalarFieldOps(field);
    this.field = field;
    half = TreeInversion.fraction(field, 1);
    one = TreeInversion.fraction(field, 0);
    field.toMontgomery(power253, 0, power253, 0);
  }

  /** The groups that are worth vectors; the rest is done one by one. */
  private int groups(int n) {
    return n >= MIN_SIZE && ready.getAsBoolean() ? n / LANES : 0;
  }

  @Override
  public void add(long[] a, int ao, long[] b, int bo, long[] d, int to, int n) {
    sum(a, ao, b, bo, d, to, n, false);
  }

  @Override
  public void sub(long[] a, int ao, long[] b, int bo, long[] d, int to, int n) {
    sum(a, ao, b, bo, d, to, n, true);
  }

  private void sum(
      long[] a, int ao, long[] b, int bo, long[] d, int to, int n, boolean difference) {
    int groups = groups(n);
    if (groups > 0) {
      int size = Math.min(BLOCK, groups);
      double[] x = new double[size * VectorKernels.GROUP];
      double[] y = new double[size * VectorKernels.GROUP];
      for (int g = 0; g < groups; g += size) {
        int count = Math.min(size, groups - g);
        kernels.unpack(a, ao + g * LANES, LANES, x, 0, count);
        kernels.unpack(b, bo + g * LANES, LANES, y, 0, count);
        if (difference) {
          kernels.sub(x, 0, y, 0, x, 0, count);
        } else {
          kernels.add(x, 0, y, 0, x, 0, count);
        }
        kernels.pack(x, 0, null, 0, d, to + g * LANES, LANES, count);
      }
    }
    int done = groups * LANES;
    if (difference) {
      scalar.sub(a, ao + done, b, bo + done, d, to + done, n - done);
    } else {
      scalar.add(a, ao + done, b, bo + done, d, to + done, n - done);
    }
  }

  @Override
  public void sumOfProducts(long[] a, int ao, long[] b, int bo, int n, long[] sum, int so) {
    int groups = groups(n);
    if (groups > 0) {
      int size = Math.min(BLOCK, groups);
      double[] x = new double[size * VectorKernels.GROUP];
      double[] y = new double[size * VectorKernels.GROUP];
      double[] total = new double[size * VectorKernels.GROUP];
      for (int g = 0; g < groups; g += size) {
        int count = Math.min(size, groups - g);
        kernels.unpack(a, ao + g * LANES, LANES, x, 0, count);
        kernels.unpackHalved(b, bo + g * LANES, y, 0, count);
        kernels.mul(x, 0, y, 0, x, 0, count);
        kernels.add(total, 0, x, 0, total, 0, count);
      }
      long[] packed = new long[PrimeField.LIMBS * size * LANES];
      kernels.pack(total, 0, null, 0, packed, 0, LANES, size);
      for (int i = 0; i < packed.length; i += PrimeField.LIMBS) {
        field.add(sum, so, packed, i, sum, so);
      }
    }
    int done = groups * LANES;
    scalar.sumOfProducts(a, ao + done, b, bo + done, n - done, sum, so);
  }

  @Override
  public void mul(long[] a, int ao, long[] b, int bo, long[] d, int to, int n) {
    int groups = groups(n);
    if (groups > 0) {
      int size = Math.min(BLOCK, groups);
      double[] x = new double[size * VectorKernels.GROUP];
      double[] y = new double[size * VectorKernels.GROUP];
      for (int g = 0; g < groups; g += size) {
        int count = Math.min(size, groups - g);
        kernels.unpack(a, ao + g * LANES, LANES, x, 0, count);
        kernels.unpackHalved(b, bo + g * LANES, y, 0, count);
        kernels.mul(x, 0, y, 0, x, 0, count);
        kernels.pack(x, 0, null, 0, d, to + g * LANES, LANES, count);
      }
    }
    int done = groups * LANES;
    scalar.mul(a, ao + done, b, bo + done, d, to + done, n - done);
  }

  @Override
  public void scale(long[] a, int ao, long[] c, int co, long[] d, int to, int n) {
    int groups = groups(n);
    if (groups > 0) {
      int size = Math.min(BLOCK, groups);
      double[] x = new double[size * VectorKernels.GROUP];
      double[] y = new double[size * VectorKernels.GROUP];
      long[] factor = new long[PrimeField.LIMBS];
      scalar.mul(c, co, half, 0, factor, 0, 1);
      for (int g = 0; g < size; g++) {
        kernels.fillCentred(factor, 0, y, g);
      }
      for (int g = 0; g < groups; g += size) {
        int count = Math.min(size, groups - g);
        kernels.unpack(a, ao + g * LANES, LANES, x, 0, count);
        kernels.mul(x, 0, y, 0, x, 0, count);
        kernels.pack(x, 0, null, 0, d, to + g * LANES, LANES, count);
      }
    }
    int done = groups * LANES;
    scalar.scale(a, ao + done, c, co, d, to + done, n - done);
  }

  @Override
  public void addUp(long[] a, int ao, int n, long[] sum, int so) {
    int done = n >= MIN_SUMS && sumsReady.getAsBoolean() ? n / LANES * LANES : 0;
    if (done > 0) {
      long[] total = new long[PrimeField.LIMBS];
      total(a, ao, done, total, new long[2 * LANES]);
      field.add(sum, so, total, 0, sum, so);
    }
    scalar.addUp(a, ao + done, n - done, sum, so);
  }

  /**
   * Sets {@code sum = a[0] + ... + a[n-1]}: halves of longs are added up, and reduced once.
   *
   * @param n even
   * @param halves room for {@code 2 LANES} longs
   */
  private void total(long[] a, int ao, int n, long[] sum, long[] halves) {
    VectorKernels.addHalves(a, ao, n, halves);
    // An array has less than 2^29 elements, so that no sum of halves reaches 2^62.
    long carry = 0;
    for (int i = 0; i < PrimeField.LIMBS; i++) {
      long lower = carry;
      long upper = 0;
      for (int l = i; l < LANES; l += 4) {
        lower += halves[l];
        upper += halves[LANES + l];
      }
      upper += lower >>> 32;
      sum[i] = (lower & 0xffffffffL) | upper << 32;
      carry = upper >>> 32;
    }
    // What is below 2^253 is less than the modulus; the excess is less than 2^35.
    long[] excess = {(carry << 3) | (sum[3] >>> 61), 0, 0, 0};
    sum[3] &= -1L >>> 3;
    field.mul(excess, 0, power253, 0, excess, 0);
    field.add(sum, 0, excess, 0, sum, 0);
  }

  @Override
  public void prefixSum(long[] a, int ao, long[] d, int to, int n, long[] sum, int so) {
    int done = 0;
    if (n >= MIN_SUMS && sumsReady.getAsBoolean()) {
      Runs runs = new Runs(sum, so);
      while (n - done >= MIN_RUNS) {
        int run = runLength(n - done);
        runs.prefixSum(a, ao + done, d, to + done, run);
        done += run * LANES;
      }
    }
    scalar.prefixSum(a, ao + done, d, to + done, n - done, sum, so);
  }

  /**
   * The length, even, of {@link #LANES} runs of {@code n} elements or less. Runs of more than a
   * block have an odd number of blocks: if it were a power of two, the runs would be in each
   * other's way in the caches.
   */
  private static int runLength(int n) {
    int blocks = n / (LANES * BLOCK);
    return blocks < 2 ? n / LANES / 2 * 2 : Math.min(RUN_BLOCKS, (blocks - 1) | 1) * BLOCK;
  }

  /**
   * Running sums of {@link #LANES} runs at once, one in each lane, so that lanes need not wait for
   * each other. Where each begins is known from the sums of whole runs, which cost little.
   */
  private final class Runs {
    private final long[] sum;
    private final int so;
    private final long[] starts = new long[PrimeField.LIMBS * LANES];
    private final long[] total = new long[PrimeField.LIMBS];
    private final long[] halves = new long[2 * LANES];
    private final double[] sums = new double[VectorKernels.GROUP];
    private final double[] x = new double[BLOCK * VectorKernels.GROUP];
    private final long[] packed = new long[PrimeField.LIMBS * BLOCK * LANES];

    Runs(long[] sum, int so) {
      this.sum = sum;
      this.so = so;
    }

    /** {@link FieldOps#prefixSum} of {@code run * LANES} elements, run being even. */
    void prefixSum(long[] a, int ao, long[] d, int to, int run) {
      for (int r = 0; r < LANES; r++) {
        System.arraycopy(sum, so, starts, 4 * r, 4);
        total(a, ao + r * run, run, total, halves);
        field.add(sum, so, total, 0, sum, so);
      }
      kernels.unpack(starts, 0, LANES, sums, 0, 1);
      for (int i = 0; i < run; i += BLOCK) {
        int count = Math.min(BLOCK, run - i);
        VectorKernels.reorder(a, ao + i, run, 1, packed, 0, 1, LANES, count);
        kernels.unpack(packed, 0, LANES, x, 0, count);
        kernels.runningSums(x, 0, count, sums);
        kernels.pack(x, 0, null, 0, packed, 0, LANES, count);
        VectorKernels.reorder(packed, 0, 1, LANES, d, to + i, run, 1, count);
      }
    }
  }

  @Override
  public int invert(long[] a, int ao, long[] d, int to, int n) {
    if (groups(n) == 0) {
      return scalar.invert(a, ao, d, to, n);
    }
    int groups = Math.min(INVERSION_GROUPS, VectorKernels.groups(n));
    TreeInversion inversion = new TreeInversion(field, kernels, groups, one);
    long[] block = new long[PrimeField.LIMBS * groups * LANES];
    int zeros = 0;
    for (int i = 0; i < n; i += groups * LANES) {
      int count = Math.min(groups * LANES, n - i);
      zeros += invertBlock(a, ao + i, d, to + i, count, inversion, block);
    }
    return zeros;
  }

  private int invertBlock(
      long[] a, int ao, long[] d, int to, int n, TreeInversion inversion, long[] block) {
    int groups = VectorKernels.groups(n);
    System.arraycopy(a, 4 * ao, block, 0, 4 * n);
    // Ones stand for zeros, and for what the last group lacks.
    BitSet zeros = new BitSet();
    for (int i = 0; i < groups * LANES; i++) {
      if (i >= n || field.isZero(block, 4 * i)) {
        zeros.set(i);
        System.arraycopy(one, 0, block, 4 * i, 4);
      }
    }
    kernels.unpack(block, 0, LANES, inversion.tree, 0, groups);
    if (!inversion.invert(groups)) {
      throw new AssertionError("an element that is not zero has no inverse");
    }
    kernels.centre(inversion.tree, 0, groups);
    kernels.pack(inversion.tree, 0, null, 0, block, 0, LANES, groups);
    System.arraycopy(block, 0, d, 4 * to, 4 * n);
    zeros.clear(n, groups * LANES);
    zeros.stream().forEach(i -> field.clear(d, 4 * (to + i)));
    return zeros.cardinality();
  }
}
