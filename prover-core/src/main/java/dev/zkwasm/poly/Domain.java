package dev.zkwasm.poly;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The multiplicative subgroup H of order {@code N = 2^logSize} of the scalar field, over which
 * columns are interpolated: element {@code i} is {@code omega^i}.
 *
 * <p>Small-scale arithmetic for the verifier and for orchestration; bulk transforms belong to a
 * compute backend.
 */
public final class Domain {
  /** Rows that share an inversion, and a task, when columns are evaluated. */
  private static final int EVALUATION_ROWS = 1024;

  private final int logSize;
  private final Fr omega;
  private final Fr omegaInverse;
  private final Fr sizeInverse;

  private Domain(int logSize) {
    this.logSize = logSize;
    this.omega = Fr.rootOfUnity(logSize);
    this.omegaInverse = omega.inverse();
    this.sizeInverse = Fr.of(1L << logSize).inverse();
  }

  /**
   * The domain of {@code 2^logSize} elements.
   *
   * @throws IllegalArgumentException unless {@code 0 <= logSize <= 28}
   */
  public static Domain ofLogSize(int logSize) {
    return new Domain(logSize);
  }

  /**
   * The domain of {@code size} elements.
   *
   * @throws IllegalArgumentException unless the size is a power of two up to {@code 2^28}
   */
  public static Domain ofSize(int size) {
    return new Domain(logOfSize(size));
  }

  /**
   * The base-two logarithm of a domain's size.
   *
   * @throws IllegalArgumentException unless the size is a power of two up to {@code 2^28}
   */
  public static int logOfSize(int size) {
    if (Integer.bitCount(size) != 1 || size < 1 || size > 1 << Fr.TWO_ADICITY) {
      throw new IllegalArgumentException(
          "domain size " + size + " is not a power of two up to 2^" + Fr.TWO_ADICITY);
    }
    return Integer.numberOfTrailingZeros(size);
  }

  /** Number of elements, N. */
  public int size() {
    return 1 << logSize;
  }

  /** {@code log2 N}. */
  public int logSize() {
    return logSize;
  }

  /** The generator of the subgroup, a primitive N-th root of unity. */
  public Fr omega() {
    return omega;
  }

  /** {@code 1 / omega}. */
  public Fr omegaInverse() {
    return omegaInverse;
  }

  /** {@code 1 / N}. */
  public Fr sizeInverse() {
    return sizeInverse;
  }

  /** {@code omega^i}; {@code i} of any sign, modulo N. */
  public Fr element(int i) {
    return omega.pow(Math.floorMod(i, size()));
  }

  /** The vanishing polynomial {@code z^N - 1}. */
  public Fr vanishing(Fr z) {
    Fr power = z;
    for (int i = 0; i < logSize; i++) {
      power = power.square();
    }
    return power.sub(Fr.ONE);
  }

  /**
   * The Lagrange basis polynomial {@code L_i} at {@code z}: {@code omega^i (z^N - 1) / (N (z -
   * omega^i))}; on the domain itself it is 1 at {@code omega^i} and 0 elsewhere. {@code i} is taken
   * modulo N.
   */
  public Fr lagrange(int i, Fr z) {
    Fr x = element(i);
    if (z.equals(x)) {
      return Fr.ONE;
    }
    return vanishing(z).mul(x).mul(sizeInverse).mul(z.sub(x).inverse());
  }

  /** {@code L_0} at {@code z}. */
  public Fr lagrangeFirst(Fr z) {
    return lagrange(0, z);
  }

  /** {@code L_(N-1)} at {@code z}. */
  public Fr lagrangeLast(Fr z) {
    return lagrange(-1, z);
  }

  /** All Lagrange basis polynomials at {@code z}, in order, with one inversion. */
  public FrVector lagrangeAll(Fr z) {
    return lagrangePrefix(size(), z);
  }

  /**
   * The first {@code count} Lagrange basis polynomials at {@code z}, in order, with one inversion.
   */
  public FrVector lagrangePrefix(int count, Fr z) {
    Objects.checkFromToIndex(0, count, size());
    PrimeField f = PrimeField.FR;
    FrVector result = new FrVector(count);
    long[] out = result.limbs();
    long[] zLimbs = limbs(z);
    long[] root = limbs(omega);
    long[] x = limbs(Fr.ONE);
    for (int i = 0; i < count; i++) {
      f.sub(zLimbs, 0, x, 0, out, i * PrimeField.LIMBS);
      if (f.isZero(out, i * PrimeField.LIMBS)) {
        FrVector unit = new FrVector(count);
        unit.set(i, Fr.ONE);
        return unit;
      }
      f.mul(x, 0, root, 0, x, 0);
    }
    f.batchInverse(out, 0, count);
    long[] factor = limbs(vanishing(z).mul(sizeInverse));
    for (int i = 0; i < count; i++) {
      f.mul(out, i * PrimeField.LIMBS, factor, 0, out, i * PrimeField.LIMBS);
      f.mul(factor, 0, root, 0, factor, 0);
    }
    return result;
  }

