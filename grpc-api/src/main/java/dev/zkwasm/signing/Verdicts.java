package dev.zkwasm.signing;

import dev.zkwasm.transcript.Keccak256;
import java.nio.charset.StandardCharsets;

/**
 * Signatures over {RequestID, Verdict}, as {@code docs/spec/operation.md} fixes them: an EIP-191
 * personal message over {@code keccak256(abi.encode(keccak256("zkwasm.verdict.v1"),
 * keccak256(RequestID), uint8 verdict))}.
 */
public final class Verdicts {
  private static final byte[] TAG =
      Keccak256.hash("zkwasm.verdict.v1".getBytes(StandardCharsets.US_ASCII));

  private Verdicts() {}

  /**
   * The 32 bytes of the personal message.
   *
   * @param requestId the request's id, hashed as UTF-8
   * @param verdict number of the verdict: 1 VALID, 2 INVALID, 3 ERROR
   */
  public static byte[] digest(String requestId, int verdict) {
    byte[] word = new byte[32];
    word[31] = (byte) verdict;
    return Keccak256.hash(TAG, Keccak256.hash(requestId.getBytes(StandardCharsets.UTF_8)), word);
  }

  /** 65 bytes: r, s, v. */
  public static byte[] sign(NodeKey key, String requestId, int verdict) {
    return key.signMessage(digest(requestId, verdict));
  }

  /**
   * The address that signed a verdict.
   *
   * @throws IllegalArgumentException if nobody did
   */
  public static byte[] signer(String requestId, int verdict, byte[] signature) {
    return NodeKey.recoverMessage(digest(requestId, verdict), signature);
  }
}
