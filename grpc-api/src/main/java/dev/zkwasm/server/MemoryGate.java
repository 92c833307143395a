package dev.zkwasm.server;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;

/**
 * The memory that proofs under way may take together. A job waits here until what it needs is free;
 * who has waited longest goes first, so that a large job is not overtaken for ever. Thread-safe.
 */
final class MemoryGate {
  private static final long LOOK_MILLIS = 100;

  private final long limit;
  private final Deque<Object> waiting = new ArrayDeque<>();
  private long taken;

  MemoryGate(long limit) {
    this.limit = limit;
  }

  long limit() {
    return limit;
  }

  synchronized long taken() {
    return taken;
  }

  /**
   * Waits for room.
   *
   * @param bytes at most {@link #limit}
   * @param mayStop asked while waiting; what it throws ends the wait
   */
  synchronized void enter(long bytes, Runnable mayStop) {
    if (bytes > limit) {
      throw new IllegalArgumentException(bytes + " bytes never fit into " + limit);
    }
    Object me = new Object();
    waiting.addLast(me);
    try {
      while (waiting.peekFirst() != me || taken + bytes > limit) {
        mayStop.run();
        wait(LOOK_MILLIS);
      }
      taken += bytes;
    } catch (InterruptedException e) {
      // Only who closes the node interrupts its workers.
      Thread.currentThread().interrupt();
      throw new CancellationException();
    } finally {
      waiting.remove(me);
      notifyAll();
    }
  }

  synchronized void leave(long bytes) {
    taken -= bytes;
    notifyAll();
  }
}
