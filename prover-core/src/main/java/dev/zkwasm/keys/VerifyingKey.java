package dev.zkwasm.keys;

import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G2;
import dev.zkwasm.proof.ByteReader;
import dev.zkwasm.proof.ByteWriter;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.transcript.Keccak256;
import java.util.Arrays;
import java.util.List;

/**
 * The universal key: it serves every program and every size. Whoever verifies trusts it, and can
 * recompute it from the constraints and the reference string. Equality is that of the encodings.
 *
 * @param constraintDigest keccak256 of the normative constraints, 32 bytes
 * @param fixedColumns commitments to the fixed columns of all fixed tables, unblinded
 * @param tauG2 [tau]_2 of the reference string
 */
@SuppressWarnings("ArrayRecordComponent")
public record VerifyingKey(byte[] constraintDigest, List<G1> fixedColumns, G2 tauG2) {
  /** The version that is written and read. */
  public static final int VERSION = 1;

  private static final String MARK = "zkwasm key";

  public VerifyingKey {
    fixedColumns = List.copyOf(fixedColumns);
    if (constraintDigest.length != 32) {
      throw new IllegalArgumentException(
          "constraint digest has " + constraintDigest.length + " bytes, not 32");
    }
  }

  /** The key digest: keccak256 of the encoding. */
  public byte[] digest() {
    return Keccak256.hash(encode());
  }

  /** Names the reference string: keccak256 of [tau]_2. */
  public byte[] srsId() {
    return Keccak256.hash(tauG2.toBytes());
  }

  /** The canonical encoding. */
  public byte[] encode() {
    return new ByteWriter()
        .magic(MARK + " " + VERSION)
        .fixed(constraintDigest)
        .u8(fixedColumns.size())
        .g1s(fixedColumns)
        .fixed(tauG2.toBytes())
        .toBytes();
  }

  /**
   * Reads {@link #encode()}.
   *
   * @throws ProofFormatException if the bytes are no key
   */
  public static VerifyingKey decode(byte[] bytes) throws ProofFormatException {
    ByteReader in = new ByteReader("verifying key", bytes);
    in.mark(MARK, VERSION);
    byte[] constraintDigest = in.fixed(32);
    List<G1> fixedColumns = in.g1s(in.u8());
    G2 tauG2 = in.g2();
    in.end();
    return new VerifyingKey(constraintDigest, fixedColumns, tauG2);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VerifyingKey k && Arrays.equals(encode(), k.encode());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encode());
  }
}
