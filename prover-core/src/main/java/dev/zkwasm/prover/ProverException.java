package dev.zkwasm.prover;

/**
 * A proof could not be made although trace and statement were accepted: a defect of this program,
 * or of the device it computes on. The message says what was noticed.
 */
public final class ProverException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a message as described above. */
  public ProverException(String message) {
    super(message);
  }
}
