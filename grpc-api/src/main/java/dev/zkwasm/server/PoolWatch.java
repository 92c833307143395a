package dev.zkwasm.server;

import dev.zkwasm.store.JobStore.Numbered;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a pool. Remembers only how far it has come, and reads on in the store when the
 * client is ready for more: a slow client costs nothing and misses nothing that is still there.
 */
final class PoolWatch<T> {
  private final ServerCallStreamObserver<T> observer;
  private final JobRunner runner;
  private final Reader reader;
  private final Function<Numbered, @Nullable T> message;
  private final AtomicBoolean wanted = new AtomicBoolean();
  private long after;
  private @Nullable AutoCloseable subscription;
  private boolean ended;

  /** Reads what a pool holds after a number. */
  interface Reader {
    List<Numbered> read(long after, int size);
  }

  private PoolWatch(
      JobRunner runner,
      long after,
      Reader reader,
      Function<Numbered, @Nullable T> message,
      ServerCallStreamObserver<T> observer) {
    this.runner = runner;
    this.after = after;
    this.reader = reader;
    this.message = message;
    this.observer = observer;
  }

  /**
   * @param message null for what the client has not asked for
   */
  static <T> void start(
      JobRunner runner,
      long after,
      Reader reader,
      Function<Numbered, @Nullable T> message,
      ServerCallStreamObserver<T> observer) {
    PoolWatch<T> watch = new PoolWatch<>(runner, after, reader, message, observer);
    observer.setOnReadyHandler(watch::wake);
    observer.setOnCancelHandler(watch::end);
    synchronized (watch) {
      // Only wakes a thread: who changes a job must not wait for who watches.
      watch.subscription = runner.watchPools(() -> Thread.startVirtualThread(watch::wake));
    }
    watch.wake();
  }

  private void wake() {
    // Many changes while one thread reads are one reason to read again.
    if (!wanted.getAndSet(true)) {
      send();
    }
  }

  private synchronized void send() {
    try {
      while (!ended && wanted.getAndSet(false)) {
        if (runner.isClosed()) {
          end();
          observer.onError(
              Status.UNAVAILABLE.withDescription("the node is shutting down").asRuntimeException());
          return;
        }
        while (!ended && observer.isReady()) {
          Numbered next = reader.read(after, 1).stream().findFirst().orElse(null);
          if (next == null) {
            break;
          }
          after = next.number();
          T one = message.apply(next);
          if (one != null) {
            observer.onNext(one);
          }
        }
      }
    } catch (RuntimeException e) {
      end();
      observer.onError(Errors.of(e, ""));
    }
  }

  private synchronized void end() {
    ended = true;
    AutoCloseable open = subscription;
    subscription = null;
    if (open != null) {
      try {
        open.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
