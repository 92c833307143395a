package dev.zkwasm.air;

import java.math.BigInteger;

/** The degree of an expression in the cells of a row (an upper bound: nothing is cancelled). */
public final class DegreeAlgebra implements Algebra<Integer> {
  @Override
  public Integer constant(BigInteger value) {
    return 0;
  }

  @Override
  public Integer cell(Column column, boolean nextRow) {
    return 1;
  }

  @Override
  public Integer add(Integer left, Integer right) {
    return Math.max(left, right);
  }

  @Override
  public Integer subtract(Integer left, Integer right) {
    return Math.max(left, right);
  }

  @Override
  public Integer multiply(Integer left, Integer right) {
    return left + right;
  }
}
