package dev.zkwasm.air;

import java.math.BigInteger;

/**
 * One interpretation of the constraint source: an expression is a fold over this. Values at a row,
 * polynomials at a point, degrees, affine forms, text and pointwise programs are all algebras.
 *
 * @param <T> what an expression means
 */
public interface Algebra<T> {
  T constant(BigInteger value);

  /** The cell of a column in this row, or in the next one (cyclically). */
  T cell(Column column, boolean nextRow);

  T add(T left, T right);

  T subtract(T left, T right);

  T multiply(T left, T right);
}
