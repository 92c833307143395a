package dev.zkwasm.trace;

/** A trace file that is malformed or does not say what happens; one line that names the place. */
public final class TraceException extends RuntimeException {
  public TraceException(String message) {
    super(message);
  }

  public TraceException(String message, Throwable cause) {
    super(message, cause);
  }
}
