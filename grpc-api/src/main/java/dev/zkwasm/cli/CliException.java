package dev.zkwasm.cli;

/** Ends a command with an exit code and one line that says what is wrong, where, and what to do. */
public final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private CliException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** Wrong usage or bad input. */
  public static CliException badInput(String message) {
    return new CliException(Main.BAD_INPUT, message);
  }

  int exitCode() {
    return exitCode;
  }
}
