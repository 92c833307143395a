package dev.zkwasm.engine;

import dev.zkwasm.engine.EngineException.Kind;
import dev.zkwasm.kzg.DevelopmentSrs;
import dev.zkwasm.proof.ProofFile;
import dev.zkwasm.proof.ProofFormatException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Reads proof files (.zkp) without judging them. */
public final class ProofFiles {
  private static final byte[] MAGIC = "zkwasm proof file".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] DEVELOPMENT_ID =
      HexFormat.of().parseHex(DevelopmentSrs.inMemory().id());

  private ProofFiles() {}

  /** Whether bytes claim to be a proof file. */
  public static boolean isOne(byte[] bytes) {
    return bytes.length >= MAGIC.length
        && Arrays.equals(MAGIC, 0, MAGIC.length, bytes, 0, MAGIC.length);
  }

  /**
   * What a proof file says; nothing of it has been checked.
   *
   * @throws EngineException of kind BAD_PROOF if the bytes are no proof file or one of another
   *     version, of kind INVALID_PROOF if they begin as one and are damaged
   */
  public static StatedProof read(byte[] bytes) {
    ProofFile file = decode(bytes);
    return new StatedProof(
        file.statement(),
        file.extensionId(),
        file.srsId(),
        Arrays.equals(file.srsId(), DEVELOPMENT_ID),
        file.proof().length);
  }

  static ProofFile decode(byte[] bytes) {
    if (!isOne(bytes)) {
      throw new EngineException(Kind.BAD_PROOF, "not a proof file");
    }
    try {
      return ProofFile.decode(bytes);
    } catch (ProofFormatException.UnsupportedVersion e) {
      throw new EngineException(Kind.BAD_PROOF, String.valueOf(e.getMessage()), e);
    } catch (ProofFormatException e) {
      throw new EngineException(
          Kind.INVALID_PROOF, "the proof file is cut short or damaged: " + e.getMessage(), e);
    }
  }
}
