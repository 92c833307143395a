package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.NodeStatus;
import dev.zkwasm.prover.DeviceHealth;
import dev.zkwasm.signing.NodeKey;
import dev.zkwasm.store.JobStore;
import dev.zkwasm.store.JobStore.Numbered;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Tells what a node is doing. Thread-safe. */
final class StatusReport {
  private static final int JOBS = 100;
  private static final int POST_OPS = 20;
  private static final int MINUTES = 60;

  private static final Set<Job.State> UNFINISHED =
      EnumSet.of(Job.State.QUEUED, Job.State.EXECUTING, Job.State.PROVING, Job.State.VERIFYING);

  private final Engine engine;
  private final JobRunner runner;
  private final JobStore jobs;
  private final BlockWindow blocks;
  private final NodeKey key;
  private final ServerConfig config;
  private final String version;
  private final Clock clock;
  private final Instant started;

  StatusReport(
      Engine engine,
      JobRunner runner,
      JobStore jobs,
      BlockWindow blocks,
      NodeKey key,
      ServerConfig config,
      String version,
      Clock clock) {
    this.engine = engine;
    this.runner = runner;
    this.jobs = jobs;
    this.blocks = blocks;
    this.key = key;
    this.config = config;
    this.version = version;
    this.clock = clock;
    this.started = clock.instant();
  }

  NodeStatus now() {
    Instant now = clock.instant();
    Runtime runtime = Runtime.getRuntime();
    NodeStatus.Builder status =
        NodeStatus.newBuilder()
            .setNodeId(config.nodeId())
            .setVersion(version)
            .setAddress(Messages.hex(ByteString.copyFrom(key.address())))
            .setBackend(engine.backend())
            .setInsecureSrs(engine.info().insecureSrs())
            .setNow(Messages.timestamp(now))
            .setStartedAt(Messages.timestamp(started))
            .setHeapUsedBytes(runtime.totalMemory() - runtime.freeMemory())
            .setHeapMaxBytes(runtime.maxMemory())
            .setProvingBytes(runner.memory().taken())
            .setProvingLimitBytes(runner.memory().limit())
            .setWorkers(config.workers())
            .setQueueDepth(runner.queued())
            .setQueueLimit(config.limits().queuedJobs());
    engine.devices().forEach(health -> status.addDevices(device(health)));
    jobs.counts().forEach((state, count) -> status.putCounts(state.name(), count));
    jobs.list(UNFINISHED, ByteString.EMPTY, null, JOBS, 0)
        .items()
        .forEach(job -> status.addJobs(job(job, now)));
    recent(now, status);
    return status.build();
  }

  private static NodeStatus.Device device(DeviceHealth health) {
    return NodeStatus.Device.newBuilder()
        .setBackend(health.backend())
        .setDevice(health.device())
        .setHealthy(health.isHealthy())
        .setReason(health.isHealthy() ? "" : health.state().toString())
        .setDetail(health.detail())
        .build();
  }

  /** A line for each device that is not used any more. */
  List<String> unhealthyDevices() {
    return engine.devices().stream()
        .filter(d -> !d.isHealthy())
        .map(d -> "unhealthy: %s, %s: %s".formatted(d.backend(), d.device(), d.state()))
        .toList();
  }

  private static NodeStatus.Job job(Job job, Instant now) {
    NodeStatus.Job.Builder shown =
        NodeStatus.Job.newBuilder()
            .setJobId(job.getJobId())
            .setState(job.getState().name())
            .setStage(job.getStage())
            .setFraction(job.getFraction())
            .setClient(job.getClient())
            .setExtensionId(Messages.hex(job.getExtensionId()))
            .setSubmittedAt(job.getSubmittedAt())
            .setSteps(job.getCost().getSteps())
            .setEstimatedSeconds(
                job.getEstimate().getTime().getSeconds()
                    + job.getEstimate().getTime().getNanos() * 1e-9);
    if (job.getState() != Job.State.QUEUED) {
      shown
          .setStartedAt(job.getStartedAt())
          .setSeconds(Duration.between(Messages.instant(job.getStartedAt()), now).toMillis() / 1e3);
    }
    return shown.build();
  }

  /** The newest PostOps, and what was proven in the last hour. */
  private void recent(Instant now, NodeStatus.Builder status) {
    long minute = now.getEpochSecond() / 60;
    long[] steps = new long[MINUTES];
    jobs.newestProcessed(POST_OPS).stream()
        .map(Numbered::job)
        .map(this::postOp)
        .forEach(status::addPostOps);
    for (JobTotals.Proven proven : runner.totals().since(now.minus(Duration.ofMinutes(MINUTES)))) {
      long age = minute - proven.at().getEpochSecond() / 60;
      if (age >= 0 && age < MINUTES) {
        steps[(int) (MINUTES - 1 - age)] += proven.steps();
      }
    }
    List<Long> perMinute = new ArrayList<>();
    for (long each : steps) {
      perMinute.add(each);
    }
    status.addAllStepsPerMinute(perMinute);
  }

  private NodeStatus.PostOp postOp(Job job) {
    Timestamp ended = job.getEndedAt();
    return NodeStatus.PostOp.newBuilder()
        .setOperationHash(Messages.hex(job.getOperationHash()))
        .setExtensionId(Messages.hex(job.getExtensionId()))
        .setJobId(job.getJobId())
        .setEndedAt(ended)
        .setSteps(job.getCost().getSteps())
        .setProofBytes(job.getPostOp().getProof().getProofData().size())
        .setExit(job.getStatement().getExit().getText())
        .setRecent(blocks.holds(job.getPostOp().getProcessedBlockHash()))
        .build();
  }
}
