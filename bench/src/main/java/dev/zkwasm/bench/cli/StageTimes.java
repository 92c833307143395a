package dev.zkwasm.bench.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** Seconds by stage. One stage runs at any time, so that they add up to the whole. */
final class StageTimes {
  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private String stage = "";
  private long since = System.nanoTime();

  /** Ends the running stage and begins another, or goes on with the same. */
  void enter(String next) {
    if (!next.equals(stage)) {
      long now = System.nanoTime();
      if (!stage.isEmpty()) {
        seconds.merge(stage, (now - since) * 1e-9, Double::sum);
      }
      stage = next;
      since = now;
    }
  }

  /** Ends the running stage; the seconds of all, in the order in which they began. */
  Map<String, Double> end() {
    enter("");
    return seconds;
  }
}
