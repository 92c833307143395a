package dev.zkwasm.air;

import java.math.BigInteger;

/** A polynomial in the cells of a row and, rarely, of the next row. Immutable. */
public sealed interface Expr permits Column, Expr.Next, Expr.Constant, Expr.Binary {

  /** A constant; integers of any sign stand for their residues mod r. */
  record Constant(BigInteger value) implements Expr {
    @Override
    public <T> T in(Algebra<T> algebra) {
      return algebra.constant(value);
    }
  }

  /** The cell of a column in the next row. */
  record Next(Column column) implements Expr {
    @Override
    public <T> T in(Algebra<T> algebra) {
      return algebra.cell(column, true);
    }
  }

  /** An operation on two expressions. */
  record Binary(Operator operator, Expr left, Expr right) implements Expr {
    @Override
    public <T> T in(Algebra<T> algebra) {
      T l = left.in(algebra);
      T r = right.in(algebra);
      return switch (operator) {
        case ADD -> algebra.add(l, r);
        case SUBTRACT -> algebra.subtract(l, r);
        case MULTIPLY -> algebra.multiply(l, r);
      };
    }
  }

  /** The operations. */
  enum Operator {
    ADD("+"),
    SUBTRACT("-"),
    MULTIPLY("*");

    private final String symbol;

    Operator(String symbol) {
      this.symbol = symbol;
    }

    public String symbol() {
      return symbol;
    }
  }

  static Expr of(long value) {
    return new Constant(BigInteger.valueOf(value));
  }

  static Expr of(BigInteger value) {
    return new Constant(value);
  }

  /** {@code 2^exponent}. */
  static Expr powerOfTwo(int exponent) {
    return new Constant(BigInteger.ONE.shiftLeft(exponent));
  }

  /** {@code e0 + e1 + ...}; 0 if there are none. */
  static Expr sum(Expr... terms) {
    if (terms.length == 0) {
      return of(0);
    }
    Expr sum = terms[0];
    for (int i = 1; i < terms.length; i++) {
      sum = sum.plus(terms[i]);
    }
    return sum;
  }

  /** {@code sum of limbs[i] * 2^(bits * i)}. */
  static Expr compose(int bits, Expr... limbs) {
    Expr sum = limbs[0];
    for (int i = 1; i < limbs.length; i++) {
      sum = sum.plus(limbs[i].times(powerOfTwo(bits * i)));
    }
    return sum;
  }

  default Expr plus(Expr other) {
    return new Binary(Operator.ADD, this, other);
  }

  default Expr plus(long other) {
    return plus(of(other));
  }

  default Expr minus(Expr other) {
    return new Binary(Operator.SUBTRACT, this, other);
  }

  default Expr minus(long other) {
    return minus(of(other));
  }

  default Expr times(Expr other) {
    return new Binary(Operator.MULTIPLY, this, other);
  }

  default Expr times(long other) {
    return times(of(other));
  }

  /** {@code 1 - this}: the negation of a boolean. */
  default Expr not() {
    return of(1).minus(this);
  }

  /** The meaning of this expression in an algebra. */
  <T> T in(Algebra<T> algebra);
}
