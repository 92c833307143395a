package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JobQueueTest {
  private long now;
  private final JobQueue queue = new JobQueue(() -> now);

  private record Entry(String client, int priority, @Nullable Instant deadline, long order)
      implements JobQueue.Entry {}

  private Entry add(String client, int priority, @Nullable Instant deadline, long order) {
    Entry entry = new Entry(client, priority, deadline, order);
    queue.add(entry);
    return entry;
  }

  private JobQueue.Entry take() throws InterruptedException {
    return Objects.requireNonNull(queue.take());
  }

  /** Works on what waits, one after another, a second each. */
  private List<Long> drain() throws InterruptedException {
    List<Long> orders = new ArrayList<>();
    while (queue.size() > 0) {
      JobQueue.Entry entry = take();
      now += TimeUnit.SECONDS.toNanos(1);
      queue.done(entry);
      orders.add(entry.order());
    }
    return orders;
  }

  private void hasHad(String client, long seconds) throws InterruptedException {
    add(client, 0, null, 0);
    JobQueue.Entry entry = take();
    now += TimeUnit.SECONDS.toNanos(seconds);
    queue.done(entry);
  }

  @Test
  void aClientsJobsGoByPriorityThenDeadlineThenAge() throws InterruptedException {
    add("a", 0, null, 1);
    add("a", 0, Instant.ofEpochSecond(20), 2);
    add("a", 0, Instant.ofEpochSecond(10), 3);
    add("a", 5, null, 4);
    add("a", -5, Instant.ofEpochSecond(1), 5);
    add("a", 0, null, 6);
    assertEquals(List.of(4L, 3L, 2L, 1L, 6L, 5L), drain());
  }

  /** However many jobs one client has, and however urgent, another's is not kept waiting. */
  @Test
  void clientsShare() throws InterruptedException {
    for (int i = 1; i <= 6; i++) {
      add("greedy", 100, Instant.EPOCH, i);
    }
    add("modest", 0, null, 7);
    add("modest", 0, null, 8);
    assertEquals(List.of(1L, 7L, 2L, 8L, 3L, 4L, 5L, 6L), drain());
  }

  @Test
  void whatAClientHasHadIsForgotten() throws InterruptedException {
    hasHad("heavy", 1000);
    hasHad("light", 2);
    add("heavy", 0, null, 1);
    add("light", 0, null, 2);
    JobQueue.Entry light = take();
    assertEquals(2, light.order());
    now += TimeUnit.HOURS.toNanos(3);
    queue.done(light);
    add("light", 0, null, 3);
    assertEquals(1, take().order());
  }

  /** What runs counts already, or a client with long jobs would have all workers. */
  @Test
  void jobsUnderWayCount() throws InterruptedException {
    add("greedy", 0, null, 1);
    add("greedy", 0, null, 2);
    add("greedy", 0, null, 3);
    add("modest", 0, null, 4);
    add("modest", 0, null, 5);
    JobQueue.Entry first = take();
    assertEquals(1, first.order());
    assertEquals(4, take().order());
    now += TimeUnit.MINUTES.toNanos(1);
    JobQueue.Entry second = take();
    assertEquals(2, second.order());
    // One has done two minutes' work by now, the other one.
    now += TimeUnit.MINUTES.toNanos(1);
    queue.done(first);
    queue.done(second);
    assertEquals(5, take().order());
    assertThrows(IllegalStateException.class, () -> queue.done(first));
  }

  @Test
  void removesAndCloses() throws InterruptedException {
    Entry first = add("a", 0, null, 1);
    add("b", 0, null, 2);
    assertEquals(1, queue.size("a"));
    assertTrue(queue.remove(first));
    assertFalse(queue.remove(first));
    assertEquals(1, queue.size());
    queue.close();
    assertNull(queue.take());
  }
}
