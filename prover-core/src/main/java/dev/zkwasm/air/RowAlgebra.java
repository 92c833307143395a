package dev.zkwasm.air;

import dev.zkwasm.field.Fr;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;

/** The exact value of an expression in one row of an instance. */
final class RowAlgebra implements Algebra<Fr> {
  private final Cells cells;
  private int row;
  private final Map<BigInteger, Fr> constants = new HashMap<>();

  RowAlgebra(Cells cells) {
    this.cells = cells;
  }

  /** Evaluates an expression in a row; the row after the last is the first. */
  Fr evaluate(Expr expr, int atRow) {
    row = atRow;
    return expr.in(this);
  }

  @Override
  public Fr constant(BigInteger value) {
    return constants.computeIfAbsent(value, Fr::of);
  }

  @Override
  public Fr cell(Column column, boolean nextRow) {
    return cells.cell(column, nextRow ? (row + 1) & (cells.height() - 1) : row);
  }

  @Override
  public Fr add(Fr left, Fr right) {
    return left.add(right);
  }

  @Override
  public Fr subtract(Fr left, Fr right) {
    return left.sub(right);
  }

  @Override
  public Fr multiply(Fr left, Fr right) {
    return left.mul(right);
  }
}
