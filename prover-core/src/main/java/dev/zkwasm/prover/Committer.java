package dev.zkwasm.prover;

import dev.zkwasm.compute.Bases;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Msm;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.Fr;
import dev.zkwasm.kzg.Srs;
import dev.zkwasm.poly.TypedVector;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Commits to polynomials on a backend under a reference string. Keeps the points on the backend;
 * for any number of threads.
 */
public final class Committer implements AutoCloseable {
  private final ComputeBackend backend;
  private final Srs srs;
  private final Map<Integer, Bases> lagrange = new HashMap<>();
  private final Map<Integer, Bases> powers = new HashMap<>();
  private final Map<Integer, List<G1>> blinders = new HashMap<>();

  /** A committer; backend and string stay the caller's. */
  public Committer(ComputeBackend backend, Srs srs) {
    this.backend = backend;
    this.srs = srs;
  }

  /** The backend. */
  public ComputeBackend backend() {
    return backend;
  }

  /** The reference string. */
  public Srs srs() {
    return srs;
  }

  /** To the polynomial of degree below {@code 2^log} with these values, unblinded. */
  public G1 values(int log, TypedVector values) {
    return backend.msm(lagrange(log), values);
  }

  /** To the polynomial of degree below {@code 2^log} with these values, unblinded. */
  G1 values(int log, DeviceBuffer values) {
    return backend.msm(lagrange(log), values);
  }

  /**
   * To {@code b(X) (X^N - 1)}, which added to a commitment blinds it.
   *
   * @param maxLog of the largest height of the proof, so that one set of powers serves it
   * @param log of N
   * @param blinder the coefficients of b, at most {@link Blinding#PAIR}
   */
  G1 blinder(int maxLog, int log, List<Fr> blinder) {
    return G1Msm.sum(blinderBases(maxLog, log).subList(0, blinder.size()), blinder);
  }

  /**
   * To a polynomial by its coefficients, at most {@code 2^maxLog + Srs.EXTRA_POWERS}.
   *
   * @param maxLog of the largest height of the proof
   */
  G1 coefficients(int maxLog, DeviceBuffer coefficients) {
    return backend.msm(powers(maxLog), coefficients);
  }

  private synchronized Bases lagrange(int log) {
    return lagrange.computeIfAbsent(log, l -> backend.uploadBases(srs.lagrange(l)));
  }

  /** The monomial basis for proofs of this largest height. */
  synchronized Bases powers(int log) {
    return powers.computeIfAbsent(log, l -> backend.uploadBases(srs.powers(l)));
  }

  /** {@code [tau^(N + i) - tau^i]_1}. */
  private synchronized List<G1> blinderBases(int maxLog, int log) {
    return blinders.computeIfAbsent(
        log,
        l -> {
          G1Vector points = srs.powers(maxLog);
          return IntStream.range(0, Blinding.PAIR)
              .mapToObj(i -> points.get((1 << l) + i).sub(points.get(i)))
              .toList();
        });
  }

  /** Frees the points on the backend. */
  @Override
  public synchronized void close() {
    lagrange.values().forEach(Bases::close);
    powers.values().forEach(Bases::close);
    lagrange.clear();
    powers.clear();
  }
}
