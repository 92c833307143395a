package dev.zkwasm.engine;

/**
 * What proving is expected to take, from a model of the work: see the implementation.
 *
 * @param cells committed cells, padding included
 * @param largestLogHeight log2 of the largest table
 * @param peakBytes memory at the peak
 * @param seconds time on this machine, rough
 */
public record Estimate(long cells, int largestLogHeight, long peakBytes, double seconds) {
  /**
   * Memory that it cannot do without. The peak is where memory is plentiful: about a third of it is
   * then garbage that nobody was in a hurry to collect.
   */
  public long neededBytes() {
    return peakBytes / 3 * 2;
  }
}
