package dev.zkwasm.compute.cpu;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Fork and join over a fixed number of threads, the calling one included. Tasks are handed out one
 * by one, so uneven ones balance. An interrupt of the caller cancels the tasks that have not begun.
 *
 * <p>A short proof forks thousands of times, for some ten microseconds of work each, and waking a
 * thread takes longer than that. So threads that wait look for work a while before they sleep, and
 * nobody waits for a helper that has not begun.
 */
final class Parallel implements AutoCloseable {
  /** What is done with a range of elements. */
  interface RangeBody {
    /** Works on elements {@code from..to-1}. */
    void run(int from, int to);
  }

  /** How long a thread looks for work before it sleeps. */
  private static final long SPIN_NANOS = 50_000;

  private final int threads;
  private final @Nullable ThreadPoolExecutor executor;

  Parallel(int threads) {
    this.threads = threads;
    this.executor =
        threads == 1
            ? null
            : new ThreadPoolExecutor(
                threads - 1,
                threads - 1,
                0,
                TimeUnit.SECONDS,
                new SpinningQueue(),
                Thread.ofPlatform().daemon().name("zkwasm-cpu-", 0).factory());
  }

  /** A queue whose takers look for an element a while before they sleep. */
  private static final class SpinningQueue extends LinkedBlockingQueue<Runnable> {
    private static final long serialVersionUID = 1L;

    @Override
    public Runnable take() throws InterruptedException {
      long start = System.nanoTime();
      do {
        Runnable found = poll();
        if (found != null) {
          return found;
        }
        Thread.onSpinWait();
      } while (System.nanoTime() - start < SPIN_NANOS);
      return super.take();
    }
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
      Helper[] helpers = new Helper[helping];
      for (int h = 0; h < helping; h++) {
        helpers[h] = new Helper(batch, done);
        executor.execute(helpers[h]);
      }
      batch.drain(true);
      for (Helper helper : helpers) {
        if (helper.begin()) {
          executor.remove(helper);
          done.countDown();
        }
      }
      batch.await(done);
    }
    batch.rethrow();
  }

  /** Takes part in a batch, unless the caller has done all of it before this one begins. */
  private static final class Helper implements Runnable {
    private final Batch batch;
    private final CountDownLatch done;
    private final AtomicBoolean begun = new AtomicBoolean();

    Helper(Batch batch, CountDownLatch done) {
      this.batch = batch;
      this.done = done;
    }

    /** Whether it had not begun; from now on it has. */
    boolean begin() {
      return begun.compareAndSet(false, true);
    }

    @Override
    public void run() {
      if (begin()) {
        batch.drain(false);
        done.countDown();
      }
    }
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
      long start = System.nanoTime();
      while (done.getCount() > 0 && System.nanoTime() - start < SPIN_NANOS) {
        Thread.onSpinWait();
      }
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
