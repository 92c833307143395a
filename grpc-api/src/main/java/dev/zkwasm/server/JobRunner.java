package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.Prepared;
import dev.zkwasm.engine.Progress;
import dev.zkwasm.operation.Encodings;
import dev.zkwasm.proto.v1.Failure;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.PostOp;
import dev.zkwasm.store.JobStore;
import dev.zkwasm.store.SealedFiles;
import dev.zkwasm.store.StoreException;
import dev.zkwasm.store.StoreFullException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on jobs: a bounded queue and a fixed number of worker threads. What is secret of a job
 * (private input, trace) lies in a sealed file until the job ends, and is erased then. Jobs that
 * had not ended when the process did are queued again. Thread-safe.
 */
final class JobRunner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobRunner.class);

  /**
   * A job that was under way so often when the process died is given up: it may be what kills the
   * process.
   */
  private static final int MAX_ATTEMPTS = 3;

  /** Between attempts to store what the store did not take. */
  private static final long RETRY_MILLIS = 1000;

  /** The field of the log that has a job's id. */
  private static final String JOB = "job";

  private final Engine engine;
  private final ExtensionRegistry extensions;
  private final JobStore store;
  private final SealedFiles secrets;
  private final Limits limits;
  private final Fees fees;
  private final Telemetry telemetry;
  private final Clock clock;

  private final JobTotals totals = new JobTotals();
  private final JobQueue queue = new JobQueue(System::nanoTime);
  private final MemoryGate memory;
  private final Map<String, Work> unfinished = new ConcurrentHashMap<>();
  private final Map<String, Set<Watcher>> watchers = new ConcurrentHashMap<>();
  private final List<Runnable> poolListeners = new CopyOnWriteArrayList<>();
  private final List<Thread> workers = new ArrayList<>();
  private final ScheduledThreadPoolExecutor deadlines =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("job-deadlines").factory());

  /** Memory of jobs that have not ended. */
  private final MemoryBudget held;

  /** Submissions that have a place in the queue, and are being stored, by client. */
  private final Map<String, Integer> entering = new HashMap<>();

  private long order;
  private volatile boolean closed;

  /** Notified when {@link #closed} is set. */
  private final Object closing = new Object();

  /** A job that has not ended. */
  static final class Work implements JobQueue.Entry {
    final String jobId;

    /** Name of the sealed file with the private input of an Operation, or the trace. */
    final String secret;

    private final String client;
    private final int priority;
    private final @Nullable Instant deadline;
    private final long order;
    private final long bytes;
    volatile boolean stopped;
    private volatile @Nullable ScheduledFuture<?> alarm;

    /** The worker that has it. */
    private volatile @Nullable Thread worker;

    private Work(Job job, String secret, long order) {
      this.jobId = job.getJobId();
      this.secret = secret;
      this.client = job.getClient();
      this.priority = job.getPriority();
      this.deadline = job.hasDeadline() ? Messages.instant(job.getDeadline()) : null;
      this.order = order;
      this.bytes = job.getSerializedSize();
    }

    @Override
    public String client() {
      return client;
    }

    @Override
    public int priority() {
      return priority;
    }

    @Override
    public @Nullable Instant deadline() {
      return deadline;
    }

    @Override
    public long order() {
      return order;
    }
  }

  /** Hears of a job. */
  @FunctionalInterface
  interface Watcher {
    /**
     * @param job as it is now, and as it is shown; null when the node stops
     */
    void accept(@Nullable Job job);
  }

  /** How a job is to be treated. */
  record Terms(String client, int priority, long maxFee, @Nullable Instant deadline) {}

  JobRunner(
      Engine engine,
      ExtensionRegistry extensions,
      JobStore store,
      SealedFiles secrets,
      ServerConfig config,
      Telemetry telemetry,
      Clock clock) {
    this.engine = engine;
    this.extensions = extensions;
    this.store = store;
    this.secrets = secrets;
    this.limits = config.limits();
    this.fees = config.fees();
    this.telemetry = telemetry;
    this.clock = clock;
    this.memory = new MemoryGate(limits.provingBytes());
    this.held = new MemoryBudget(limits.heldBytes());
    deadlines.setRemoveOnCancelPolicy(true);
    store.unfinished().forEach(this::resume);
    for (int i = 0; i < config.workers(); i++) {
      workers.add(Thread.ofPlatform().daemon().name("job-worker-" + i).start(this::work));
    }
  }

  private static void log(Job job, Runnable line) {
    LogFields.with(JOB, job.getJobId(), line);
  }

  private void resume(JobStore.Unfinished left) {
    Job job = left.job();
    if (job.getAttempts() >= MAX_ATTEMPTS) {
      log(job, () -> LOG.error("given up: the node died {} times over it", MAX_ATTEMPTS));
      change(
          job.getJobId(),
          builder ->
              failed(
                  builder,
                  Failure.Kind.INTERNAL,
                  "the node died %d times while it was being worked on".formatted(MAX_ATTEMPTS)));
      secrets.erase(left.secret());
      return;
    }
    log(job, () -> LOG.info("queued again after a restart attempts={}", job.getAttempts()));
    Work work = new Work(job, left.secret(), order++);
    held.keep(work.bytes);
    enqueue(work);
  }

  /** Queues an Operation that has been checked, for an Extension that is registered. */
  Job submit(
      Operation operation,
      ByteString processedBlockHash,
      ByteString feeRecipient,
      byte[] privateInput,
      Terms terms) {
    ByteString hash = ByteString.copyFrom(Encodings.operationHash(operation));
    ByteString context =
        ByteString.copyFrom(Encodings.context(hash, processedBlockHash, feeRecipient));
    long steps = unsignedMin(operation.getGas(), limits.steps());
    Job.Builder job =
        Job.newBuilder()
            .setOperation(operation)
            .setOperationHash(hash)
            .setExtensionId(operation.getExtensionId())
            .setContext(context)
            .setFee(fees.of(steps))
            // The frame of the result: what is known before the run.
            .setPostOp(
                PostOp.newBuilder()
                    .setOperationHash(hash)
                    .setExtensionId(operation.getExtensionId())
                    .setProcessedBlockHash(processedBlockHash)
                    .setFeeRecipient(feeRecipient));
    ByteString fingerprint = ByteString.copyFrom(secrets.fingerprint(privateInput));
    JobStore.Submission present = store.find(terms.client(), context).orElse(null);
    if (present != null) {
      return same(present, fingerprint);
    }
    requireRoom(terms.client());
    String secret = sealed(privateInput);
    return submit(context, fingerprint, secret, job, terms);
  }

  private static long unsignedMin(long a, long b) {
    return Long.compareUnsigned(a, b) < 0 ? a : b;
  }

  private String sealed(byte[] privateInput) {
    try {
      return secrets.seal(privateInput);
    } catch (StoreFullException e) {
      throw Errors.exhausted(Errors.message(e));
    }
  }

  /**
   * Queues a trace.
   *
   * @param sealed name of its file, which is this runner's from now on, whatever happens
   */
  Job submitTrace(String sealed, Terms terms) {
    boolean done = false;
    try {
      ByteString key = ByteString.copyFrom(secrets.fingerprint(sealed));
      JobStore.Submission present = store.find(terms.client(), key).orElse(null);
      if (present == null) {
        requireRoom(terms.client());
      }
      done = true;
      return submit(key, key, sealed, Job.newBuilder().setFee(fees.of(limits.steps())), terms);
    } finally {
      if (!done) {
        secrets.erase(sealed);
      }
    }
  }

  private synchronized void requireRoom(String client) {
    if (closed) {
      throw io.grpc.Status.UNAVAILABLE
          .withDescription("the node is shutting down")
          .asRuntimeException();
    }
    if (queue.size() + entering.values().stream().mapToInt(n -> n).sum() >= limits.queuedJobs()) {
      throw Errors.exhausted(
          "the queue is full: %d jobs are waiting, the limit of this node"
              .formatted(limits.queuedJobs()));
    }
    if (queue.size(client) + entering.getOrDefault(client, 0) >= limits.queuedJobsPerClient()) {
      throw Errors.exhausted(
          "%d jobs of this client are waiting, the limit for one client"
              .formatted(limits.queuedJobsPerClient()));
    }
  }

  /** Stores and queues a job, or returns the one that its key has. */
  private Job submit(
      ByteString key, ByteString fingerprint, String secret, Job.Builder builder, Terms terms) {
    builder
        .setJobId(UUID.randomUUID().toString())
        .setState(Job.State.QUEUED)
        .setClient(terms.client())
        .setPriority(terms.priority())
        .setMaxFee(terms.maxFee())
        .setSubmittedAt(Messages.timestamp(clock.instant()));
    if (terms.deadline() != null) {
      builder.setDeadline(Messages.timestamp(terms.deadline()));
    }
    Job job = builder.build();
    Work work = enter(job, secret);
    JobStore.Submission submission;
    boolean kept = false;
    try {
      // Not under a lock: many at the same time share what the disk takes.
      submission = store.submit(key, fingerprint, secret, job);
      kept = submission.added();
    } finally {
      entered(work, kept);
    }
    if (!kept) {
      return same(submission, fingerprint);
    }
    log(job, () -> LOG.info("queued client={} priority={}", job.getClient(), job.getPriority()));
    telemetry.submitted();
    poolListeners.forEach(Runnable::run);
    return job;
  }

  /** Gives a job a place in the queue, or refuses it; what it brings is erased then. */
  private Work enter(Job job, String secret) {
    boolean done = false;
    try {
      synchronized (this) {
        // Again, now that nobody else takes a place.
        requireRoom(job.getClient());
        Work work = new Work(job, secret, order++);
        held.take(work.bytes);
        entering.merge(work.client, 1, Integer::sum);
        done = true;
        return work;
      }
    } finally {
      if (!done) {
        secrets.erase(secret);
      }
    }
  }

  /**
   * @param kept whether it is in the store, and goes to its place
   */
  private void entered(Work work, boolean kept) {
    synchronized (this) {
      entering.computeIfPresent(work.client, (client, n) -> n == 1 ? null : n - 1);
      if (kept) {
        enqueue(work);
      }
    }
    if (!kept) {
      held.give(work.bytes);
      secrets.erase(work.secret);
    }
  }

  private static Job same(JobStore.Submission present, ByteString fingerprint) {
    if (!present.fingerprint().equals(fingerprint)) {
      throw io.grpc.Status.ALREADY_EXISTS
          .withDescription(
              "this Operation was submitted with another private input: job "
                  + present.job().getJobId())
          .asRuntimeException();
    }
    return present.job();
  }

  private void enqueue(Work work) {
    unfinished.put(work.jobId, work);
    Instant deadline = work.deadline;
    if (deadline != null) {
      // Far enough for a deadline, and near enough for the clock of the executor.
      Duration left = Duration.between(clock.instant(), deadline);
      long millis =
          left.isNegative()
              ? 0
              : Math.min(left.toSeconds(), Integer.MAX_VALUE) * 1000 + left.toMillisPart();
      work.alarm = deadlines.schedule(() -> expire(work), millis, TimeUnit.MILLISECONDS);
    }
    queue.add(work);
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
                : failed(job, Failure.Kind.DEADLINE, "the deadline passed"));
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
      held.give(work.bytes);
      ScheduledFuture<?> alarm = work.alarm;
      if (alarm != null) {
        alarm.cancel(false);
      }
      boolean ended =
          store.get(work.jobId).map(job -> JobStore.hasEnded(job.getState())).orElse(true);
      // A job that a closing node gives up goes on after the restart.
      if (ended) {
        secrets.erase(work.secret);
      }
    }
  }

  /** Hears of every change of a job, from the thread that makes it, until it is closed. */
  AutoCloseable watch(String jobId, Watcher watcher) {
    watchers.compute(
        jobId,
        (id, present) -> {
          Set<Watcher> all = present == null ? new CopyOnWriteArraySet<>() : present;
          all.add(watcher);
          return all;
        });
    if (closed) {
      watcher.accept(null);
    }
    return () ->
        watchers.computeIfPresent(
            jobId,
            (id, all) -> {
              all.remove(watcher);
              return all.isEmpty() ? null : all;
            });
  }

  /** Hears when the pools have changed, until it is closed. */
  AutoCloseable watchPools(Runnable listener) {
    poolListeners.add(listener);
    return () -> poolListeners.remove(listener);
  }

  /** Streams of jobs and of pools that are open. */
  int watching() {
    return watchers.values().stream().mapToInt(Set::size).sum() + poolListeners.size();
  }

  /** Changes a job that has not ended, and tells who watches it. */
  Optional<Job> change(String jobId, UnaryOperator<Job.Builder> change) {
    boolean[] ended = new boolean[1];
    Optional<Job> after =
        store.update(
            jobId,
            job -> {
              Job.Builder builder = change.apply(job.toBuilder());
              if (JobStore.hasEnded(builder.getState())) {
                ended[0] = true;
                builder.setEndedAt(Messages.timestamp(clock.instant()));
                if (builder.getState() != Job.State.SUCCEEDED) {
                  builder.clearPostOp();
                }
              }
              return builder.build();
            });
    if (ended[0]) {
      eraseSecret(unfinished.get(jobId));
    }
    after.ifPresent(
        job -> {
          Set<Watcher> all = watchers.get(jobId);
          if (all != null) {
            Job shown = ProverService.shown(job);
            all.forEach(watcher -> watcher.accept(shown));
          }
          if (ended[0]) {
            log(
                job,
                () ->
                    LOG.info(
                        "state={} failure={} steps={}",
                        job.getState(),
                        job.hasFailure() ? job.getFailure().getKind() : "",
                        job.getCost().getSteps()));
            telemetry.ended(job);
            if (job.getState() == Job.State.SUCCEEDED) {
              totals.add(clock.instant(), job.getCost().getSteps());
            }
            poolListeners.forEach(Runnable::run);
          }
        });
    return after;
  }

  /**
   * Before anybody hears of the end, where this thread may: a worker that has been told to stop may
   * still be reading, and {@link #release} erases when it has let go.
   */
  private void eraseSecret(@Nullable Work work) {
    if (work != null && (work.worker == null || work.worker == Thread.currentThread())) {
      secrets.erase(work.secret);
    }
  }

  private static Job.Builder failed(Job.Builder job, Failure.Kind kind, String message) {
    return job.setState(Job.State.FAILED)
        .setFailure(Failure.newBuilder().setKind(kind).setMessage(message));
  }

  private void work() {
    while (true) {
      Work work;
      try {
        work = (Work) queue.take();
      } catch (InterruptedException e) {
        // Only close() interrupts.
        return;
      }
      if (work == null) {
        return;
      }
      work.worker = Thread.currentThread();
      try {
        LogFields.with(JOB, work.jobId, () -> work(work));
      } finally {
        queue.done(work);
        releaseQuietly(work);
      }
    }
  }

  private void releaseQuietly(Work work) {
    try {
      release(work);
    } catch (RuntimeException e) {
      // The worker must live; the next start erases what is left over.
      Errors.logged(e);
    }
  }

  private void work(Work work) {
    try {
      Job job = store.get(work.jobId).orElse(null);
      if (job == null || JobStore.hasEnded(job.getState())) {
        return;
      }
      new JobTask(work, job, this).run();
    } catch (CancellationException e) {
      // The state was set by whoever stopped it, if it was not the end of the node.
      giveBack(work);
    } catch (EngineException e) {
      fail(work, kindOf(e), Errors.message(e));
    } catch (JobTask.Refusal e) {
      fail(work, e.kind(), Errors.message(e));
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
    if (closed) {
      // The end of the node may be why. The job is begun again by its next start.
      giveBack(work);
      return;
    }
    // A replay that differs ends its message with the values expected and found, which may be
    // private.
    String shown =
        kind == Failure.Kind.INVALID_TRACE ? message.replaceFirst(": expected .*", "") : message;
    try {
      insist(work, job -> failed(job, kind, shown));
    } catch (CancellationException e) {
      giveBack(work);
    }
  }

  /**
   * Changes a job that a worker has, on the disk. Where the store does not work, a full disk for
   * instance, this waits until it does: the next job would fare no better.
   *
   * @throws CancellationException if the node is closed, or the job stopped, before that
   */
  void insist(Work work, UnaryOperator<Job.Builder> change) {
    while (true) {
      try {
        change(work.jobId, change);
        return;
      } catch (StoreException e) {
        LOG.error("cannot be stored as it is now; tried again", e);
      }
      synchronized (closing) {
        try {
          closing.wait(RETRY_MILLIS);
        } catch (InterruptedException e) {
          // Only who closes the node interrupts its workers.
          throw new CancellationException();
        }
      }
      if (closed || work.stopped) {
        throw new CancellationException();
      }
    }
  }

  /**
   * Where the node closes over a job: that it was begun does not count, as if it had died over it.
   */
  private void giveBack(Work work) {
    if (!closed || work.stopped) {
      return;
    }
    try {
      store.update(
          work.jobId,
          job ->
              job.getState() == Job.State.QUEUED
                  ? job
                  : job.toBuilder()
                      .setState(Job.State.QUEUED)
                      .setAttempts(job.getAttempts() - 1)
                      .build());
    } catch (RuntimeException e) {
      // It counts, then.
      Errors.logged(e);
    }
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

  Engine engine() {
    return engine;
  }

  ExtensionRegistry extensions() {
    return extensions;
  }

  SealedFiles secrets() {
    return secrets;
  }

  Limits limits() {
    return limits;
  }

  Fees fees() {
    return fees;
  }

  MemoryGate memory() {
    return memory;
  }

  JobTotals totals() {
    return totals;
  }

  Telemetry telemetry() {
    return telemetry;
  }

  Instant now() {
    return clock.instant();
  }

  boolean isClosed() {
    return closed;
  }

  int queued() {
    return queue.size();
  }

  /** Memory that jobs which have not ended take. */
  long heldBytes() {
    return held.held();
  }

  /** Stops what runs; returns when all workers have stopped. Jobs that have not ended stay so. */
  @Override
  public void close() {
    closed = true;
    synchronized (closing) {
      closing.notifyAll();
    }
    deadlines.shutdownNow();
    queue.close();
    for (Thread worker : workers) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    List.copyOf(watchers.values()).forEach(all -> all.forEach(watcher -> watcher.accept(null)));
    poolListeners.forEach(Runnable::run);
  }

  /** Hears of nothing but may stop the work when the calling client has gone. */
  static Progress untilCancelled(io.grpc.Context context) {
    return (stage, fraction) -> {
      if (context.isCancelled()) {
        throw new CancellationException();
      }
    };
  }

  /** What a run costs, and is expected to take. */
  Job.Builder estimated(Job.Builder job, Prepared prepared) {
    return job.setCost(Messages.cost(prepared))
        .setFee(fees.of(prepared.run().trace().steps()))
        .setEstimate(
            dev.zkwasm.proto.v1.Estimate.newBuilder()
                .setTime(Messages.duration(prepared.estimate().seconds()))
                .setPeakBytes(prepared.estimate().peakBytes()));
  }
}
