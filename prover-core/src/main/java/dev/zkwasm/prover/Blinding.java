package dev.zkwasm.prover;

import dev.zkwasm.field.Fr;
import dev.zkwasm.proof.ByteWriter;
import dev.zkwasm.proof.ProofLayout;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.transcript.Keccak256;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The prover's randomness for one attempt at one proof: {@code H(32 fresh bytes | statement |
 * attempt)} expanded per use. A stream is named by what it blinds and can be drawn only as a whole,
 * so no two polynomials share a blinder.
 */
class Blinding {
  /** Random coefficients of a polynomial that is opened at one point. */
  static final int SINGLE = 2;

  /** Random coefficients of a polynomial that is opened at two points. */
  static final int PAIR = 4;

  private final byte[] key;

  /**
   * The randomness.
   *
   * @param seed 32 bytes, fresh for each proof
   */
  Blinding(byte[] seed, Statement statement, int attempt) {
    this.key =
        Keccak256.hash(
            new ByteWriter()
                .magic("zkwasm blinding 0")
                .bytes(seed)
                .bytes(statement.encode())
                .u32(attempt)
                .toBytes());
  }

  /** The blinder of a slot of the instance at a position in the proof. */
  List<Fr> column(int part, int slot, boolean pair) {
    return expand("column", part, slot, pair ? PAIR : SINGLE);
  }

  /** The blinder of the accumulator. */
  List<Fr> accumulator() {
    return expand("accumulator", 0, 0, PAIR);
  }

  /** The scalars that hide how the quotient is cut into pieces. */
  List<Fr> quotient() {
    return expand("quotient", 0, 0, ProofLayout.QUOTIENT_PIECES - 1);
  }

  private List<Fr> expand(String use, int a, int b, int count) {
    List<Fr> scalars = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      byte[] wide = Arrays.copyOf(hash(use, a, b, 2 * i), 2 * Keccak256.BYTES);
      System.arraycopy(hash(use, a, b, 2 * i + 1), 0, wide, Keccak256.BYTES, Keccak256.BYTES);
      scalars.add(Fr.of(new BigInteger(1, wide)));
    }
    return scalars;
  }

  private byte[] hash(String use, int a, int b, int counter) {
    return Keccak256.hash(key, new ByteWriter().text(use).u32(a).u32(b).u32(counter).toBytes());
  }
}
