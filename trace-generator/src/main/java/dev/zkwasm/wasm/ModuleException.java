package dev.zkwasm.wasm;

/**
 * A module that cannot be used; the message is one line that says what is wrong, where, and what to
 * do.
 */
public final class ModuleException extends RuntimeException {
  public ModuleException(String message) {
    super(message);
  }

  public ModuleException(String message, Throwable cause) {
    super(message, cause);
  }
}
