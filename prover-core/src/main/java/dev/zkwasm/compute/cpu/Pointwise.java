package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.field.Fr;
import java.util.List;

/** Runs programs over packed columns. */
interface Pointwise {
  /**
   * Runs a program on rows {@code from..to-1}, on the calling thread.
   *
   * @param columns packed, {@code rows} elements each
   * @param pool the program's constants and parameters
   * @param outputs packed, {@code rows} elements each
   */
  void run(
      PointwiseProgram program,
      long[][] columns,
      List<Fr> pool,
      long[][] outputs,
      int rows,
      int from,
      int to);
}
