package dev.zkwasm.proof;

import dev.zkwasm.curve.G1;
import dev.zkwasm.field.Fr;
import dev.zkwasm.transcript.Transcript;
import java.util.List;

/**
 * The rounds of a proof as its transcript sees them: what is absorbed, in which order, and which
 * challenges follow. One instance serves one proof, its methods called once each in order.
 */
public final class ProofTranscript {
  private final Transcript transcript = new Transcript();

  /**
   * Binds all that is known before the prover says anything.
   *
   * @param tauG2 encoding of [tau]_2
   * @param keyDigest digest of the universal key
   * @param programDigest digest of the program header
   * @param statement the statement
   * @param instances the tables and their heights
   */
  public ProofTranscript(
      byte[] tauG2,
      byte[] keyDigest,
      byte[] programDigest,
      Statement statement,
      List<Instance> instances) {
    transcript.absorb("version", new ByteWriter().u32(Proof.VERSION).toBytes());
    transcript.absorb("tau", tauG2);
    transcript.absorb("key", keyDigest);
    transcript.absorb("program", programDigest);
    transcript.absorb("statement", statement.encode());
    transcript.absorb("instances", ProofCodec.encodeInstances(instances));
  }

  /**
   * The challenges of the bus sums.
   *
   * @param alpha the point at which fractions are taken
   * @param gamma the combiner of a tuple's entries
   */
  public record BusChallenges(Fr alpha, Fr gamma) {}

  /** Round 1: main columns. */
  public BusChallenges main(List<G1> commitments) {
    absorb("main", commitments);
    Fr alpha = transcript.challenge("alpha");
    Fr gamma = transcript.challenge("gamma");
    return new BusChallenges(alpha, gamma);
  }

  /** Round 2: helper columns and the accumulator; gives y, the combiner of constraints. */
  public Fr helpers(List<G1> commitments) {
    absorb("helpers", commitments);
    return transcript.challenge("y");
  }

  /** Round 3: the quotient; gives zeta, not on the domain of size {@code 2^maxLog} and not 0. */
  public Fr quotient(List<G1> commitments, int maxLog) {
    absorb("quotient", commitments);
    Fr zeta;
    do {
      zeta = transcript.challenge("zeta");
    } while (zeta.isZero() || power2(zeta, maxLog).isOne());
    return zeta;
  }

  /** Round 4: evaluations; gives nu, the combiner of openings. */
  public Fr evaluations(List<Fr> values) {
    transcript.absorb("evaluations", new ByteWriter().frs(values).toBytes());
    return transcript.challenge("nu");
  }

  /** Round 5: the batched opening; gives u, none of the opening points. */
  public Fr opening(G1 w, OpeningPoints points) {
    absorb("W", List.of(w));
    Fr u;
    do {
      u = transcript.challenge("u");
    } while (points.contains(u));
    return u;
  }

  private void absorb(String label, List<G1> points) {
    transcript.absorb(label, new ByteWriter().g1s(points).toBytes());
  }

  /** {@code base^(2^log)}. */
  static Fr power2(Fr base, int log) {
    Fr power = base;
    for (int i = 0; i < log; i++) {
      power = power.square();
    }
    return power;
  }
}
