package dev.zkwasm.prover;

import org.jspecify.annotations.Nullable;

/**
 * How to prove.
 *
 * @param listener hears of progress
 * @param seed 32 bytes from which all randomness of the proof follows, so that tests get the same
 *     proof again; allowed with the development reference string only. Null for fresh randomness
 */
@SuppressWarnings("ArrayRecordComponent")
public record ProverOptions(ProgressListener listener, byte @Nullable [] seed) {
  /** Bytes of a seed. */
  public static final int SEED_BYTES = 32;

  /** Fresh randomness, nobody listens. */
  public static final ProverOptions DEFAULT = new ProverOptions(ProgressListener.NONE, null);

  public ProverOptions {
    if (seed != null && seed.length != SEED_BYTES) {
      throw new IllegalArgumentException("a seed has 32 bytes, not " + seed.length);
    }
  }

  /** With a listener. */
  public ProverOptions withListener(ProgressListener other) {
    return new ProverOptions(other, seed);
  }

  /** With a seed. */
  public ProverOptions withSeed(byte[] other) {
    return new ProverOptions(listener, other);
  }
}
