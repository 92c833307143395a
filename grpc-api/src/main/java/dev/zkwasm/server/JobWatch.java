package dev.zkwasm.server;

import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.store.JobStore;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One WatchJob stream. Keeps only the newest state while the client is not ready for more, so that
 * a slow client costs nothing and misses nothing but progress in between.
 */
final class JobWatch {
  private final ServerCallStreamObserver<Job> observer;
  private @Nullable Job pending;
  private boolean heard;
  private boolean waking;
  private @Nullable AutoCloseable subscription;
  private boolean ended;

  private JobWatch(ServerCallStreamObserver<Job> observer) {
    this.observer = observer;
  }

  /**
   * @param current reads the job, as it is shown; may throw the status to answer with
   */
  static void start(
      JobRunner runner,
      String jobId,
      Supplier<Job> current,
      ServerCallStreamObserver<Job> observer) {
    JobWatch watch = new JobWatch(observer);
    observer.setOnReadyHandler(watch::send);
    observer.setOnCancelHandler(watch::end);
    // Subscribed before it is read, so that no change falls between.
    synchronized (watch) {
      watch.subscription = runner.watch(jobId, watch::offer);
    }
    Job job;
    try {
      job = current.get();
    } catch (RuntimeException e) {
      watch.end();
      observer.onError(Errors.of(e, "job_id"));
      return;
    }
    watch.begin(job);
  }

  /** What was heard meanwhile is newer than what was read. */
  private synchronized void begin(Job job) {
    if (!heard) {
      pending = job;
      send();
    }
  }

  private synchronized void offer(@Nullable Job job) {
    heard = true;
    if (job == null) {
      stop();
      return;
    }
    if (pending == null || !JobStore.hasEnded(pending.getState())) {
      pending = job;
    }
    if (!waking && !ended) {
      waking = true;
      // Who changes a job, most often the thread that proves it, must not wait for who watches.
      Thread.startVirtualThread(this::wake);
    }
  }

  private synchronized void wake() {
    waking = false;
    send();
  }

  /** The node stops: the last that is known, then why there is no more. */
  private void stop() {
    Job job = pending;
    if (ended) {
      return;
    }
    end();
    if (job != null) {
      observer.onNext(job);
      if (JobStore.hasEnded(job.getState())) {
        observer.onCompleted();
        return;
      }
    }
    observer.onError(
        Status.UNAVAILABLE
            .withDescription("the node is shutting down; the job goes on after its restart")
            .asRuntimeException());
  }

  private synchronized void send() {
    Job job = pending;
    if (ended || job == null || !observer.isReady()) {
      return;
    }
    pending = null;
    observer.onNext(job);
    if (JobStore.hasEnded(job.getState())) {
      end();
      observer.onCompleted();
    }
  }

  private synchronized void end() {
    ended = true;
    if (subscription != null) {
      try {
        subscription.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      subscription = null;
    }
  }
}
