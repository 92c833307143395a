package dev.zkwasm.proof;

import dev.zkwasm.curve.G1;
import dev.zkwasm.field.Fr;
import java.util.List;

/**
 * The parts of a proof, in the order of their encoding.
 *
 * @param instances the tables and their heights
 * @param main commitments to the main columns of all instances
 * @param helpers commitments to the helper columns of all instances, then to the accumulator
 * @param quotient commitments to the pieces of the quotient
 * @param evaluations values of all polynomials at their opening points
 * @param w commitment to the batched quotient of the opening
 * @param wPrime its opening at the last challenge
 */
public record Proof(
    List<Instance> instances,
    List<G1> main,
    List<G1> helpers,
    List<G1> quotient,
    List<Fr> evaluations,
    G1 w,
    G1 wPrime) {
  /** The version of the encoding. */
  public static final int VERSION = 1;

  public Proof {
    instances = List.copyOf(instances);
    main = List.copyOf(main);
    helpers = List.copyOf(helpers);
    quotient = List.copyOf(quotient);
    evaluations = List.copyOf(evaluations);
  }
}
