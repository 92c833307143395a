package dev.zkwasm.compute.cpu;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Fork and join over a fixed number of threads, the calling one included. Tasks are handed out one
 * by one, so uneven ones balance. An interrupt of the caller cancels the tasks that have not begun.
 */
final class Parallel implements AutoCloseable {
  /** What is done with a range of elements. */
  interface RangeBody {
    /** Works on elements {@code from..to-1}. */
    void run(int from, int to);
  }

  private final int threads;
  private final @Nullable ExecutorService executor;

  Parallel(int threads) {
    this.threads = threads;
    this.executor =
        threads == 1
            ? null
            : Executors.newFixedThreadPool(
                threads - 1, Thread.ofPlatform().daemon().name("zkwasm-cpu-", 0).factory());
  }

  int threads() {
    return threads;
  }

  /** Throws if the calling thread has been interrupted; the interrupt status stays set. */
  static void checkCancelled() {
    if (Thread.currentThread().isInterrupted()) {
      throw cancelled();
    }
  }

  private static CancellationException cancelled() {
    return new CancellationException("compute operation cancelled by an interrupt");
  }

  /**
   * Runs tasks {@code 0..tasks-1}. Every thread that takes part gets a worker of its own from the
   * supplier, which may hold scratch memory.
   */
  void run(int tasks, Supplier<? extends IntConsumer> workers) {
    checkCancelled();
    Batch batch = new Batch(tasks, workers);
    int helping = Math.min(threads, tasks) - 1;
    if (executor == null || helping <= 0) {
      batch.drain(true);
    } else {
      CountDownLatch done = new CountDownLatch(helping);
      for (int h = 0; h < helping; h++) {
        executor.execute(
            () -> {
              batch.drain(false);
              done.countDown();
            });
      }
      batch.drain(true);
      batch.await(done);
    }
    batch.rethrow();
  }

  /** One fork and join. */
  private static final class Batch {
    private final int tasks;
    private final Supplier<? extends IntConsumer> workers;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Batch(int tasks, Supplier<? extends IntConsumer> workers) {
      this.tasks = tasks;
      this.workers = workers;
    }

    /** Does tasks until there are none left or one has failed. */
    void drain(boolean caller) {
      try {
        IntConsumer worker = null;
        while (failure.get() == null) {
          int task = next.getAndIncrement();
          if (task >= tasks) {
            return;
          }
          if (caller) {
            checkCancelled();
          }
          if (worker == null) {
            worker = workers.get();
          }
          worker.accept(task);
        }
      } catch (Throwable e) {
        failure.compareAndSet(null, e);
      }
    }

    /** Waits for the helpers, always: they write to the operation's arrays. */
    void await(CountDownLatch done) {
      boolean interrupted = false;
      while (true) {
        try {
          done.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
          failure.compareAndSet(null, cancelled());
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    void rethrow() {
      Throwable e = failure.get();
      if (e instanceof RuntimeException r) {
        throw r;
      }
      if (e instanceof Error r) {
        throw r;
      }
    }
  }

  /**
   * Splits {@code 0..n-1} into ranges of {@link #rangeSize} elements, the last one shorter, and
   * runs them.
   */
  void ranges(int n, int grain, RangeBody body) {
    int size = rangeSize(n, grain);
    run(tasks(n, size), () -> t -> body.run(t * size, Math.min(n, t * size + size)));
  }

  /** A few ranges per thread, of at least {@code grain} elements and a multiple of it. */
  int rangeSize(int n, int grain) {
    // Even a single thread works in pieces, so that an interrupt is noticed.
    int pieces = threads == 1 ? 1 + (n >>> 18) : 4 * threads;
    long size = ((long) n + pieces - 1) / pieces;
    return (int) Math.max(grain, (size + grain - 1) / grain * grain);
  }

  /** The number of ranges of a size. */
  static int tasks(int n, int size) {
    return (int) (((long) n + size - 1) / size);
  }

  /** Ends the threads; running operations finish first. */
  @Override
  public void close() {
    if (executor != null) {
      executor.close();
    }
  }
}
