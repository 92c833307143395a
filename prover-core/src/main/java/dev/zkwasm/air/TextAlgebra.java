package dev.zkwasm.air;

import java.math.BigInteger;

/**
 * The normative text of an expression: fully parenthesised prefix form, {@code (+ a (* 2 b'))}; a
 * prime marks the next row.
 */
public final class TextAlgebra implements Algebra<String> {
  @Override
  public String constant(BigInteger value) {
    return value.toString();
  }

  @Override
  public String cell(Column column, boolean nextRow) {
    return nextRow ? column.name() + "'" : column.name();
  }

  @Override
  public String add(String left, String right) {
    return "(+ " + left + " " + right + ")";
  }

  @Override
  public String subtract(String left, String right) {
    return "(- " + left + " " + right + ")";
  }

  @Override
  public String multiply(String left, String right) {
    return "(* " + left + " " + right + ")";
  }
}
