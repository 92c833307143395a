package dev.zkwasm.bench.kernel;

import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import dev.zkwasm.poly.Domain;
import dev.zkwasm.poly.TypedVector;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A transform between coefficients and values. Both belong to one polynomial if they agree at a
 * point outside the domain that is drawn anew: {@code sum_i c_i z^i = sum_i L_i(z) v_i}, wrong
 * results pass with a chance of {@code 2^(log - 253)}. Both sides are summed up element by element
 * in scalar arithmetic.
 */
public final class NttWorkload implements Workload {
  /** Which transform. */
  public enum Direction {
    /** Coefficients to values. */
    NTT,
    /** Values to coefficients. */
    INTT,
    /** Coefficients to values on a coset. */
    COSET;

    /** The name in reports. */
    @Override
    public String toString() {
      return this == COSET ? "coset-ntt" : name().toLowerCase(Locale.ROOT);
    }
  }

  private static final long SEED = 3;

  private final ComputeBackend backend;
  private final Direction direction;
  private final boolean transfers;
  private final Fr shift;
  private final TypedVector given;
  private final DeviceBuffer source;
  private final DeviceBuffer target;
  private @Nullable FrVector downloaded;
  private final FrVector weights;
  private final Fr expected;

  /** Prepares it; without transfers, source and target stay on the device. */
  public NttWorkload(
      ComputeBackend backend, int log, Direction direction, ScalarKind kind, boolean transfers) {
    this.backend = backend;
    this.direction = direction;
    this.transfers = transfers;
    int size = 1 << log;
    shift = direction == Direction.COSET ? Fr.GENERATOR : Fr.ONE;
    FrVector values = kind.generate(size, SEED).toField();
    given = new TypedVector.Field(values);
    source = backend.upload(given);
    target = backend.allocate(size);
    Fr z = ScalarKind.secret();
    // f(shift z) from coefficients, and from the values of f(shift X) on the domain.
    FrVector powers = powers(shift.mul(z), size);
    FrVector lagrange = Domain.ofLogSize(log).lagrangeAll(z);
    boolean forward = direction != Direction.INTT;
    expected = ScalarKind.innerProduct(given, forward ? powers : lagrange);
    weights = forward ? lagrange : powers;
  }

  private static FrVector powers(Fr z, int size) {
    FrVector powers = new FrVector(size);
    long[] limbs = powers.limbs();
    long[] factor = new long[PrimeField.LIMBS];
    z.store(factor, 0);
    PrimeField.FR.setOne(limbs, 0);
    for (int at = PrimeField.LIMBS; at < limbs.length; at += PrimeField.LIMBS) {
      PrimeField.FR.mul(limbs, at - PrimeField.LIMBS, factor, 0, limbs, at);
    }
    return powers;
  }

  /** Bytes on the host, about: source, target, copies of both, the weights of the check. */
  public static long hostBytes(int log) {
    return (64L << 20) + (200L << log);
  }

  /** Field multiplications: half a one per element and level, and one per element of a coset. */
  public static double multiplications(int log, Direction direction) {
    double n = Math.scalb(1.0, log);
    return n / 2 * log + (direction == Direction.COSET ? n : 0);
  }

  @Override
  public void run() {
    if (!transfers) {
      transform(source, target);
      return;
    }
    try (DeviceBuffer in = backend.upload(given)) {
      transform(in, in);
      downloaded = backend.download(in);
    }
  }

  private void transform(DeviceBuffer in, DeviceBuffer out) {
    switch (direction) {
      case NTT -> backend.ntt(in, out);
      case INTT -> backend.intt(in, out);
      case COSET -> backend.cosetNtt(in, shift, out);
    }
  }

  @Override
  public Check check() {
    FrVector result = downloaded == null ? backend.download(target) : downloaded;
    return Check.of(
        ScalarKind.innerProduct(new TypedVector.Field(result), weights).equals(expected));
  }

  @Override
  public void close() {
    source.close();
    target.close();
  }
}
