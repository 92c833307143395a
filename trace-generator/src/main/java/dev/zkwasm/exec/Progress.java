package dev.zkwasm.exec;

/** Hears how far an execution is, every some 100,000 steps. */
@FunctionalInterface
public interface Progress {
  /** Goes on without telling anyone. */
  Progress NONE = steps -> true;

  /**
   * Steps done so far; false stops the execution with a {@link
   * java.util.concurrent.CancellationException}.
   */
  boolean proceed(long steps);
}
