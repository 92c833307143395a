package dev.zkwasm.bench.kernel;

import dev.zkwasm.compute.cpu.VectorArithmetic;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import org.jspecify.annotations.Nullable;

/**
 * The bare multiplication on one thread: independent operands that stay in the first-level cache
 * (2^8 products, 30 KB; of 2^12 products, in the second level, each takes 5 % longer), in the
 * kernel's own layout. Compared with arithmetic on big integers.
 */
public final class MultiplicationWorkload implements Workload {
  /** Base-two logarithm of the number of operands. */
  public static final int LOG = 8;

  private static final int SIZE = 1 << LOG;

  /** Enough for some milliseconds. */
  private static final int PASSES = 3200;

  private static final PrimeField FR = PrimeField.FR;

  private final @Nullable VectorArithmetic vectors;
  private final FrVector a = ScalarKind.uniform(SIZE, 5);
  private final FrVector b = ScalarKind.uniform(SIZE, 6);
  private final FrVector product = new FrVector(SIZE);
  private final int groups;
  private final double[] x;
  private final double[] y;
  private final double[] z;

  private MultiplicationWorkload(@Nullable VectorArithmetic vectors) {
    this.vectors = vectors;
    groups = vectors == null ? 0 : SIZE / VectorArithmetic.lanes();
    int length = vectors == null ? 0 : groups * VectorArithmetic.groupSize();
    x = new double[length];
    y = new double[length];
    z = new double[length];
    if (vectors != null) {
      vectors.load(a, 0, x, 0, groups);
      vectors.load(b, 0, y, 0, groups);
    }
  }

  /** The scalar multiplication. */
  public static MultiplicationWorkload scalar() {
    return new MultiplicationWorkload(null);
  }

  /**
   * The vectorised multiplication.
   *
   * @throws IllegalStateException if this JVM or machine has none
   */
  public static MultiplicationWorkload vector() {
    return new MultiplicationWorkload(new VectorArithmetic());
  }

  @Override
  public void run() {
    for (int pass = 0; pass < PASSES; pass++) {
      if (vectors != null) {
        vectors.mul(x, 0, y, 0, z, 0, groups);
      } else {
        for (int i = 0; i < 4 * SIZE; i += 4) {
          FR.mul(a.limbs(), i, b.limbs(), i, product.limbs(), i);
        }
      }
    }
  }

  @Override
  public int passes() {
    return PASSES;
  }

  @Override
  public Check check() {
    if (vectors != null) {
      vectors.store(z, 0, product, 0, groups);
    }
    for (int i = 0; i < SIZE; i++) {
      if (!product
          .get(i)
          .toBigInteger()
          .equals(a.get(i).toBigInteger().multiply(b.get(i).toBigInteger()).mod(FR.modulus()))) {
        return Check.WRONG;
      }
    }
    return Check.RIGHT;
  }
}
