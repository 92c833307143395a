package dev.zkwasm.exec;

/** A call that does not fit the program; one line that says what was expected. */
public final class CallException extends RuntimeException {
  public CallException(String message) {
    super(message);
  }
}
