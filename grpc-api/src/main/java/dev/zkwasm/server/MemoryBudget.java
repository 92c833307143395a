package dev.zkwasm.server;

/** Counts bytes that clients make the node hold, up to a limit. Thread-safe. */
final class MemoryBudget {
  private final long limit;
  private long held;

  MemoryBudget(long limit) {
    this.limit = limit;
  }

  /**
   * @throws io.grpc.StatusRuntimeException RESOURCE_EXHAUSTED if that would be too much; nothing is
   *     taken then
   */
  synchronized void take(long bytes) {
    if (held + bytes > limit) {
      throw Errors.exhausted(
          "no memory for %d more bytes: clients hold %d of %d".formatted(bytes, held, limit));
    }
    held += bytes;
  }

  /** Takes what is there already, beyond the limit too. */
  synchronized void keep(long bytes) {
    held += bytes;
  }

  synchronized void give(long bytes) {
    held -= bytes;
  }

  synchronized long held() {
    return held;
  }
}
