package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.Estimate;
import dev.zkwasm.engine.Guest;
import dev.zkwasm.engine.Prepared;
import dev.zkwasm.engine.RecordedCall;
import dev.zkwasm.engine.Run;
import dev.zkwasm.engine.StatedProof;
import dev.zkwasm.isa.Call;
import dev.zkwasm.proto.v1.Extension;
import dev.zkwasm.proto.v1.Failure;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.Proof;
import dev.zkwasm.proto.v1.StageTime;
import dev.zkwasm.trace.HeadLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One job on one worker, from its execution to its verified proof. */
final class JobTask {
  private static final Logger LOG = LoggerFactory.getLogger(JobTask.class);

  /** Progress within a stage is told this often. */
  private static final long REPORT_NANOS = 100_000_000;

  private final JobRunner.Work work;
  private final Job job;
  private final JobRunner runner;
  private final Engine engine;
  private @Nullable String stage;
  private long stageStart;
  private long lastReport;

  /** The node does not prove this job; the message has the figures. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final Failure.Kind kind;

    Refusal(Failure.Kind kind, String message) {
      super(message);
      this.kind = kind;
    }

    Failure.Kind kind() {
      return kind;
    }
  }

  JobTask(JobRunner.Work work, Job job, JobRunner runner) {
    this.work = work;
    this.job = job;
    this.runner = runner;
    this.engine = runner.engine();
  }

  void run() {
    if (job.hasOperation()) {
      begin(Job.State.EXECUTING, "execute");
      run(execute(job.getOperation()), job.getContext().toByteArray());
    } else {
      begin(Job.State.EXECUTING, "replay");
      RecordedCall recorded = replay();
      endStage();
      run(execute(recorded), recorded.context());
    }
  }

  private void run(Run run, byte[] context) {
    try {
      prepare(run, context);
    } finally {
      erase(run);
    }
  }

  private static void erase(Run run) {
    Arrays.fill(run.trace().call().privateInput(), (byte) 0);
  }

  private void prepare(Run run, byte[] context) {
    Prepared prepared = engine.prepare(run);
    runner.change(
        work.jobId,
        builder ->
            runner
                .estimated(builder, prepared)
                .setExtensionId(ByteString.copyFrom(run.guest().extensionId()))
                .setContext(ByteString.copyFrom(context)));
    admit(run.trace().steps(), prepared.estimate(), "about");
    long bytes = prepared.estimate().peakBytes();
    runner.memory().enter(bytes, () -> mayStop("wait for memory", 0));
    try {
      prove(prepared, context);
    } finally {
      runner.memory().leave(bytes);
    }
  }

  /**
   * Refuses before the long work what the estimate says cannot come to a good end.
   *
   * @param rough how the figure of memory is to be read
   */
  private void admit(long steps, Estimate estimate, String rough) {
    long fee = runner.fees().of(steps);
    if (job.getMaxFee() != 0 && Long.compareUnsigned(fee, job.getMaxFee()) > 0) {
      throw new Refusal(
          Failure.Kind.FEE_EXCEEDED,
          "%d steps cost %s, its max_fee is %s"
              .formatted(
                  steps, Long.toUnsignedString(fee), Long.toUnsignedString(job.getMaxFee())));
    }
    long bytes = estimate.peakBytes();
    if (bytes > runner.memory().limit()) {
      throw new Refusal(
          Failure.Kind.RESOURCE,
          "proving %d steps needs %s %d MiB of memory, this node has %d MiB for proofs"
              .formatted(steps, rough, bytes >> 20, runner.memory().limit() >> 20));
    }
    Instant deadline = work.deadline();
    if (deadline != null) {
      double left = Duration.between(runner.now(), deadline).toMillis() / 1e3;
      if (estimate.seconds() > left) {
        throw new Refusal(
            Failure.Kind.DEADLINE,
            "proving is expected to take %.1f s, the deadline is in %.1f s"
                .formatted(estimate.seconds(), left));
      }
    }
  }

