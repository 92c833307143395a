package dev.zkwasm.engine;

/**
 * The engine refuses something for a reason that lies in its input or in its means. The message is
 * one line for the user.
 */
public final class EngineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Whose fault it is. */
  public enum Kind {
    /** Not a valid WebAssembly module. */
    BAD_MODULE,
    /** A valid module that uses what this version does not support. */
    UNSUPPORTED,
    /** The call does not fit the module: unknown export, wrong arguments. */
    BAD_CALL,
    /** Not a trace file, or cut short, or of another version. */
    BAD_TRACE,
    /** A trace file whose records do not follow the program. */
    INVALID_TRACE,
    /** The run needs more steps than it was given. */
    GAS_EXCEEDED,
    /** Too little memory, or a reference string that is too small: the message has the figures. */
    RESOURCE,
    /** Not a proof file, or cut short, or of another version. */
    BAD_PROOF,
    /** A proof file whose proof does not hold. */
    INVALID_PROOF
  }

  private final Kind kind;

  public EngineException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public EngineException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
