package dev.zkwasm.compute;

import org.jspecify.annotations.Nullable;

/** A backend cannot be had or has failed; the message says which and why. */
public class BackendException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a message that names the backend and says what is wrong. */
  public BackendException(String message) {
    super(message);
  }

  /** With a message that names the backend and says what is wrong, and the cause. */
  public BackendException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
