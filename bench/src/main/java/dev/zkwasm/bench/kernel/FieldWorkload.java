package dev.zkwasm.bench.kernel;

import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import dev.zkwasm.poly.TypedVector;
import java.util.List;
import java.util.Locale;

/**
 * Element-by-element work on the device. Results are compared with scalar arithmetic, each element
 * of each.
 */
public final class FieldWorkload implements Workload {
  /** Which work. */
  public enum Operation {
    /** {@code a[i] b[i]}: bound by memory on most devices. */
    POINTWISE,
    /** {@link #CHAIN} multiplications in a row on each element: bound by arithmetic. */
    PROGRAM,
    /** {@code 1 / a[i]}. */
    INVERT,
    /** Exclusive running sums. */
    PREFIX_SUM;

    /** The name in reports. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Multiplications per element of the program. */
  public static final int CHAIN = 64;

  private static final long SEED = 4;
  private static final PrimeField FR = PrimeField.FR;

  private final ComputeBackend backend;
  private final Operation operation;
  private final boolean transfers;
  private final FrVector a;
  private final FrVector b;
  private final DeviceBuffer left;
  private final DeviceBuffer right;
  private final DeviceBuffer target;
  private final PointwiseProgram chain = chain();
  private FrVector downloaded = new FrVector(0);

  /** Prepares it; without transfers, operands and result stay on the device. */
  public FieldWorkload(
      ComputeBackend backend, int log, Operation operation, ScalarKind kind, boolean transfers) {
    this.backend = backend;
    this.operation = operation;
    this.transfers = transfers;
    a = kind.generate(1 << log, SEED).toField();
    b = kind.generate(1 << log, SEED + 1).toField();
    left = backend.upload(new TypedVector.Field(a));
    right = backend.upload(new TypedVector.Field(b));
    target = backend.allocate(1 << log);
  }

  /** Multiplies the first column {@link #CHAIN} times by the second one. */
  private static PointwiseProgram chain() {
    PointwiseProgram.Builder builder = new PointwiseProgram.Builder(2, 0);
    int factor = builder.load(1, 0);
    int product = builder.load(0, 0);
    for (int i = 0; i < CHAIN; i++) {
      product = builder.mul(product, factor);
    }
    builder.store(0, product);
    return builder.build();
  }

  /** Bytes on the host, about: two operands and the result, and copies of them. */
  public static long hostBytes(int log) {
    return (64L << 20) + (260L << log);
  }

  /** Field multiplications: none for sums, three per element for inversion by running products. */
  public static double multiplications(int log, Operation operation) {
    return Math.scalb(1.0, log)
        * switch (operation) {
          case POINTWISE -> 1;
          case PROGRAM -> CHAIN;
          case INVERT -> 3;
          case PREFIX_SUM -> 0;
        };
  }

  @Override
  public void run() {
    if (!transfers) {
      compute(left, right, target);
      return;
    }
    try (DeviceBuffer x = backend.upload(new TypedVector.Field(a));
        DeviceBuffer y = backend.upload(new TypedVector.Field(b))) {
      compute(x, y, target);
      downloaded = backend.download(target);
    }
  }

  private void compute(DeviceBuffer x, DeviceBuffer y, DeviceBuffer out) {
    switch (operation) {
      case POINTWISE -> backend.multiply(x, y, out);
      case PROGRAM -> backend.evaluate(chain, List.of(x, y), List.of(), List.of(out));
      case INVERT -> backend.batchInvert(x, out);
      case PREFIX_SUM -> backend.prefixSum(x, out);
    }
  }

  @Override
  public Check check() {
    FrVector result = transfers ? downloaded : backend.download(target);
    long[] x = a.limbs();
    long[] y = b.limbs();
    long[] r = result.limbs();
    long[] t = new long[PrimeField.LIMBS];
    long[] one = new long[PrimeField.LIMBS];
    FR.setOne(one, 0);
    for (int i = 0; i < x.length; i += PrimeField.LIMBS) {
      boolean right =
          switch (operation) {
            case POINTWISE -> {
              FR.mul(x, i, y, i, t, 0);
              yield FR.equal(t, 0, r, i);
            }
            case PROGRAM -> {
              Fr.load(x, i).mul(Fr.load(y, i).pow(CHAIN)).store(t, 0);
              yield FR.equal(t, 0, r, i);
            }
            case INVERT -> {
              FR.mul(x, i, r, i, t, 0);
              yield FR.isZero(x, i) ? FR.isZero(r, i) : FR.equal(t, 0, one, 0);
            }
            case PREFIX_SUM -> {
              boolean equal = FR.equal(t, 0, r, i);
              FR.add(t, 0, x, i, t, 0);
              yield equal;
            }
          };
      if (!right) {
        return Check.WRONG;
      }
    }
    return Check.RIGHT;
  }

  @Override
  public void close() {
    left.close();
    right.close();
    target.close();
  }
}
