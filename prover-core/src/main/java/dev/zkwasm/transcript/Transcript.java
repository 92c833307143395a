package dev.zkwasm.transcript;

import dev.zkwasm.field.Fr;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The transcript from which the challenges of a proof are drawn. Every message is absorbed under a
 * label and with its length, so that no two different sequences of messages hash the same bytes.
 * Prover and verifier run the same sequence; that sequence is in {@code docs/spec/protocol.md}.
 */
public final class Transcript {
  private static final byte ABSORB = 0;
  private static final byte SQUEEZE = 1;
  private static final byte RATCHET = 2;

  private byte[] state;

  /** A transcript that has absorbed nothing but its name. */
  public Transcript() {
    state = Keccak256.hash("zkwasm transcript 1".getBytes(StandardCharsets.US_ASCII));
  }

  /** Binds a message to everything that is drawn from now on. */
  public void absorb(String label, byte[] data) {
    byte[] length = ByteBuffer.allocate(Long.BYTES).putLong(data.length).array();
    state = Keccak256.hash(state, new byte[] {ABSORB}, prefixed(label), length, data);
  }

  /**
   * A challenge, as good as uniform: 512 bits reduced modulo r. Drawing again under the same label
   * gives another one.
   */
  public Fr challenge(String label) {
    byte[] name = prefixed(label);
    byte[] wide = new byte[2 * Keccak256.BYTES];
    for (int i = 0; i < 2; i++) {
      byte[] half = Keccak256.hash(state, new byte[] {SQUEEZE, (byte) i}, name);
      System.arraycopy(half, 0, wide, i * Keccak256.BYTES, Keccak256.BYTES);
    }
    state = Keccak256.hash(state, new byte[] {RATCHET}, name);
    return Fr.of(new BigInteger(1, wide));
  }

  private static byte[] prefixed(String label) {
    byte[] ascii = label.getBytes(StandardCharsets.US_ASCII);
    if (ascii.length > 255) {
      throw new IllegalArgumentException("label is too long: " + label);
    }
    byte[] out = new byte[1 + ascii.length];
    out[0] = (byte) ascii.length;
    System.arraycopy(ascii, 0, out, 1, ascii.length);
    return out;
  }
}
