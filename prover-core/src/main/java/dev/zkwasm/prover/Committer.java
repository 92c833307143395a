package dev.zkwasm.prover;

import dev.zkwasm.compute.Bases;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.curve.FixedBase;
import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Accumulator;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
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
  /** For how many blinders the tables of multiples pay: those of a few instances of a height. */
  private static final int BLINDERS = 128;

  private final ComputeBackend backend;
  private final Srs srs;
  private final Map<Integer, Bases> lagrange = new HashMap<>();
  private final Map<Integer, Bases> powers = new HashMap<>();
  private final Map<Integer, List<FixedBase>> blinders = new HashMap<>();

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

  /** To the polynomial of degree below {@code 2^log} with the values of each, unblinded. */
  List<G1> valuesOfEach(int log, List<? extends TypedVector> values) {
    return backend.msmOfEach(lagrange(log), values);
  }

  /** To the polynomial of degree below {@code 2^log} with these values, unblinded. */
  G1 values(int log, DeviceBuffer values) {
    return backend.msm(lagrange(log), values);
  }

  /**
   * Blinds commitments: adds to each that to {@code b(X) (X^N - 1)} with a blinder b of its own.
   *
   * @param maxLog of the largest height of the proof, so that one set of powers serves it
   * @param log of N
   * @param commitments what to blind
   * @param blinders the coefficients of each b, at most {@link Blinding#PAIR}
   */
  List<G1> blind(int maxLog, int log, List<G1> commitments, List<List<Fr>> blinders) {
    List<G1Accumulator> sums = commitments.stream().map(c -> new G1Accumulator().add(c)).toList();
    int longest = blinders.stream().mapToInt(List::size).max().orElse(0);
    for (int i = 0; i < longest; i++) {
      FrVector scalars = new FrVector(blinders.size());
      for (int k = 0; k < blinders.size(); k++) {
        if (i < blinders.get(k).size()) {
          scalars.set(k, blinders.get(k).get(i));
        }
      }
      G1Vector multiples = blinderBases(maxLog, log).get(i).multiples(scalars);
      for (int k = 0; k < blinders.size(); k++) {
        sums.get(k).add(multiples, k);
      }
    }
    return G1Accumulator.toAffine(sums);
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
  private synchronized List<FixedBase> blinderBases(int maxLog, int log) {
    return blinders.computeIfAbsent(
        log,
        l -> {
          G1Vector points = srs.powers(maxLog);
          return IntStream.range(0, Blinding.PAIR)
              .mapToObj(i -> points.get((1 << l) + i).sub(points.get(i)))
              .map(base -> new FixedBase(base, BLINDERS))
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
