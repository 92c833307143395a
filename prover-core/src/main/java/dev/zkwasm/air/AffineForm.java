package dev.zkwasm.air;

import dev.zkwasm.poly.TypedVector;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code constant + sum of coefficient * column} over the cells of one row: what interactions are
 * made of. Coefficients are integers, not yet reduced.
 *
 * @param constant the constant
 * @param coefficients the columns with a nonzero coefficient
 */
public record AffineForm(BigInteger constant, Map<Column, BigInteger> coefficients) {

  /** The affine form of an expression; illegal state if it is not affine or uses the next row. */
  public static AffineForm of(Expr expr) {
    return expr.in(new AffineAlgebra());
  }

  /** {@code this + factor * other}. */
  public AffineForm plus(BigInteger factor, AffineForm other) {
    Map<Column, BigInteger> sum = new LinkedHashMap<>(coefficients);
    other.coefficients.forEach(
        (column, coefficient) -> sum.merge(column, coefficient.multiply(factor), BigInteger::add));
    sum.values().removeIf(c -> c.signum() == 0);
    return new AffineForm(constant.add(other.constant.multiply(factor)), sum);
  }

  /**
   * Evaluates the form modulo 2^64 in rows {@code from..from + count - 1}: exact if the true value,
   * an integer, is known to lie in {@code [0, 2^64)}. All columns used must be main columns of
   * integers.
   *
   * @param main the main columns of an instance
   */
  public void evaluate(List<TypedVector> main, int from, int count, long[] out) {
    Arrays.fill(out, 0, count, constant.longValue());
    coefficients.forEach(
        (column, coefficient) ->
            accumulate(column(main, column), coefficient.longValue(), from, count, out));
  }

  private static TypedVector column(List<TypedVector> main, Column column) {
    if (column.kind() != Column.Kind.MAIN) {
      throw new IllegalStateException(column + " is not a main column");
    }
    return main.get(column.index());
  }

  private static void accumulate(TypedVector vector, long factor, int from, int count, long[] out) {
    switch (vector) {
      case TypedVector.Bits bits -> accumulate(bits.values(), factor, from, count, out);
      case TypedVector.U8 bytes -> accumulate(bytes.values(), factor, from, count, out);
      case TypedVector.U16 chars -> {
        char[] values = chars.values();
        for (int i = 0; i < count; i++) {
          out[i] += factor * values[from + i];
        }
      }
      case TypedVector.U32 ints -> {
        int[] values = ints.values();
        for (int i = 0; i < count; i++) {
          out[i] += factor * (values[from + i] & 0xffffffffL);
        }
      }
      case TypedVector.U64 longs -> {
        long[] values = longs.values();
        for (int i = 0; i < count; i++) {
          out[i] += factor * values[from + i];
        }
      }
      case TypedVector.Field field ->
          throw new IllegalStateException("a column of field elements has no integer values");
    }
  }

  private static void accumulate(byte[] values, long factor, int from, int count, long[] out) {
    for (int i = 0; i < count; i++) {
      out[i] += factor * (values[from + i] & 0xff);
    }
  }

  private static final class AffineAlgebra implements Algebra<AffineForm> {
    @Override
    public AffineForm constant(BigInteger value) {
      return new AffineForm(value, Map.of());
    }

    @Override
    public AffineForm cell(Column column, boolean nextRow) {
      if (nextRow) {
        throw new IllegalStateException("an affine form cannot use the next row of " + column);
      }
      return new AffineForm(BigInteger.ZERO, Map.of(column, BigInteger.ONE));
    }

    @Override
    public AffineForm add(AffineForm left, AffineForm right) {
      return left.plus(BigInteger.ONE, right);
    }

    @Override
    public AffineForm subtract(AffineForm left, AffineForm right) {
      return left.plus(BigInteger.ONE.negate(), right);
    }

    @Override
    public AffineForm multiply(AffineForm left, AffineForm right) {
      if (left.coefficients().isEmpty()) {
        return scale(right, left.constant());
      }
      if (right.coefficients().isEmpty()) {
        return scale(left, right.constant());
      }
      throw new IllegalStateException("a product of cells is not affine");
    }

    private static AffineForm scale(AffineForm form, BigInteger factor) {
      return new AffineForm(BigInteger.ZERO, Map.of()).plus(factor, form);
    }
  }
}
