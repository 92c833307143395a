package dev.zkwasm.kzg;

/**
 * A powers-of-tau file that is malformed or does not check; the message names the file, the section
 * and the byte offset.
 */
public final class PtauException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  PtauException(String message) {
    super(message);
  }
}
