package dev.zkwasm.spectest;

/** Anything but a regular result. */
final class EngineException extends RuntimeException {
  private static final long serialVersionUID = 1;

  enum Kind {
    /** Malformed or invalid. */
    REFUSED,
    UNLINKABLE,
    TRAP,
    CALL_STACK_EXHAUSTED,
    /** The engine says that it cannot do this; neither a right nor a wrong answer. */
    UNSUPPORTED
  }

  private final Kind kind;

  EngineException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  EngineException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
