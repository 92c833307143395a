package dev.zkwasm.prover;

import dev.zkwasm.air.Algebra;
import dev.zkwasm.air.Column;
import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.field.Fr;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Expressions as instructions of a pointwise program; a handle is a value of its builder. */
final class ProgramAlgebra implements Algebra<Integer> {
  private final PointwiseProgram.Builder builder;
  private final Map<Column, Integer> positions = new HashMap<>();

  /** An algebra over a program whose first columns are these. */
  ProgramAlgebra(PointwiseProgram.Builder builder, List<Column> columns) {
    this.builder = builder;
    columns.forEach(c -> positions.put(c, positions.size()));
  }

  @Override
  public Integer constant(BigInteger value) {
    return builder.constant(Fr.of(value));
  }

  @Override
  public Integer cell(Column column, boolean nextRow) {
    Integer position = positions.get(column);
    if (position == null) {
      throw new IllegalArgumentException("column " + column + " is of another table");
    }
    return builder.load(position, nextRow ? 1 : 0);
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
