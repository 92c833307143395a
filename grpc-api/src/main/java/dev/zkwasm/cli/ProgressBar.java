package dev.zkwasm.cli;

import dev.zkwasm.engine.Progress;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far work is, and keeps the time of each stage. On a terminal one line is drawn over and
 * over; elsewhere a line is printed when a stage begins, and every few seconds. Reports of one
 * piece of work come from one thread.
 */
public final class ProgressBar implements Progress, AutoCloseable {
  private static final int WIDTH = 30;
  private static final long DRAW_NANOS = 100_000_000L;
  private static final long PRINT_NANOS = 10_000_000_000L;

  private final PrintStream err;
  private final boolean terminal;
  private final boolean quiet;
  private final String title;
  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private final long start = System.nanoTime();
  private @Nullable String stage;
  private long stageStart;
  private long lastShown;

  /**
   * A bar.
   *
   * @param title what is being done
   */
  public ProgressBar(Environment environment, boolean quiet, String title) {
    this.err = environment.err();
    this.terminal = environment.terminal();
    this.quiet = quiet;
    this.title = title;
  }

  @Override
  public void report(String current, double fraction) {
    long now = System.nanoTime();
    boolean begins = !current.equals(stage);
    if (begins) {
      endStage(now);
      stage = current;
      stageStart = now;
    }
    if (!quiet && (begins || now - lastShown > (terminal ? DRAW_NANOS : PRINT_NANOS))) {
      lastShown = now;
      show(current, fraction, now);
    }
  }

  private void show(String current, double fraction, long now) {
    int percent = (int) Math.floor(fraction * 100);
    if (terminal) {
      int full = (int) Math.round(fraction * WIDTH);
      err.printf(
          "\r\033[K%s [%s%s] %3d %%  %s  %.1f s",
          title,
          "#".repeat(full),
          ".".repeat(WIDTH - full),
          percent,
          current,
          (now - start) * 1e-9);
    } else {
      err.printf("%s: %3d %% %s%n", title, percent, current);
    }
    err.flush();
  }

  private void endStage(long now) {
    if (stage != null) {
      seconds.merge(stage, (now - stageStart) * 1e-9, Double::sum);
      stage = null;
    }
  }

  /** Ends the last stage; seconds of each, in order. */
  public Map<String, Double> seconds() {
    endStage(System.nanoTime());
    return seconds;
  }

  @Override
  public void close() {
    endStage(System.nanoTime());
    if (terminal && !quiet) {
      err.print("\r\033[K");
      err.flush();
    }
  }
}
