package dev.zkwasm.prover;

import java.util.Locale;

/**
 * Whether a device is used.
 *
 * @param backend name of its backend
 * @param device the device in words
 * @param state whether it is used, or why not
 * @param detail what went wrong, in words; empty if nothing did
 */
public record DeviceHealth(String backend, String device, State state, String detail) {
  /** Whether a device is used, or why not. */
  public enum State {
    /** It is used. */
    HEALTHY,
    /** It failed twice at the same proof. */
    FAILED,
    /**
     * Proofs that it had a part in did not verify, twice. Where devices share a proof, which of
     * them computed wrongly is not known, and none is used any more.
     */
    INVALID_PROOF;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether it is used. */
  public boolean isHealthy() {
    return state == State.HEALTHY;
  }
}
