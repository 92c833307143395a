package dev.zkwasm.exec;

/**
 * An execution that was stopped at a limit; one line that names the limit, the step and the place.
 */
public final class LimitException extends RuntimeException {
  public LimitException(String message) {
    super(message);
  }
}
