package dev.zkwasm.proof;

/**
 * Bytes that are not an encoding of what they are read as. The message names the object, the byte
 * offset and what is wrong there.
 */
public class ProofFormatException extends Exception {
  private static final long serialVersionUID = 1L;

  /** With a message as described above. */
  public ProofFormatException(String message) {
    super(message);
  }

  /** Of an object of a format version that this code does not know. */
  public static final class UnsupportedVersion extends ProofFormatException {
    private static final long serialVersionUID = 1L;

    /** With a message that names the object and the version. */
    public UnsupportedVersion(String message) {
      super(message);
    }
  }
}
