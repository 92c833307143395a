package dev.zkwasm.bench.kernel;

import dev.zkwasm.compute.Bases;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.curve.FixedBase;
import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.poly.TypedVector;
import org.jspecify.annotations.Nullable;

/**
 * A multi-scalar multiplication over fixed bases {@code [s_i]G}. As the s are known, the result
 * must be {@code [sum_i s_i k_i]G}, and that costs one inner product and one multiplication of a
 * point.
 */
public final class MsmWorkload implements Workload {
  private static final long SCALARS_SEED = 1;
  private static final long POINTS_SEED = 2;

  /**
   * Points whose logarithms are known, for all sizes up to one.
   *
   * @param logarithms s
   * @param points {@code [s_i]G}
   */
  public record Points(FrVector logarithms, G1Vector points) {
    /** So many uniform points. */
    public static Points generate(int size) {
      FrVector logarithms = ScalarKind.uniform(size, POINTS_SEED);
      return new Points(logarithms, new FixedBase(G1.GENERATOR, size).multiples(logarithms));
    }

    /** The first ones: the same object if that is all. */
    Points first(int size) {
      return size == points.size()
          ? this
          : new Points(logarithms.slice(0, size), points.slice(0, size));
    }
  }

  private final ComputeBackend backend;
  private final TypedVector scalars;
  private final Bases bases;
  private final @Nullable DeviceBuffer resident;
  private final G1 expected;
  private G1 result = G1.INFINITY;

  /**
   * Prepares it; the bases are on the device, and the scalars as well unless transfers are to be
   * timed. Typed scalars are always handed over by the call.
   *
   * @param points at least as many as scalars
   * @param transfers whether field elements are handed over from the host each time
   */
  public MsmWorkload(
      ComputeBackend backend, Points points, int log, ScalarKind kind, boolean transfers) {
    this.backend = backend;
    int size = 1 << log;
    Points used = points.first(size);
    scalars = kind.generate(size, SCALARS_SEED);
    expected = G1.GENERATOR.mul(ScalarKind.innerProduct(scalars, used.logarithms()));
    bases = backend.uploadBases(used.points());
    resident = kind.isField() && !transfers ? backend.upload(scalars) : null;
  }

  /** Whether scalars of a kind can wait on the device. */
  public static boolean canReside(ScalarKind kind) {
    return kind.isField();
  }

  /** Bytes on the host, about: points and logarithms, scalars thrice, digits. */
  public static long hostBytes(int log) {
    return (256L << 20) + (300L << log);
  }

  /**
   * The least field multiplications of the bucket method for so many scalars: affine additions of
   * six multiplications each (slope, square, product, and three for the shared inversion), one per
   * point and window of signed digits and two per bucket, at the width that costs least.
   */
  public static double multiplications(int log, int bits) {
    double n = Math.scalb(1.0, log);
    double best = Double.MAX_VALUE;
    for (int width = 1; width <= 24; width++) {
      // A single window needs no sign.
      double windows = bits <= width ? 1 : Math.ceil((bits + 1.0) / width);
      double buckets = Math.scalb(1.0, bits <= width ? bits : width - 1);
      best = Math.min(best, windows * (n + 2 * buckets));
    }
    return 6 * best;
  }

  @Override
  public void run() {
    result = resident == null ? backend.msm(bases, scalars) : backend.msm(bases, resident);
  }

  @Override
  public Check check() {
    return Check.of(result.equals(expected));
  }

  @Override
  public void close() {
    bases.close();
    if (resident != null) {
      resident.close();
    }
  }
}
