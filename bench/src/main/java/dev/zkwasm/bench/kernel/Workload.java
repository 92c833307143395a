package dev.zkwasm.bench.kernel;

/** A piece of work that can be timed again and again. Setting it up and checking are not timed. */
public interface Workload extends AutoCloseable {
  /** Does the work once, or {@link #passes} times: what is timed. */
  void run();

  /** Looks at the last run's result, by means that do not use what was timed. */
  Check check();

  /** How often {@link #run} does the work, where once is too short for a clock. */
  default int passes() {
    return 1;
  }

  @Override
  default void close() {}
}
