package dev.zkwasm.isa;

/**
 * How a run ended.
 *
 * @param kind returned, exited or trapped
 * @param code 0, the exit code (unsigned 32 bits) or the code of the {@link TrapReason}
 */
public record Exit(Kind kind, long code) {
  /** The kinds; the ordinal is the code on the exit bus. */
  public enum Kind {
    RETURNED,
    EXITED,
    TRAPPED
  }

  public Exit {
    boolean known =
        switch (kind) {
          case RETURNED -> code == 0;
          case EXITED -> code >= 0 && code < 1L << 32;
          case TRAPPED -> TrapReason.ofCode(code) != null;
        };
    if (!known) {
      throw new IllegalArgumentException("exit " + kind + " cannot have code " + code);
    }
  }

  public static Exit returned() {
    return new Exit(Kind.RETURNED, 0);
  }

  public static Exit exited(int code) {
    return new Exit(Kind.EXITED, Integer.toUnsignedLong(code));
  }

  public static Exit trapped(TrapReason reason) {
    return new Exit(Kind.TRAPPED, reason.code());
  }

  /** {@code returned}, {@code exited CODE} or {@code trapped REASON}. */
  @Override
  public String toString() {
    return switch (kind) {
      case RETURNED -> "returned";
      case EXITED -> "exited " + code;
      case TRAPPED -> "trapped " + TrapReason.ofCode(code).text();
    };
  }
}
