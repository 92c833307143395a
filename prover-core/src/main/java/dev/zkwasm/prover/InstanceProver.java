package dev.zkwasm.prover;

import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.curve.G1;
import dev.zkwasm.field.Fr;
import dev.zkwasm.proof.ProofTranscript.BusChallenges;
import java.util.List;
import java.util.Optional;

/**
 * The prover of one instance: it alone has the instance's witness. The coordinator calls the
 * methods in order, one round after the other, and combines what they give with that of the other
 * instances; everything that crosses is linear. Vectors given to be added to are the coordinator's,
 * zero at first and shared by the instances of a height.
 *
 * <p>N is the instance's height.
 */
interface InstanceProver extends AutoCloseable {
  /** Round 1: commits to the main columns. */
  List<G1> commitMain();

  /**
   * Round 2: makes the helper columns and commits to them.
   *
   * @return nothing if alpha meets the fingerprint of a tuple; the proof then starts again
   */
  Optional<List<G1>> commitHelpers(BusChallenges challenges);

  /** Round 2: adds the helper columns to {@code sum}, N values. */
  void addHelpers(DeviceBuffer sum);

  /** Round 2: the sum of the helper columns' blinders, {@link Blinding#SINGLE} coefficients. */
  List<Fr> helperBlinder();

  /**
   * Round 3: adds the combined constraints to the sum over the instances of this height.
   *
   * @param y combiner of the constraints
   */
  void addQuotient(Fr y, QuotientSum sum);

  /**
   * Round 4: evaluations in the order of the proof.
   *
   * @param point where all polynomials are evaluated
   * @param lagrange the Lagrange basis of height N there
   * @param nextPoint where those with a next-row use are evaluated too
   * @param nextLagrange the Lagrange basis of height N there
   */
  List<Fr> evaluate(Fr point, DeviceBuffer lagrange, Fr nextPoint, DeviceBuffer nextLagrange);

  /**
   * Round 5: adds the polynomials of some slots, each times its factor, to {@code values}, N
   * values, and their blinders to {@code blinder}.
   */
  void addSlots(List<Integer> slots, List<Fr> factors, DeviceBuffer values, List<Fr> blinder);

  /** Forgets the witness and frees all memory. */
  @Override
  void close();
}
