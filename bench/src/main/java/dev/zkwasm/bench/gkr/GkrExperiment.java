package dev.zkwasm.bench.gkr;

import dev.zkwasm.bench.gkr.FractionProof.Fraction;
import dev.zkwasm.bench.kernel.Check;
import dev.zkwasm.bench.kernel.ScalarKind;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import dev.zkwasm.poly.TypedVector;
import java.util.List;
import java.util.Optional;

/** Proves the sums of some trees of uniform fractions and checks the proof. */
public final class GkrExperiment {
  private static final long SEED = 100;

  private final int trees;
  private final int log;
  private final FractionProver prover;

  /**
   * What a run took.
   *
   * @param adding seconds for adding up the trees
   * @param proving seconds for the sumchecks
   * @param processor seconds of processor time for both
   * @param verifying seconds for the verifier, without its claims about the leaves
   * @param proofBytes of the proof
   * @param check whether the verifier accepts, and its claims about the leaves are true
   */
  public record Outcome(
      double adding,
      double proving,
      double processor,
      double verifying,
      int proofBytes,
      Check check) {
    /** Seconds of proving in all. */
    public double total() {
      return adding + proving;
    }
  }

  /**
   * An experiment.
   *
   * @param trees interactions of a row
   * @param log base-two logarithm of the rows
   */
  public GkrExperiment(int trees, int log) {
    this.trees = trees;
    this.log = log;
    prover = new FractionProver(trees, log);
  }

  /** The smallest logarithm that the vectors allow. */
  public static int minLog() {
    return Integer.numberOfTrailingZeros(dev.zkwasm.compute.cpu.VectorArithmetic.lanes()) + 1;
  }

  /** Memory that it needs, about. */
  public static long bytes(int trees, int log) {
    // Numerators and denominators in 40 bytes each, all layers, and some copies in passing.
    return (160L * trees + 400) << log;
  }

  /** Field multiplications: three to add up, three for the weights, eight in the sumcheck. */
  public static double multiplications(int trees, int log) {
    return 14.0 * trees * (1L << log);
  }

  private FrVector numerators(int tree) {
    return ScalarKind.uniform(1 << log, SEED + 2L * tree);
  }

  private FrVector denominators(int tree) {
    return ScalarKind.uniform(1 << log, SEED + 2L * tree + 1);
  }

  /** Proves once. */
  public Outcome run() {
    FractionProof proof = prover.prove(this::numerators, this::denominators);
    long start = System.nanoTime();
    Optional<FractionVerifier.Claims> claims = FractionVerifier.verify(proof, trees, log);
    double verifying = (System.nanoTime() - start) * 1e-9;
    FractionProver.Seconds seconds = prover.seconds();
    return new Outcome(
        seconds.adding(),
        seconds.proving(),
        seconds.processor(),
        verifying,
        proof.elements() * PrimeField.BYTES,
        Check.of(claims.isPresent() && hold(claims.get())));
  }

  /** Evaluates the leaves themselves, in scalar arithmetic. */
  private boolean hold(FractionVerifier.Claims claims) {
    FrVector weights = weights(claims.point());
    for (int i = 0; i < trees; i++) {
      Fraction leaf =
          new Fraction(
              ScalarKind.innerProduct(new TypedVector.Field(numerators(i)), weights),
              ScalarKind.innerProduct(new TypedVector.Field(denominators(i)), weights));
      if (!leaf.equals(claims.leaves().get(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * The multilinear Lagrange basis at a point whose first coordinate is the index's highest bit.
   */
  static FrVector weights(List<Fr> point) {
    FrVector weights = new FrVector(1 << point.size());
    weights.set(0, Fr.ONE);
    for (int j = point.size() - 1, size = 1; j >= 0; j--, size *= 2) {
      for (int x = 0; x < size; x++) {
        Fr high = weights.get(x).mul(point.get(j));
        weights.set(x + size, high);
        weights.set(x, weights.get(x).sub(high));
      }
    }
    return weights;
  }
}
