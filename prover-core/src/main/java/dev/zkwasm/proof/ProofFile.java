package dev.zkwasm.proof;

import java.util.Arrays;

/**
 * A proof with its statement, as written to a {@code .zkp} file. A reader that checks a proof takes
 * from it only the statement and the proof, compares the statement with what it expects, and brings
 * key and program itself.
 *
 * @param extensionId keccak256 of the WebAssembly bytes, 32 bytes; information only
 * @param srsId keccak256 of [tau]_2, 32 bytes; so that a reader can find the reference string
 * @param keyDigest digest of the universal key that the proof was made under, 32 bytes; so that a
 *     reader with another key can say so
 * @param statement the statement
 * @param proof the encoded proof, not looked into
 */
@SuppressWarnings("ArrayRecordComponent")
public record ProofFile(
    byte[] extensionId, byte[] srsId, byte[] keyDigest, Statement statement, byte[] proof) {
  /** The version that is written and read. */
  public static final int VERSION = 1;

  private static final String MAGIC = "zkwasm proof file";
  private static final int ID_BYTES = 32;

  public ProofFile {
    if (extensionId.length != ID_BYTES
        || srsId.length != ID_BYTES
        || keyDigest.length != ID_BYTES) {
      throw new IllegalArgumentException("extension id, srs id and key digest have 32 bytes each");
    }
  }

  /** The canonical encoding. */
  public byte[] encode() {
    return new ByteWriter()
        .magic(MAGIC)
        .u16(VERSION)
        .fixed(extensionId)
        .fixed(srsId)
        .fixed(keyDigest)
        .bytes(statement.encode())
        .bytes(proof)
        .toBytes();
  }

  /**
   * Reads {@link #encode()}; the proof inside is not looked into.
   *
   * @throws ProofFormatException if the bytes are no proof file, or one of an unknown version
   */
  public static ProofFile decode(byte[] bytes) throws ProofFormatException {
    ByteReader in = new ByteReader("proof file", bytes);
    in.magic(MAGIC);
    in.version(VERSION);
    byte[] extensionId = in.fixed(ID_BYTES);
    byte[] srsId = in.fixed(ID_BYTES);
    byte[] keyDigest = in.fixed(ID_BYTES);
    byte[] statement = in.bytes();
    byte[] proof = in.bytes();
    in.end();
    return new ProofFile(extensionId, srsId, keyDigest, Statement.decode(statement), proof);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ProofFile f && Arrays.equals(encode(), f.encode());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encode());
  }
}
