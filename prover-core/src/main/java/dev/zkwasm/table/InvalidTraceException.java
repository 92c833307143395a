package dev.zkwasm.table;

/**
 * A trace that contradicts its program or itself. The message names step, pc and source location.
 */
public final class InvalidTraceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public InvalidTraceException(String message) {
    super(message);
  }
}
