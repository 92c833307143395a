package dev.zkwasm.verifier;

/**
 * The outcome of a verification.
 *
 * @param kind the outcome
 * @param reason why a proof is not valid; empty if it is
 */
public record Verdict(Kind kind, String reason) {
  /** What a verification can end in. */
  public enum Kind {
    /** The statement is true. */
    VALID,
    /** The bytes prove nothing. */
    INVALID,
    /** Nothing is known: the proof or the key is of a version that this verifier does not know. */
    UNSUPPORTED
  }

  static final Verdict VALID = new Verdict(Kind.VALID, "");

  static Verdict invalid(String reason) {
    return new Verdict(Kind.INVALID, reason);
  }

  static Verdict unsupported(String reason) {
    return new Verdict(Kind.UNSUPPORTED, reason);
  }

  /** Whether the statement is proven. */
  public boolean isValid() {
    return kind == Kind.VALID;
  }

  /** {@code valid}, {@code invalid: REASON} or {@code unsupported: REASON}. */
  @Override
  public String toString() {
    return switch (kind) {
      case VALID -> "valid";
      case INVALID -> "invalid: " + reason;
      case UNSUPPORTED -> "unsupported: " + reason;
    };
  }
}
