package dev.zkwasm.transcript;

import org.bouncycastle.crypto.digests.KeccakDigest;

/** Keccak-256 as Ethereum uses it (the padding of the Keccak submission, not of SHA-3). */
public final class Keccak256 {
  /** Bytes of a digest. */
  public static final int BYTES = 32;

  private Keccak256() {}

  /** The digest of the concatenation of the parts. */
  public static byte[] hash(byte[]... parts) {
    KeccakDigest digest = new KeccakDigest(8 * BYTES);
    for (byte[] part : parts) {
      digest.update(part, 0, part.length);
    }
    byte[] out = new byte[BYTES];
    digest.doFinal(out, 0);
    return out;
  }
}