  /**
   * The value at {@code z} of the polynomial of degree below N that has the given values on the
   * domain (barycentric formula). Missing values at the end count as zero.
   *
   * @throws IndexOutOfBoundsException if there are more than N values
   */
  public Fr evaluate(FrVector values, Fr z) {
    PrimeField f = PrimeField.FR;
    long[] weights = lagrangePrefix(values.size(), z).limbs();
    long[] sum = new long[PrimeField.LIMBS];
    long[] term = new long[PrimeField.LIMBS];
    for (int i = 0; i < weights.length; i += PrimeField.LIMBS) {
      f.mul(weights, i, values.limbs(), i, term, 0);
      f.add(sum, 0, term, 0, sum, 0);
    }
    return Fr.load(sum, 0);
  }

  /**
   * The values at {@code z} of the polynomials of degree below N that have the given values on the
   * domain; missing values at the end count as zero. Long columns are worked on by several threads.
   *
   * @throws IndexOutOfBoundsException if a column has more than N values
   */
  public List<Fr> evaluate(List<TypedVector> columns, Fr z) {
    int rows = columns.stream().mapToInt(TypedVector::size).max().orElse(0);
    Objects.checkFromToIndex(0, rows, size());
    Fr vanishing = vanishing(z);
    if (vanishing.isZero() || z.isZero()) {
      return columns.stream().map(column -> evaluate(column.toField(), z)).toList();
    }
    // As omega^i / (z - omega^i) = z (1 / (z - omega^i) - 1 / z), the i-th basis polynomial is the
    // difference in brackets times z (z^N - 1) / N.
    Fr factor = vanishing.mul(sizeInverse).mul(z);
    Fr minusInverse = z.inverse().negate();
    return IntStream.range(0, Math.ceilDiv(rows, EVALUATION_ROWS))
        .parallel()
        .mapToObj(
            part -> {
              int from = part * EVALUATION_ROWS;
              int to = Math.min(rows, from + EVALUATION_ROWS);
              FrVector weights = inverseDifferences(from, to, z, minusInverse);
              return columns.stream().map(column -> weightedSum(column, from, weights)).toList();
            })
        .reduce(
            (a, b) -> IntStream.range(0, a.size()).mapToObj(c -> a.get(c).add(b.get(c))).toList())
        .map(sums -> sums.stream().map(factor::mul).toList())
        .orElse(Collections.nCopies(columns.size(), Fr.ZERO));
  }

  /** {@code 1 / (z - omega^i) + offset} for {@code from <= i < to}; z is not on the domain. */
  private FrVector inverseDifferences(int from, int to, Fr z, Fr offset) {
    PrimeField f = PrimeField.FR;
    FrVector result = new FrVector(to - from);
    long[] out = result.limbs();
    long[] zLimbs = limbs(z);
    long[] root = limbs(omega);
    long[] shift = limbs(offset);
    long[] x = limbs(element(from));
    for (int i = 0; i < out.length; i += PrimeField.LIMBS) {
      f.sub(zLimbs, 0, x, 0, out, i);
      f.mul(x, 0, root, 0, x, 0);
    }
    f.batchInverse(out, 0, to - from);
    for (int i = 0; i < out.length; i += PrimeField.LIMBS) {
      f.add(out, i, shift, 0, out, i);
    }
    return result;
  }

  /** {@code sum_i weights[i] column[from + i]}, as far as the column goes. */
  private static Fr weightedSum(TypedVector column, int from, FrVector weights) {
    PrimeField f = PrimeField.FR;
    int count = Math.max(0, Math.min(weights.size(), column.size() - from));
    long[] w = weights.limbs();
    long[] sum = new long[PrimeField.SUM_LIMBS];
    switch (column) {
      case TypedVector.Integers integers -> {
        for (int i = 0; i < count; i++) {
          PrimeField.multiplyAdd(w, i * PrimeField.LIMBS, integers.getLong(from + i), sum, 0);
        }
        f.reduce(sum, 0, sum, 0);
      }
      case TypedVector.Field field -> {
        long[] term = new long[PrimeField.LIMBS];
        for (int i = 0; i < count; i++) {
          int at = (from + i) * PrimeField.LIMBS;
          f.mul(w, i * PrimeField.LIMBS, field.values().limbs(), at, term, 0);
          f.add(sum, 0, term, 0, sum, 0);
        }
      }
    }
    return Fr.load(sum, 0);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Domain d && d.logSize == logSize;
  }

  @Override
  public int hashCode() {
    return logSize;
  }

  @Override
  public String toString() {
    return "H(2^" + logSize + ")";
  }

  private static long[] limbs(Fr x) {
    long[] out = new long[PrimeField.LIMBS];
    x.store(out, 0);
    return out;
  }
}
