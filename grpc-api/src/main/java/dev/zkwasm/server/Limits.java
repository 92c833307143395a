package dev.zkwasm.server;

/**
 * What a node takes at most. Everything that a client can make grow has a limit here.
 *
 * @param moduleBytes size of a WebAssembly binary
 * @param inputBytes size of a public input, and of a private one
 * @param traceBytes size of a trace file
 * @param proofBytes size of a proof file
 * @param messageBytes size of one gRPC message
 * @param steps steps of one run
 * @param queuedJobs jobs that wait
 * @param heldBytes bytes of uploads under way and of private inputs and traces of jobs that have
 *     not ended, all together
 * @param storedBytes bytes of registered Extensions, and of jobs
 */
public record Limits(
    int moduleBytes,
    int inputBytes,
    int traceBytes,
    int proofBytes,
    int messageBytes,
    long steps,
    int queuedJobs,
    long heldBytes,
    long storedBytes) {

  private static final int MIB = 1 << 20;

  /** A recorded step takes 36 bytes, the same again while the arrays grow, and its rows more. */
  private static final int BYTES_PER_STEP = 256;

  /** Limits for a node with the memory of this process. */
  public static Limits standard() {
    long heap = Runtime.getRuntime().maxMemory();
    return new Limits(
        16 * MIB,
        4 * MIB,
        1024 * MIB,
        MIB,
        12 * MIB,
        Math.min(1L << 26, heap / BYTES_PER_STEP),
        64,
        heap / 8,
        heap / 8);
  }
}
