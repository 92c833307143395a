package dev.zkwasm.prover;

import java.util.Locale;

/** The stages of proving, in order. */
public enum Stage {
  /** Tables are filled from the trace. */
  WITNESS,
  /** Main columns are committed. */
  COMMIT,
  /** The columns of the lookup argument are made and committed. */
  HELPERS,
  /** The quotient of all constraints is computed and committed. */
  QUOTIENT,
  /** All polynomials are evaluated at the challenge. */
  EVALUATE,
  /** The openings are batched and committed. */
  OPEN,
  /** The finished proof is verified. */
  VERIFY;

  /** The name in reports: lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
