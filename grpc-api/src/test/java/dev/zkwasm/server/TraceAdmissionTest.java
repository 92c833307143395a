package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.client.ProverClient;
import dev.zkwasm.engine.Estimate;
import dev.zkwasm.engine.FakeEngine;
import dev.zkwasm.proto.v1.Failure;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.StageTime;
import dev.zkwasm.proto.v1.SubmitTraceRequest.Metadata;
import dev.zkwasm.signing.NodeKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A trace is admitted or refused by what its replay has counted, before its steps are in memory: a
 * refused one is never executed to be kept.
 */
class TraceAdmissionTest {
  @TempDir private Path folder = Path.of("");

  private final FakeEngine engine = new FakeEngine();

  private Job submitted(long maxSteps, Metadata metadata) throws IOException {
    byte[] secret = new byte[NodeKey.SECRET_BYTES];
    secret[0] = 1;
    ServerConfig local = ServerConfig.local(0);
    ServerConfig config =
        new ServerConfig(
            local.host(),
            local.port(),
            local.insecurePublic(),
            local.access(),
            local.nodeId(),
            local.workers(),
            NodeProcess.LIMITS.withJobs(maxSteps, 10, 10),
            new Fees(1, 0),
            local.processWindow(),
            local.httpPort(),
            local.shutdownGrace());
    try (ProverServer server =
            ProverServer.start(engine, config, folder, NodeKey.of(secret), "0.0");
        ProverClient client = ProverClient.connect("127.0.0.1", server.port())) {
      Job job = client.submitTrace(new ByteArrayInputStream(FakeEngine.TRACE), metadata);
      return client.watch(job.getJobId(), j -> {});
    }
  }

  private static void refused(Job job, String message) {
    assertEquals(Failure.Kind.RESOURCE, job.getFailure().getKind(), job.toString());
    assertEquals(message, job.getFailure().getMessage());
    assertEquals(FakeEngine.STEPS, job.getCost().getSteps());
    assertTrue(!job.getExtensionId().isEmpty() && !job.getContext().isEmpty());
    assertEquals(
        List.of("replay"), job.getStageTimesList().stream().map(StageTime::getStage).toList());
  }

  @Test
  void whatFitsIsExecutedAndProven() throws IOException {
    Job job = submitted(FakeEngine.STEPS, Metadata.getDefaultInstance());
    assertEquals(Job.State.SUCCEEDED, job.getState(), job.toString());
    assertEquals(
        List.of("replay", "execute", "prepare", "commit", "open", "verify"),
        job.getStageTimesList().stream().map(StageTime::getStage).toList());
  }

  @Test
  void whatNeedsMoreMemoryIsRefused() throws IOException {
    engine.least = new Estimate(1, 0, NodeProcess.LIMITS.provingBytes() + (5 << 20), 0);
    refused(
        submitted(FakeEngine.STEPS, Metadata.getDefaultInstance()),
        "proving 100 steps needs at least 1029 MiB of memory, this node has 1024 MiB for proofs");
  }

  @Test
  void whatHasMoreStepsIsRefused() throws IOException {
    refused(
        submitted(FakeEngine.STEPS - 1, Metadata.getDefaultInstance()),
        "the trace has 100 steps, this node proves 99 at most");
  }
}