  private void prove(Prepared prepared, byte[] context) {
    begin(Job.State.PROVING, "prepare");
    byte[] file = engine.prove(prepared, context, this::report);
    begin(Job.State.VERIFYING, "verify");
    StatedProof stated = engine.verify(prepared.run().guest(), file);
    endStage();
    mayStop("verify", 1);
    erase(prepared.run());
    runner.insist(work, builder -> succeeded(builder, stated, file));
  }

  /** Checks the whole trace, which is never whole in memory. */
  private RecordedCall replay() {
    long all = Math.max(1, runner.secrets().committed(work.secret));
    long start = System.nanoTime();
    try (CountingInputStream trace = new CountingInputStream(runner.secrets().read(work.secret))) {
      HeadLimits head = new HeadLimits(runner.limits().moduleBytes(), runner.limits().inputBytes());
      // The run is held to the file's records, and so needs no limit of its own.
      RecordedCall recorded =
          engine.replay(
              trace,
              Long.MAX_VALUE,
              head,
              (current, fraction) -> report("replay", Math.min(1, (double) trace.bytes() / all)));
      LOG.info(
          "replayed bytes={} steps={} seconds={}",
          trace.bytes(),
          recorded.outcome().steps(),
          "%.3f".formatted((System.nanoTime() - start) * 1e-9));
      return recorded;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Executes what was replayed, if it can be proven here. */
  private Run execute(RecordedCall recorded) {
    long steps = recorded.outcome().steps();
    boolean done = false;
    try {
      runner.change(
          work.jobId,
          builder ->
              builder
                  .setExtensionId(ByteString.copyFrom(recorded.guest().extensionId()))
                  .setContext(ByteString.copyFrom(recorded.context()))
                  .setCost(Messages.cost(recorded.outcome()))
                  .setFee(runner.fees().of(steps)));
      admit(steps, engine.least(steps), "at least");
      if (steps > runner.limits().steps()) {
        throw new Refusal(
            Failure.Kind.RESOURCE,
            "the trace has %d steps, this node proves %d at most"
                .formatted(steps, runner.limits().steps()));
      }
      report("execute", 0);
      Run run = engine.execute(recorded.guest(), recorded.call(), steps, this::mayStop);
      done = true;
      return run;
    } finally {
      if (!done) {
        Arrays.fill(recorded.call().privateInput(), (byte) 0);
      }
    }
  }

  private Run execute(Operation operation) {
    Extension extension = runner.extensions().usable(operation.getExtensionId());
    Guest guest = runner.extensions().guest(extension);
    byte[] secret = runner.secrets().open(work.secret);
    Call call =
        new Call(extension.getEntryExport(), List.of(), operation.getData().toByteArray(), secret);
    long gas = operation.getGas();
    long limit = runner.limits().steps();
    boolean nodeIsLower = Long.compareUnsigned(gas, limit) > 0;
    boolean done = false;
    try {
      Run run = engine.execute(guest, call, nodeIsLower ? limit : gas, this::mayStop);
      done = true;
      return run;
    } catch (EngineException e) {
      if (nodeIsLower && e.kind() == EngineException.Kind.GAS_EXCEEDED) {
        throw new EngineException(
            EngineException.Kind.RESOURCE,
            "the run needs more than %d steps, the limit of this node".formatted(limit),
            e);
      }
      throw e;
    } finally {
      if (!done) {
        Arrays.fill(secret, (byte) 0);
      }
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
    runner.insist(
        work,
        builder -> {
          if (state == Job.State.EXECUTING) {
            builder
                .setStartedAt(Messages.timestamp(runner.now()))
                .setAttempts(builder.getAttempts() + 1)
                .clearStageTimes();
          }
          return builder.setState(state).setStage(firstStage).setFraction(0);
        });
  }

  private void endStage() {
    if (stage != null) {
      String ended = stage;
      double seconds = (System.nanoTime() - stageStart) * 1e-9;
      runner.telemetry().stage(ended, seconds);
      runner.change(work.jobId, builder -> addTime(builder, ended, seconds));
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
    if (work.stopped || runner.isClosed()) {
      throw new CancellationException();
    }
  }

  private void report(String current, double fraction) {
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
    runner.change(work.jobId, builder -> builder.setStage(current).setFraction(fraction));
  }
}
