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
 * @param queuedJobsPerClient jobs of one client that wait
 * @param heldBytes memory for uploads under way, and as much again for jobs that have not ended
 * @param provingBytes memory for proofs under way, by their estimates
 * @param storedBytes disk for registered Extensions, and for jobs
 * @param sealedBytes disk for private inputs and traces of jobs that have not ended, and for
 *     uploads
 */
public record Limits(
    int moduleBytes,
    int inputBytes,
    long traceBytes,
    int proofBytes,
    int messageBytes,
    long steps,
    int queuedJobs,
    int queuedJobsPerClient,
    long heldBytes,
    long provingBytes,
    long storedBytes,
    long sealedBytes) {

  private static final int MIB = 1 << 20;
  private static final long GIB = 1 << 30;

  /** A recorded step takes 36 bytes, the same again while the arrays grow, and its rows more. */
  private static final int BYTES_PER_STEP = 256;

  /** Limits for a node with the memory of this process. */
  public static Limits standard() {
    long heap = Runtime.getRuntime().maxMemory();
    return new Limits(
        16 * MIB,
        4 * MIB,
        4 * GIB,
        MIB,
        12 * MIB,
        Math.min(1L << 26, heap / BYTES_PER_STEP),
        64,
        64,
        heap / 8,
        heap,
        16 * GIB,
        16 * GIB);
  }

  /** These, with other limits for jobs. */
  public Limits withJobs(long steps, int queuedJobs, int queuedJobsPerClient) {
    return new Limits(
        moduleBytes,
        inputBytes,
        traceBytes,
        proofBytes,
        messageBytes,
        steps,
        queuedJobs,
        queuedJobsPerClient,
        heldBytes,
        provingBytes,
        storedBytes,
        sealedBytes);
  }
}
