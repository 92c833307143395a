package dev.zkwasm.verifier;

import dev.zkwasm.air.Algebra;
import dev.zkwasm.field.Fr;
import java.math.BigInteger;

/** Expressions as their values at the evaluation point, given the cells'. */
abstract class PointAlgebra implements Algebra<Fr> {
  @Override
  public final Fr constant(BigInteger value) {
    return value.bitLength() < Long.SIZE ? Fr.of(value.longValue()) : Fr.of(value);
  }

  @Override
  public final Fr add(Fr left, Fr right) {
    return left.add(right);
  }

  @Override
  public final Fr subtract(Fr left, Fr right) {
    return left.sub(right);
  }

  @Override
  public final Fr multiply(Fr left, Fr right) {
    return left.mul(right);
  }
}
