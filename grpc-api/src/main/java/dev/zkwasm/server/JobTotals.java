package dev.zkwasm.server;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What has been proven in the last hour, for the status page. Thread-safe. */
final class JobTotals {
  private static final Duration KEPT = Duration.ofMinutes(61);
  private static final int MAX = 100_000;

  private final Deque<Proven> proven = new ArrayDeque<>();

  /** A job that succeeded. */
  record Proven(Instant at, long steps) {}

  synchronized void add(Instant at, long steps) {
    proven.addLast(new Proven(at, steps));
    while (proven.size() > MAX || proven.getFirst().at().isBefore(at.minus(KEPT))) {
      proven.removeFirst();
    }
  }

  synchronized List<Proven> since(Instant time) {
    return proven.stream().filter(each -> !each.at().isBefore(time)).toList();
  }
}
