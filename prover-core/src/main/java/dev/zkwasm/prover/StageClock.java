package dev.zkwasm.prover;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * Tells the listener about stages, adds up their times, and ends the work of an interrupted thread.
 * At any time exactly one stage runs, so that the times add up to the whole.
 */
final class StageClock {
  private final ProgressListener listener;
  private final Map<Stage, Duration> times = new EnumMap<>(Stage.class);
  private Stage stage = Stage.WITNESS;
  private long since = System.nanoTime();

  /** A clock that starts now, in the first stage. */
  StageClock(ProgressListener listener) {
    this.listener = listener;
    listener.progress(stage, 0);
  }

  /** Ends the running stage and begins another. */
  void enter(Stage next) {
    stop();
    stage = next;
    progress(0);
  }

  /** So much of the running stage is done. */
  void progress(double fraction) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("proving was interrupted in stage " + stage);
    }
    listener.progress(stage, fraction);
  }

  /** Step k of n of the running stage is done. */
  void step(int k, int n) {
    progress((double) k / n);
  }

  /** Ends the running stage; gives the times of all. */
  Map<Stage, Duration> stop() {
    long now = System.nanoTime();
    times.merge(stage, Duration.ofNanos(now - since), Duration::plus);
    since = now;
    listener.progress(stage, 1);
    return times;
  }
}
