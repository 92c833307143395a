package dev.zkwasm.bench.kernel;

/** What is known of a timed result. */
public enum Check {
  /** Every timed result agreed with a slow twin or an independent identity. */
  RIGHT,
  /** Some timed result did not. */
  WRONG,
  /** Nothing was compared. */
  NOT_MADE;

  /** From the comparison of one result. */
  public static Check of(boolean right) {
    return right ? RIGHT : WRONG;
  }

  /** What is known of both: one wrong result spoils all. */
  public Check and(Check other) {
    return this == WRONG || other == WRONG ? WRONG : this == NOT_MADE ? NOT_MADE : other;
  }
}
