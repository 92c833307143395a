package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.PrimeField;
import java.util.function.BooleanSupplier;

/** {@link FieldOps} with multiplications by {@link VectorKernels}, block by block. */
final class VectorFieldOps implements FieldOps {
  /** Groups per block: some kilobytes. */
  private static final int BLOCK = 16;

  /** Fewer elements are not worth vectors. */
  private static final int MIN_SIZE = 32;

  private static final int LANES = VectorKernels.LANES;

  private final VectorKernels kernels;
  private final BooleanSupplier ready;
  private final ScalarFieldOps scalar;

  /** One half, packed. */
  private final long[] half = new long[PrimeField.LIMBS];

  VectorFieldOps(PrimeField field, VectorKernels kernels, BooleanSupplier ready) {
    this.kernels = kernels;
    this.ready = ready;
    this.scalar = new ScalarFieldOps(field);
    field.setOne(half, 0);
    field.twice(half, 0, half, 0);
    field.inverse(half, 0, half, 0);
  }

  /** The groups that are worth vectors; the rest is done one by one. */
  private int groups(int n) {
    return n >= MIN_SIZE && ready.getAsBoolean() ? n / LANES : 0;
  }

  @Override
  public void add(long[] a, int ao, long[] b, int bo, long[] d, int to, int n) {
    scalar.add(a, ao, b, bo, d, to, n);
  }

  @Override
  public void sub(long[] a, int ao, long[] b, int bo, long[] d, int to, int n) {
    scalar.sub(a, ao, b, bo, d, to, n);
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
        kernels.pack(x, 0, null, d, to + g * LANES, LANES, count);
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
        kernels.pack(x, 0, null, d, to + g * LANES, LANES, count);
      }
    }
    int done = groups * LANES;
    scalar.scale(a, ao + done, c, co, d, to + done, n - done);
  }
}
