package dev.zkwasm.bench.kernel;

import java.util.Arrays;

/**
 * Measured times of a piece of work.
 *
 * @param seconds in ascending order, at least one
 * @param check what is known of the results
 */
@SuppressWarnings("ArrayRecordComponent")
public record Timing(double[] seconds, Check check) {
  /** Sorts the times. */
  public Timing {
    if (seconds.length == 0) {
      throw new IllegalArgumentException("no times");
    }
    seconds = seconds.clone();
    Arrays.sort(seconds);
  }

  /** Short work is warmed up at least so long: compilers count calls. */
  private static final long MIN_WARMUP_NANOS = 500_000_000;

  /** Then until so many runs have not been faster than the best before by a twentieth... */
  private static final int STEADY_RUNS = 20;

  /** ...but no longer than this. */
  private static final long MAX_WARMUP_NANOS = 3_000_000_000L;

  /** Hears which iteration is done: negative numbers are warm-up. */
  public interface Listener {
    void iteration(int index);
  }

  /**
   * Runs a workload some times and checks the result of each timed run.
   *
   * @param warmup runs that are not timed, at least; 0 for none
   * @param iterations runs that are timed
   */
  public static Timing of(Workload work, int warmup, int iterations, Listener listener) {
    warmUp(work, warmup, listener);
    double[] seconds = new double[iterations];
    Check check = Check.RIGHT;
    for (int i = 0; i < iterations; i++) {
      listener.iteration(i);
      long start = System.nanoTime();
      work.run();
      seconds[i] = (System.nanoTime() - start) * 1e-9 / work.passes();
      check = check.and(work.check());
    }
    return new Timing(seconds, check);
  }

  private static void warmUp(Workload work, int runs, Listener listener) {
    long begin = System.nanoTime();
    long best = Long.MAX_VALUE;
    int steady = 0;
    for (int i = -runs; i < 0; i++) {
      listener.iteration(i);
      long elapsed;
      do {
        long start = System.nanoTime();
        work.run();
        long end = System.nanoTime();
        elapsed = end - begin;
        steady = end - start < best - best / 20 ? 0 : steady + 1;
        best = Math.min(best, end - start);
      } while (i == -1
          && (elapsed < MIN_WARMUP_NANOS || elapsed < MAX_WARMUP_NANOS && steady < STEADY_RUNS));
    }
  }

  /** The middle one, or the mean of the two in the middle. */
  public double median() {
    int n = seconds.length;
    return (seconds[(n - 1) / 2] + seconds[n / 2]) / 2;
  }

  /** The 95th percentile by nearest rank: of fewer than 20 times it is the longest. */
  public double p95() {
    return seconds[(int) Math.ceil(0.95 * seconds.length) - 1];
  }

  /** The shortest. */
  public double min() {
    return seconds[0];
  }
}
