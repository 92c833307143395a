package dev.zkwasm.air;

/** The rows on which a constraint must hold. */
public enum Selector {
  /** Every row; factor 1. */
  ALWAYS,
  /** The first row; factor L_first. */
  FIRST,
  /** The last row; factor L_last. */
  LAST,
  /**
   * Every row but the last; factor 1 - L_last. The domain is cyclic, so each use of a next row
   * needs it.
   */
  TRANSITION;

  /** Degree that the factor adds. */
  public int degree() {
    return this == ALWAYS ? 0 : 1;
  }
}
