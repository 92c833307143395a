package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.Guest;
import dev.zkwasm.engine.Prepared;
import dev.zkwasm.engine.Progress;
import dev.zkwasm.engine.RecordedRun;
import dev.zkwasm.engine.Run;
import dev.zkwasm.engine.StatedProof;
import dev.zkwasm.isa.Call;
import dev.zkwasm.operation.Encodings;
import dev.zkwasm.proto.v1.Extension;
import dev.zkwasm.proto.v1.Failure;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.PostOp;
import dev.zkwasm.proto.v1.Proof;
import dev.zkwasm.proto.v1.StageTime;
import dev.zkwasm.store.JobStore;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on jobs: a bounded queue and a fixed number of worker threads. Holds what is secret of a
 * job (private input, trace) in memory until the job ends, then erases it. Thread-safe.
 */
final class JobRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobRunner.class);

  /** Progress within a stage is written down this often. */
  private static final long REPORT_NANOS = 100_000_000;

  private final Engine engine;
  private final ExtensionRegistry extensions;
  private final JobStore store;
  private final Limits limits;
  private final MemoryBudget budget;
  private final Clock clock;

  private final LinkedBlockingQueue<Work> queue;
  private final Map<String, Work> unfinished = new ConcurrentHashMap<>();
  private final Map<String, Set<Consumer<Job>>> watchers = new ConcurrentHashMap<>();
  private final List<Thread> workers = new ArrayList<>();
  private final ScheduledThreadPoolExecutor deadlines =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("job-deadlines").factory());

  /** Key of the hashes of secrets: without it a hash of a guessable secret would give it away. */
  private final byte[] salt = new byte[32];

  private volatile boolean closed;

  /** A job that has not ended. */
  private static final class Work {
    final String jobId;

    /** Private input of an Operation, or a trace file. */
    final byte[] secret;

    volatile boolean stopped;
    volatile @Nullable ScheduledFuture<?> deadline;

    Work(String jobId, byte[] secret) {
      this.jobId = jobId;
      this.secret = secret;
    }
  }

  JobRunner(
      Engine engine,
      ExtensionRegistry extensions,
      JobStore store,
      Limits limits,
      MemoryBudget budget,
      int workers,
      Clock clock) {
    this.engine = engine;
    this.extensions = extensions;
    this.store = store;
    this.limits = limits;
    this.budget = budget;
    this.clock = clock;
    this.queue = new LinkedBlockingQueue<>(limits.queuedJobs());
    new SecureRandom().nextBytes(salt);
    deadlines.setRemoveOnCancelPolicy(true);
    for (int i = 0; i < workers; i++) {
      this.workers.add(Thread.ofPlatform().daemon().name("job-worker-" + i).start(this::work));
    }
  }

  /** Queues an Operation that has been checked, for an Extension that is registered. */
  Job submit(
      Operation operation,
      ByteString processedBlockHash,
      ByteString feeRecipient,
      byte[] privateInput,
      @Nullable Instant deadline) {
    ByteString hash = ByteString.copyFrom(Encodings.operationHash(operation));
    ByteString context =
        ByteString.copyFrom(Encodings.context(hash, processedBlockHash, feeRecipient));
    Job.Builder job =
        Job.newBuilder()
            .setOperation(operation)
            .setOperationHash(hash)
            .setExtensionId(operation.getExtensionId())
            .setContext(context)
            // The frame of the result: what is known before the run.
            .setPostOp(
                PostOp.newBuilder()
                    .setOperationHash(hash)
                    .setExtensionId(operation.getExtensionId())
                    .setProcessedBlockHash(processedBlockHash)
                    .setFeeRecipient(feeRecipient));
    return enqueue(context, job, privateInput, deadline);
  }

  /** Queues a trace file. */
  Job submit(byte[] trace, @Nullable Instant deadline) {
    ByteString key = ByteString.copyFrom(Encodings.keccak256(salt, trace));
    return enqueue(key, Job.newBuilder(), trace, deadline);
  }

  private Job enqueue(
      ByteString key, Job.Builder builder, byte[] secret, @Nullable Instant deadline) {
    builder
        .setJobId(UUID.randomUUID().toString())
        .setState(Job.State.QUEUED)
        .setSubmittedAt(Messages.timestamp(clock.instant()));
    if (deadline != null) {
      builder.setDeadline(Messages.timestamp(deadline));
    }
    Job job = builder.build();
    ByteString fingerprint = ByteString.copyFrom(Encodings.keccak256(salt, secret));
    synchronized (this) {
      if (closed) {
        throw io.grpc.Status.UNAVAILABLE
            .withDescription("the node is shutting down")
            .asRuntimeException();
      }
      JobStore.Submission present = store.find(key).orElse(null);
      if (present == null) {
        if (queue.remainingCapacity() == 0) {
          throw Errors.exhausted(
              "the queue is full: %d jobs are waiting, the limit of this node"
                  .formatted(limits.queuedJobs()));
        }
        budget.take(secret.length);
        present = store.submit(key, fingerprint, job);
        if (present.added()) {
          Work work = new Work(job.getJobId(), secret);
          unfinished.put(work.jobId, work);
          if (deadline != null) {
            work.deadline =
                deadlines.schedule(
                    () -> expire(work),
                    Math.max(0, Duration.between(clock.instant(), deadline).toMillis()),
                    TimeUnit.MILLISECONDS);
          }
          // There is room: only this method adds, and it holds the lock.
          queue.add(work);
          LOG.info("job {} queued", job.getJobId());
          return job;
        }
        budget.give(secret.length);
      }
      if (!present.fingerprint().equals(fingerprint)) {
        throw io.grpc.Status.ALREADY_EXISTS
            .withDescription(
                "this Operation was submitted with another private input: job "
                    + present.job().getJobId())
            .asRuntimeException();
      }
      return present.job();
    }
  }

  Optional<Job> cancel(String jobId) {
    Work work = unfinished.get(jobId);
    Optional<Job> job = change(jobId, builder -> builder.setState(Job.State.CANCELLED));
    if (work != null) {
      stop(work);
    }
    return job;
  }

  private void expire(Work work) {
    change(
        work.jobId,
        job ->
            job.getState() == Job.State.QUEUED
                ? job.setState(Job.State.EXPIRED)
                : job.setState(Job.State.FAILED)
                    .setFailure(failure(Failure.Kind.DEADLINE, "the deadline passed")));
    stop(work);
  }

  /** Makes a worker drop the job at its next report, or frees it here if none has it. */
  private void stop(Work work) {
    work.stopped = true;
    if (queue.remove(work)) {
      release(work);
    }
  }

  private void release(Work work) {
    if (unfinished.remove(work.jobId, work)) {
      ScheduledFuture<?> deadline = work.deadline;
      if (deadline != null) {
        deadline.cancel(false);
      }
      Arrays.fill(work.secret, (byte) 0);
      budget.give(work.secret.length);
    }
  }

  /** Hears of every change of a job, from the thread that makes it, until it is closed. */
  AutoCloseable watch(String jobId, Consumer<Job> watcher) {
    watchers.compute(
        jobId,
        (id, present) -> {
          Set<Consumer<Job>> all = present == null ? new CopyOnWriteArraySet<>() : present;
          all.add(watcher);
          return all;
        });
    return () ->
        watchers.computeIfPresent(
            jobId,
            (id, all) -> {
              all.remove(watcher);
              return all.isEmpty() ? null : all;
            });
  }

  /** Changes a job that has not ended, and tells who watches it. */
  private Optional<Job> change(String jobId, UnaryOperator<Job.Builder> change) {
    Optional<Job> after =
        store.update(
            jobId,
            job -> {
              if (JobStore.hasEnded(job.getState())) {
                return job;
              }
              Job.Builder builder = change.apply(job.toBuilder());
              if (JobStore.hasEnded(builder.getState())) {
                builder.setEndedAt(Messages.timestamp(clock.instant()));
                if (builder.getState() != Job.State.SUCCEEDED) {
                  builder.clearPostOp();
                }
              }
              return builder.build();
            });
    after.ifPresent(
        job -> {
          Set<Consumer<Job>> all = watchers.get(jobId);
          if (all != null) {
            all.forEach(watcher -> watcher.accept(job));
          }
        });
    return after;
  }

  private static Failure failure(Failure.Kind kind, String message) {
    return Failure.newBuilder().setKind(kind).setMessage(message).build();
  }

  private void work() {
    while (!closed) {
      Work work;
      try {
        work = queue.take();
      } catch (InterruptedException e) {
        // Only close() interrupts.
        return;
      }
      try {
        work(work);
      } finally {
        release(work);
      }
    }
  }

  private void work(Work work) {
    try {
      Job job = store.get(work.jobId).orElseThrow();
      if (JobStore.hasEnded(job.getState())) {
        return;
      }
      new Task(work, job).run();
    } catch (CancellationException e) {
      // The state was set by whoever stopped it. A close() of the node finds the job unfinished.
      change(work.jobId, job -> job.setState(Job.State.CANCELLED));
    } catch (EngineException e) {
      fail(work, kindOf(e), Errors.message(e));
    } catch (OutOfMemoryError e) {
      fail(
          work,
          Failure.Kind.RESOURCE,
          "out of memory; the node may use %d MiB"
              .formatted(Runtime.getRuntime().maxMemory() >> 20));
    } catch (RuntimeException | Error e) {
      fail(work, Failure.Kind.INTERNAL, "internal error, reference " + Errors.logged(e));
    }
  }

  private void fail(Work work, Failure.Kind kind, String message) {
    LOG.info("job {} failed: {}", work.jobId, kind);
    // A replay that differs ends its message with the values expected and found, which may be
    // private.
    String shown =
        kind == Failure.Kind.INVALID_TRACE ? message.replaceFirst(": expected .*", "") : message;
    change(work.jobId, job -> job.setState(Job.State.FAILED).setFailure(failure(kind, shown)));
  }

  private static Failure.Kind kindOf(EngineException e) {
    return switch (e.kind()) {
      case BAD_TRACE, INVALID_TRACE -> Failure.Kind.INVALID_TRACE;
      case GAS_EXCEEDED -> Failure.Kind.GAS_EXCEEDED;
      case BAD_MODULE, UNSUPPORTED, BAD_CALL -> Failure.Kind.UNSUPPORTED;
      case RESOURCE -> Failure.Kind.RESOURCE;
      // The node's own proof does not verify: its fault, whatever the reason.
      case BAD_PROOF, INVALID_PROOF -> Failure.Kind.INTERNAL;
    };
  }

  /** One job on one worker. */
  private final class Task {
    private final Work work;
    private final Job job;
    private @Nullable String stage;
    private long stageStart;
    private long lastReport;

    Task(Work work, Job job) {
      this.work = work;
      this.job = job;
    }

    void run() {
      begin(Job.State.EXECUTING, "execute");
      Run run;
      byte[] context;
      if (job.hasOperation()) {
        run = execute(job.getOperation());
        context = job.getContext().toByteArray();
      } else {
        RecordedRun recorded = engine.replay(work.secret, limits.steps(), this::mayStop);
        run = recorded.run();
        context = recorded.context();
      }
      Prepared prepared = engine.prepare(run);
      change(
          work.jobId,
          builder ->
              builder
                  .setExtensionId(ByteString.copyFrom(run.guest().extensionId()))
                  .setContext(ByteString.copyFrom(context))
                  .setCost(Messages.cost(prepared)));
      begin(Job.State.PROVING, "prepare");
      byte[] file = engine.prove(prepared, context, this::proving);
      begin(Job.State.VERIFYING, "verify");
      StatedProof stated = engine.verify(run.guest(), file);
      endStage();
      change(work.jobId, builder -> succeeded(builder, stated, file));
      LOG.info("job {} succeeded: {} steps", work.jobId, run.trace().steps());
    }

    private Run execute(Operation operation) {
      Extension extension = extensions.get(operation.getExtensionId());
      Guest guest = extensions.guest(extension);
      Call call =
          new Call(
              extension.getEntryExport(),
              List.of(),
              operation.getData().toByteArray(),
              work.secret);
      long gas = operation.getGas();
      boolean nodeIsLower = Long.compareUnsigned(gas, limits.steps()) > 0;
      try {
        return engine.execute(guest, call, nodeIsLower ? limits.steps() : gas, this::mayStop);
      } catch (EngineException e) {
        if (nodeIsLower && e.kind() == EngineException.Kind.GAS_EXCEEDED) {
          throw new EngineException(
              EngineException.Kind.RESOURCE,
              "the run needs more than %d steps, the limit of this node".formatted(limits.steps()),
              e);
        }
        throw e;
      }
    }

    private Job.Builder succeeded(Job.Builder builder, StatedProof stated, byte[] file) {
      Proof proof = Messages.proof(stated, file, engine.info());
      builder
          .setState(Job.State.SUCCEEDED)
          .setFraction(1)
          .clearStage()
          .setStatement(Messages.statement(stated));
      if (job.hasOperation()) {
        builder.getPostOpBuilder().setProof(proof).setData(proof.getOutput());
      } else {
        builder.setProof(proof);
      }
      return builder;
    }

    private void begin(Job.State state, String firstStage) {
      endStage();
      stage = firstStage;
      stageStart = System.nanoTime();
      mayStop(firstStage, 0);
      change(
          work.jobId,
          builder -> {
            if (!builder.hasStartedAt()) {
              builder.setStartedAt(Messages.timestamp(clock.instant()));
            }
            return builder.setState(state).setStage(firstStage).setFraction(0);
          });
    }

    private void endStage() {
      if (stage != null) {
        String ended = stage;
        double seconds = (System.nanoTime() - stageStart) * 1e-9;
        change(work.jobId, builder -> addTime(builder, ended, seconds));
        stage = null;
      }
    }

    /** Stages of one name are one: the prover verifies its proof, and so does the node. */
    private static Job.Builder addTime(Job.Builder job, String stage, double seconds) {
      double before = 0;
      for (int i = 0; i < job.getStageTimesCount(); i++) {
        StageTime time = job.getStageTimes(i);
        if (time.getStage().equals(stage)) {
          before = time.getDuration().getSeconds() + time.getDuration().getNanos() * 1e-9;
          job.removeStageTimes(i);
          break;
        }
      }
      return job.addStageTimes(
          StageTime.newBuilder().setStage(stage).setDuration(Messages.duration(before + seconds)));
    }

    private void mayStop(String current, double fraction) {
      if (work.stopped || closed) {
        throw new CancellationException();
      }
    }

    private void proving(String current, double fraction) {
      mayStop(current, fraction);
      long now = System.nanoTime();
      if (!current.equals(stage)) {
        endStage();
        stage = current;
        stageStart = now;
      } else if (now - lastReport < REPORT_NANOS) {
        return;
      }
      lastReport = now;
      change(work.jobId, builder -> builder.setStage(current).setFraction(fraction));
    }
  }

  int queued() {
    return queue.size();
  }

  /** Cancels what waits and stops what runs; returns when all workers have stopped. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    deadlines.shutdownNow();
    List.copyOf(unfinished.keySet()).forEach(this::cancel);
    workers.forEach(Thread::interrupt);
    for (Thread worker : workers) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Hears of nothing but may stop the work when the calling client has gone. */
  static Progress untilCancelled(io.grpc.Context context) {
    return (stage, fraction) -> {
      if (context.isCancelled()) {
        throw new CancellationException();
      }
    };
  }
}
