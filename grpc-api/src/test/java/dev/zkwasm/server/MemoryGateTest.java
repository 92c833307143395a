package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MemoryGateTest {
  private final MemoryGate gate = new MemoryGate(100);
  private final BlockingQueue<String> entered = new LinkedBlockingQueue<>();
  private final AtomicBoolean stopped = new AtomicBoolean();

  /**
   * @return opened once it waits, or has entered
   */
  private CountDownLatch begin(String name, long bytes) {
    CountDownLatch begun = new CountDownLatch(1);
    Thread.startVirtualThread(
        () -> {
          try {
            gate.enter(
                bytes,
                () -> {
                  begun.countDown();
                  if (stopped.get()) {
                    throw new CancellationException();
                  }
                });
            entered.add(name);
          } catch (CancellationException e) {
            entered.add(name + " stopped");
          } finally {
            begun.countDown();
          }
        });
    return begun;
  }

  private String next() throws InterruptedException {
    return String.valueOf(entered.poll(20, TimeUnit.SECONDS));
  }

  /** Room for the small one does not let it pass the large one that waits. */
  @Test
  void whoHasWaitedLongestGoesFirst() throws InterruptedException {
    gate.enter(60, () -> {});
    begin("large", 90).await();
    begin("small", 10).await();
    TimeUnit.MILLISECONDS.sleep(300);
    assertTrue(entered.isEmpty());
    gate.leave(60);
    assertEquals("large", next());
    assertEquals("small", next());
    assertEquals(100, gate.taken());
  }

  @Test
  void whoIsStoppedMakesRoom() throws InterruptedException {
    gate.enter(60, () -> {});
    begin("large", 90).await();
    stopped.set(true);
    assertEquals("large stopped", next());
    stopped.set(false);
    begin("small", 40).await();
    assertEquals("small", next());
    assertThrows(IllegalArgumentException.class, () -> gate.enter(101, () -> {}));
    assertEquals(100, gate.taken());
  }

  @Test
  void neverLetsInTooMuch() throws Exception {
    AtomicLong inside = new AtomicLong();
    AtomicBoolean tooMuch = new AtomicBoolean();
    AtomicLong passed = new AtomicLong();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        threads.submit(
            () -> {
              for (int n = 0; n < 50; n++) {
                long bytes = 1 + ThreadLocalRandom.current().nextInt(100);
                gate.enter(bytes, () -> {});
                if (inside.addAndGet(bytes) > 100) {
                  tooMuch.set(true);
                }
                Thread.yield();
                inside.addAndGet(-bytes);
                gate.leave(bytes);
                passed.incrementAndGet();
              }
            });
      }
    }
    assertFalse(tooMuch.get());
    assertEquals(20 * 50, passed.get());
    assertEquals(0, gate.taken());
  }
}
