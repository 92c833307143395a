package dev.zkwasm.compute;

/**
 * What a backend is opened with.
 *
 * @param threads number of host threads it may use, the calling one included; at least one
 */
public record BackendOptions(int threads) {
  /** Checks the figures. */
  public BackendOptions {
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException("threads must be 1 to 1024, not " + threads);
    }
  }

  /** As many threads as the machine has processors. */
  public static BackendOptions defaults() {
    return new BackendOptions(Math.min(1024, Runtime.getRuntime().availableProcessors()));
  }
}
