package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.BooleanSupplier;

/**
 * Runs a program, compiled once ({@link PointwiseCode}), on blocks of rows.
 *
 * <p>Registers hold values in the radix {@code 2^255} of {@link VectorKernels}, which is half of
 * the packed form: halved on loading, doubled on storing.
 */
final class VectorPointwise implements Pointwise {
  /** Fewer rows are not worth vectors. */
  private static final int MIN_ROWS = 16;

  private static final int LANES = VectorKernels.LANES;

  /** Rows of a block. */
  private static final int ROWS = PointwiseCode.BLOCK * LANES;

  private static final PrimeField FR = PrimeField.FR;
  private static final Fr HALF = Fr.of(2).inverse();

  private final VectorKernels kernels;
  private final BooleanSupplier ready;
  private final Pointwise small;

  /** What has been compiled, as long as somebody has the program. */
  private final Map<PointwiseProgram, PointwiseCode> compiled = new WeakHashMap<>();

  VectorPointwise(VectorKernels kernels, BooleanSupplier ready, Pointwise small) {
    this.kernels = kernels;
    this.ready = ready;
    this.small = small;
  }

  private PointwiseCode code(PointwiseProgram program) {
    synchronized (compiled) {
      return compiled.computeIfAbsent(program, PointwiseCompiler::compile);
    }
  }

  @Override
  public void run(
      PointwiseProgram program,
      long[][] columns,
      List<Fr> pool,
      long[][] outputs,
      int rows,
      int from,
      int to) {
    if (to - from < MIN_ROWS || !ready.getAsBoolean()) {
      small.run(program, columns, pool, outputs, rows, from, to);
      return;
    }
    PointwiseCode code = code(program);
    // Registers, then what is the same in all rows, then a place for results on their way out.
    List<Fr> uniforms = code.uniforms(pool);
    int out = code.registerGroups() + uniforms.size();
    double[] s = new double[(out + PointwiseCode.BLOCK) * VectorKernels.GROUP];
    long[] packed = new long[4 * ROWS];
    for (int k = 0; k < uniforms.size(); k++) {
      uniforms.get(k).mul(HALF).store(packed, 0);
      kernels.fillCentred(packed, 0, s, code.registerGroups() + k);
    }
    for (int row = from; row < to; row += ROWS) {
      int count = Math.min(ROWS, to - row);
      int groups = VectorKernels.groups(count);
      for (PointwiseCode.Step step : code.steps()) {
        switch (step) {
          case PointwiseCode.Step.Load load -> {
            int start = (int) (((long) row + load.rotation()) % rows);
            load(columns[load.column()], start, rows, count, s, load.target(), packed);
          }
          case PointwiseCode.Step.Sum sum -> {
            boolean products = sum.productSigns().length > 0;
            int target = sum.target();
            if (products) {
              kernels.sumOfProducts(s, sum.factors(), sum.productSigns(), target, groups);
            }
            if (sum.termSigns().length > 0) {
              kernels.addTerms(s, sum.terms(), sum.termSigns(), products, target, groups);
            }
            if (sum.centre()) {
              kernels.centre(s, target, groups);
            }
          }
          case PointwiseCode.Step.Store store -> {
            kernels.add(s, store.source(), s, store.source(), s, out, groups);
            kernels.pack(s, out, null, 0, packed, 0, LANES, groups);
            long[] output = outputs[store.output()];
            if (store.add()) {
              for (int k = 0; k < 4 * count; k += 4) {
                FR.add(output, 4 * row + k, packed, k, output, 4 * row + k);
              }
            } else {
              System.arraycopy(packed, 0, output, 4 * row, 4 * count);
            }
          }
        }
      }
    }
  }

  /**
   * Loads {@code count} rows from {@code start} on, cyclically; what is left of a group is zero.
   *
   * @param packed scratch memory for a block
   */
  private void load(
      long[] column, int start, int rows, int count, double[] s, int target, long[] packed) {
    if (count == ROWS && start + count <= rows) {
      kernels.unpackHalved(column, start, s, target, PointwiseCode.BLOCK);
      return;
    }
    for (int done = 0; done < count; ) {
      int from = (start + done) % rows;
      int length = Math.min(count - done, rows - from);
      System.arraycopy(column, 4 * from, packed, 4 * done, 4 * length);
      done += length;
    }
    Arrays.fill(packed, 4 * count, packed.length, 0);
    kernels.unpackHalved(packed, 0, s, target, VectorKernels.groups(count));
  }
}
