package dev.zkwasm.verifier;

/** Ends a verification; the message is the reason in the verdict. */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;

  Refusal(String reason) {
    super(reason, null, false, false);
  }

  /** Refuses unless the condition holds. */
  static void unless(boolean condition, String reason) throws Refusal {
    if (!condition) {
      throw new Refusal(reason);
    }
  }
}
