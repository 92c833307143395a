package dev.zkwasm.exec;

/**
 * An execution that was stopped at a limit; one line that names the limit, the step and the place.
 */
public final class LimitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Which of {@link Limits}. */
  public enum Kind {
    STEPS,
    MEMORY
  }

  private final Kind kind;

  public LimitException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
