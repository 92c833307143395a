package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.compute.PointwiseProgram.Instruction;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Runs a program on blocks of rows, instruction by instruction: each is one bulk kernel.
 *
 * <p>Registers hold values in the radix {@code 2^255} of {@link VectorKernels}, which is half of
 * the packed form: halved on loading, doubled on storing.
 */
final class VectorPointwise implements Pointwise {
  /** Groups per block: the registers of a program should stay in the cache. */
  private static final int BLOCK = 8;

  /** Fewer rows are not worth vectors. */
  private static final int MIN_ROWS = 16;

  private static final int ROWS = BLOCK * VectorKernels.LANES;
  private static final int SIZE = BLOCK * VectorKernels.GROUP;
  private static final PrimeField FR = PrimeField.FR;
  private static final Fr HALF = Fr.of(2).inverse();

  private final VectorKernels kernels;
  private final BooleanSupplier ready;
  private final Pointwise small;

  VectorPointwise(VectorKernels kernels, BooleanSupplier ready, Pointwise small) {
    this.kernels = kernels;
    this.ready = ready;
    this.small = small;
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
    // Registers, then the pool, then a place for results on their way out.
    int registers = program.registers();
    int out = (registers + pool.size()) * BLOCK;
    double[] s = new double[out * VectorKernels.GROUP + SIZE];
    long[] packed = new long[4 * ROWS];
    for (int k = 0; k < pool.size(); k++) {
      int at = (registers + k) * BLOCK;
      pool.get(k).mul(HALF).store(packed, 0);
      for (int g = 0; g < BLOCK; g++) {
        kernels.fillCentred(packed, 0, s, at + g);
      }
    }
    for (int row = from; row < to; row += ROWS) {
      int count = Math.min(ROWS, to - row);
      int groups = VectorKernels.groups(count);
      for (Instruction i : program.instructions()) {
        int target = i.target() * BLOCK;
        int a = (i.a() < 0 ? registers + ~i.a() : i.a()) * BLOCK;
        int b = (i.b() < 0 ? registers + ~i.b() : i.b()) * BLOCK;
        switch (i.opcode()) {
          case LOAD -> {
            int start = (int) (((long) row + i.b()) % rows);
            load(columns[i.a()], start, rows, count, s, target, packed);
          }
          case ADD -> kernels.add(s, a, s, b, s, target, groups);
          case SUB -> kernels.sub(s, a, s, b, s, target, groups);
          case MUL -> kernels.mul(s, a, s, b, s, target, groups);
          case STORE, ACCUMULATE -> {
            kernels.add(s, a, s, a, s, out, groups);
            kernels.pack(s, out, null, packed, 0, VectorKernels.LANES, groups);
            long[] output = outputs[i.target()];
            if (i.opcode() == PointwiseProgram.Opcode.STORE) {
              System.arraycopy(packed, 0, output, 4 * row, 4 * count);
            } else {
              for (int k = 0; k < 4 * count; k += 4) {
                FR.add(output, 4 * row + k, packed, k, output, 4 * row + k);
              }
            }
          }
        }
      }
    }
  }

  /**
   * Loads {@code count} rows from {@code start} on, cyclically; what is left of a group is zero.
   */
  private void load(
      long[] column, int start, int rows, int count, double[] s, int target, long[] packed) {
    if (count == ROWS && start + count <= rows) {
      kernels.unpackHalved(column, start, s, target, BLOCK);
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
