package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.PointwiseProgram.Opcode;
import dev.zkwasm.field.Fr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A program compiled for {@link VectorKernels} by {@link PointwiseCompiler}: loads, sums and
 * stores, on registers of some groups each and on values that are the same in all rows.
 */
final class PointwiseCode {
  /** Groups that are worked on together: registers stay in the cache, steps cost little. */
  static final int BLOCK = 32 / VectorKernels.LANES;

  /** One step of the code. */
  sealed interface Step {
    /**
     * Reads a column.
     *
     * @param target the register's first group
     */
    record Load(int column, int rotation, int target) implements Step {}

    /**
     * {@code target = sum sign a b + sum sign c}, the operands of {@link
     * VectorKernels#sumOfProducts} and {@link VectorKernels#addTerms}.
     *
     * @param centre whether the result is to be centred
     */
    record Sum(
        int[] factors,
        double[] productSigns,
        int[] terms,
        double[] termSigns,
        boolean centre,
        int target)
        implements Step {}

    /**
     * Writes an output.
     *
     * @param add whether the output is added to
     * @param source the register's first group
     */
    record Store(int output, boolean add, int source) implements Step {}
  }

  /** A value of constants and parameters: an operation on two others, given by their number. */
  record Uniform(Opcode opcode, int a, int b) {}

  private final List<Uniform> derived;
  private final int[] used;
  private final List<Step> steps;
  private final int registers;

  /**
   * Code from its parts.
   *
   * @param derived values of constants and parameters, numbered behind those of the pool
   * @param used the numbers of those that are operands, in the order of their groups
   */
  PointwiseCode(List<Uniform> derived, int[] used, List<Step> steps, int registers) {
    this.derived = derived;
    this.used = used;
    this.steps = steps;
    this.registers = registers;
  }

  /** Groups of all registers, behind which the values that are the same in all rows begin. */
  int registerGroups() {
    return registers * BLOCK;
  }

  /** The steps for a block of rows, in order. */
  List<Step> steps() {
    return steps;
  }

  /** The values that are the same in all rows, in the order of their groups. */
  List<Fr> uniforms(List<Fr> poolValues) {
    List<Fr> values = new ArrayList<>(poolValues);
    for (Uniform uniform : derived) {
      Fr a = values.get(uniform.a);
      Fr b = values.get(uniform.b);
      values.add(
          switch (uniform.opcode) {
            case ADD -> a.add(b);
            case SUB -> a.sub(b);
            case MUL -> a.mul(b);
            default -> throw new IllegalStateException("no operation on constants: " + uniform);
          });
    }
    return Arrays.stream(used).mapToObj(values::get).toList();
  }
}
