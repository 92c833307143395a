package dev.zkwasm.prover;

import dev.zkwasm.air.Algebra;
import dev.zkwasm.air.Column;
import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.field.Fr;
import java.math.BigInteger;

/** Expressions as instructions of a pointwise program; a handle is a value of its builder. */
final class ProgramAlgebra implements Algebra<Integer> {
  /** Where a program finds the cells of a row. */
  @FunctionalInterface
  interface Cells {
    /** The handle of a cell of this row, or of the next one. */
    int load(Column column, boolean nextRow);
  }

  private final PointwiseProgram.Builder builder;
  private final Cells cells;

  /** An algebra over the values of a builder. */
  ProgramAlgebra(PointwiseProgram.Builder builder, Cells cells) {
    this.builder = builder;
    this.cells = cells;
  }

  @Override
  public Integer constant(BigInteger value) {
    return builder.constant(Fr.of(value));
  }

  @Override
  public Integer cell(Column column, boolean nextRow) {
    return cells.load(column, nextRow);
  }

  @Override
  public Integer add(Integer left, Integer right) {
    return builder.add(left, right);
  }

  @Override
  public Integer subtract(Integer left, Integer right) {
    return builder.sub(left, right);
  }

  @Override
  public Integer multiply(Integer left, Integer right) {
    return builder.mul(left, right);
  }
}
