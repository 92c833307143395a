package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.zkwasm.client.ProverClient;
import dev.zkwasm.engine.FakeEngine;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.ListJobsRequest;
import dev.zkwasm.proto.v1.ListJobsResponse;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.PostOp;
import dev.zkwasm.proto.v1.RegisterExtensionRequest.Metadata;
import dev.zkwasm.proto.v1.SubmitOperationRequest;
import dev.zkwasm.proto.v1.SubmitTraceRequest;
import dev.zkwasm.store.JobStore;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a node, a real process, at random points while clients submit, cancel and watch. What has
 * been acknowledged is there afterwards, what has been shown as done stays as it was, and nothing
 * is there twice.
 */
class KillTest {
  private static final String MARKER = "never in clear on the disk";

  @TempDir private Path folder = Path.of("");

  private final Random random = new Random();

  /** Acknowledged jobs: by id, what names the work. */
  private final Map<String, String> acknowledged = new ConcurrentHashMap<>();

  /** PostOps that a client has seen, by job. */
  private final Map<String, PostOp> seen = new ConcurrentHashMap<>();

  private final AtomicInteger next = new AtomicInteger();

  @Test
  @Timeout(300)
  void losesAndDoublesNothing() throws Exception {
    killed(4);
    assertFalse(acknowledged.isEmpty());
  }

  /** As many as {@code -Dkill.kills} says. */
  @Test
  @Tag("long")
  void losesAndDoublesNothingInHundredsOfKills() throws Exception {
    killed(Integer.getInteger("kill.kills", 300));
  }

  private void killed(int kills) throws Exception {
    long seed = random.nextLong();
    System.out.println("KillTest: seed " + seed);
    random.setSeed(seed);
    for (int kill = 0; kill < kills; kill++) {
      try (NodeProcess node = NodeProcess.start(folder.resolve("node"), random.nextInt(10))) {
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          long own = random.nextLong();
          clients.add(Thread.startVirtualThread(() -> work(node.client(), new Random(own))));
        }
        // Mostly in the middle of work, sometimes at the start.
        if (random.nextInt(5) != 0) {
          awaitWork(acknowledged.size() + 1 + random.nextInt(10));
        }
        TimeUnit.MILLISECONDS.sleep(random.nextInt(200));
        node.kill();
        for (Thread client : clients) {
          client.join();
        }
      }
      assertNothingInClear();
    }
    try (NodeProcess node = NodeProcess.start(folder.resolve("node"), 0)) {
      check(node.client());
    }
    System.out.printf(
        "KillTest: %d kills, %d jobs acknowledged, %d PostOps seen before the last start%n",
        kills, acknowledged.size(), seen.size());
  }

  private void awaitWork(int jobs) throws InterruptedException {
    for (int i = 0; i < 6000 && acknowledged.size() < jobs; i++) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertTrue(acknowledged.size() >= jobs, "the node takes nothing in");
  }

  private static ByteString fill(int length, int value) {
    byte[] bytes = new byte[length];
    java.util.Arrays.fill(bytes, (byte) value);
    return ByteString.copyFrom(bytes);
  }

  private static SubmitOperationRequest submission(ByteString extension, String data) {
    return SubmitOperationRequest.newBuilder()
        .setOperation(
            Operation.newBuilder()
                .setChainId(1)
                .setExtensionId(extension)
                .setTo(fill(20, 1))
                .setGas(1000)
                .setData(ByteString.copyFromUtf8(data))
                .setBlockHash(fill(32, 2)))
        .setProcessedBlockHash(fill(32, 3))
        .setFeeRecipient(fill(20, 4))
        .setPrivateInput(ByteString.copyFromUtf8(MARKER))
        .build();
  }

  /** What clients do until the node dies. */
  private void work(ProverClient client, Random own) {
    try {
      ByteString extension =
          client.register(FakeEngine.module("run"), Metadata.getDefaultInstance()).getExtensionId();
      while (true) {
        // Sometimes what another client has submitted, or this one before the last kill.
        int number = own.nextInt(4) == 0 ? own.nextInt(next.get() + 1) : next.incrementAndGet();
        String name = "operation " + number;
        Job job;
        if (number % 5 == 0) {
          name = "trace " + number;
          byte[] trace =
              (new String(FakeEngine.TRACE, StandardCharsets.UTF_8) + number)
                  .getBytes(StandardCharsets.UTF_8);
          job =
              client.submitTrace(
                  new ByteArrayInputStream(trace),
                  SubmitTraceRequest.Metadata.getDefaultInstance());
        } else {
          job = client.submit(submission(extension, name));
        }
        acknowledged.put(job.getJobId(), name);
        switch (own.nextInt(4)) {
          case 0 -> client.cancelJob(job.getJobId());
          case 1 -> {
            Job done = client.watch(job.getJobId(), j -> {});
            if (done.hasPostOp()) {
              seen.put(done.getJobId(), done.getPostOp());
            }
          }
          default -> {}
        }
      }
    } catch (StatusRuntimeException | IOException e) {
      // The node has died.
    }
  }

  private void assertNothingInClear() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertFalse(bytes.contains(MARKER), file.toString());
      }
    }
  }

  private void check(ProverClient client) throws IOException {
    Map<String, Job> jobs = new HashMap<>();
    String token = "";
    do {
      ListJobsResponse page =
          client.listJobs(
              ListJobsRequest.newBuilder().setPageSize(1000).setPageToken(token).build());
      page.getJobsList().forEach(job -> assertEquals(null, jobs.put(job.getJobId(), job)));
      token = page.getNextPageToken();
    } while (!token.isEmpty());

    Map<ByteString, String> succeeded = new HashMap<>();
    for (String id : jobs.keySet()) {
      Job job = client.watch(id, j -> {});
      assertTrue(JobStore.hasEnded(job.getState()), id);
      assertTrue(
          job.getState() == Job.State.SUCCEEDED
              || job.getState() == Job.State.CANCELLED
              // A node that was killed three times over a job gives it up; it says so.
              || job.getFailure().getMessage().contains("died 3 times"),
          job.toString());
      if (job.getState() == Job.State.SUCCEEDED && job.hasPostOp()) {
        assertEquals(null, succeeded.put(job.getContext(), id), "proven twice");
        assertEquals(id, client.postOp(job.getOperationHash()).getJobId());
      }
    }
    for (Map.Entry<String, String> each : acknowledged.entrySet()) {
      assertTrue(jobs.containsKey(each.getKey()), "lost: " + each);
    }
    for (Map.Entry<String, PostOp> each : seen.entrySet()) {
      assertEquals(each.getValue(), client.getJob(each.getKey()).getPostOp(), "changed");
    }
    try (Stream<Path> sealed = Files.list(folder.resolve("node/sealed"))) {
      assertEquals(List.of(), sealed.toList());
    }
  }
}
