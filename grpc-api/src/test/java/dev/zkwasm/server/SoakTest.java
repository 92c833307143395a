package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.zkwasm.client.ProverClient;
import dev.zkwasm.engine.FakeEngine;
import dev.zkwasm.proto.v1.ExecuteRequest;
import dev.zkwasm.proto.v1.Failure;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.ListJobsRequest;
import dev.zkwasm.proto.v1.ListJobsResponse;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.PoolsGrpc;
import dev.zkwasm.proto.v1.ProofVerificationRequest;
import dev.zkwasm.proto.v1.ProofVerificationResponse;
import dev.zkwasm.proto.v1.ProofVerificationResponse.Verdict;
import dev.zkwasm.proto.v1.ProverGrpc;
import dev.zkwasm.proto.v1.RegisterExtensionRequest.Metadata;
import dev.zkwasm.proto.v1.SubmitOperationRequest;
import dev.zkwasm.proto.v1.SubmitTraceRequest;
import dev.zkwasm.proto.v1.WatchJobRequest;
import dev.zkwasm.proto.v1.WatchPostOpsRequest;
import dev.zkwasm.store.JobStore;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients of all kinds on a node, a real process, that is stopped and killed again and again: jobs
 * that succeed, fail, are cancelled, expire; wrong requests; clients that read slowly, die in the
 * middle or never speak gRPC. Every accepted job ends as it should, every PostOp verifies, and a
 * node that has come to rest holds no more than it did at first: heap, memory of the process,
 * threads, descriptors, files.
 */
class SoakTest {
  private static final int CLIENTS = 8;

  /** Of the soak of profile `long`. */
  private static final int MINUTES = Integer.getInteger("soak.minutes", 10);

  private static final Duration SHORT = Duration.ofSeconds(12);

  private static final Set<Job.State> UNFINISHED =
      EnumSet.of(Job.State.QUEUED, Job.State.EXECUTING, Job.State.PROVING, Job.State.VERIFYING);

  /** What a job may come to. */
  private enum Fate {
    SUCCEEDS,
    IS_CANCELLED,
    EXPIRES,
    LACKS_GAS,
    IS_NO_TRACE
  }

  @TempDir private Path folder = Path.of("");

  private final Random random = new Random();
  private final AtomicInteger next = new AtomicInteger();

  /** Acknowledged jobs. */
  private final Map<String, Fate> accepted = new ConcurrentHashMap<>();

  /** Uploads whose stream broke: files named as the uploads are. */
  private final Queue<Path> broken = new ConcurrentLinkedQueue<>();

  private final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();
  private final Map<String, AtomicInteger> done = new ConcurrentHashMap<>();
  private volatile boolean over;
  private volatile boolean dying;
  private int stops;
  private int kills;
  private ByteString extension = ByteString.EMPTY;

  @Test
  @Timeout(600)
  void forAWhile() throws Exception {
    soak("the stand-in", NodeProcess.Setup.fake(3), SHORT);
  }

  @Test
  @Tag("long")
  void forLong() throws Exception {
    soak("the stand-in", NodeProcess.Setup.fake(3), Duration.ofMinutes(MINUTES));
  }

  @Test
  @Tag("long")
  void forLongWithProofs() throws Exception {
    soak(
        "the prover",
        new NodeProcess.Setup(true, 0, 8, 2048, folder.resolve("keys")),
        Duration.ofMinutes(MINUTES).dividedBy(4));
  }

  private void soak(String prover, NodeProcess.Setup setup, Duration time) throws Exception {
    long seed = random.nextLong();
    System.out.printf("SoakTest, %s, %d s: seed %d%n", prover, time.toSeconds(), seed);
    random.setSeed(seed);
    Files.createDirectories(folder.resolve("broken"));
    life(setup, time.dividedBy(2));
    Instant until = Instant.now().plus(time.dividedBy(5));
    do {
      try (NodeProcess node = start(setup)) {
        dieAtWork(node, 200 + random.nextInt(2000));
      }
    } while (Instant.now().isBefore(until));
    if (time.compareTo(SHORT) > 0) {
      life(setup, time.multipliedBy(3).dividedBy(10));
    }
    try (NodeProcess node = start(setup)) {
      check(node);
      assertEquals(0, node.stop());
    }
    try (Stream<Path> left = Files.walk(store())) {
      assertEquals(
          List.of("", "lock", "native", "node.db", "sealed"),
          left.map(each -> store().relativize(each).toString()).sorted().toList());
    }
    try (Stream<Path> left = Files.list(NodeProcess.temporary(store()))) {
      assertEquals(List.of(), left.map(each -> String.valueOf(each.getFileName())).toList());
    }
  }

  private Path store() {
    return folder.resolve("node");
  }

  private NodeProcess start(NodeProcess.Setup setup) throws IOException {
    NodeProcess node = NodeProcess.start(store(), setup);
    extension =
        node.client().register(setup.module(), Metadata.getDefaultInstance()).getExtensionId();
    return node;
  }

  /** A node that is measured when it has worked for a while, and when it has for longer. */
  private void life(NodeProcess.Setup setup, Duration time) throws Exception {
    try (NodeProcess node = start(setup)) {
      work(node, time.dividedBy(4));
      rest(node);
      NodeProcess.Footprint before = node.measure();
      int jobs = accepted.size();
      work(node, time.multipliedBy(3).dividedBy(4));
      rest(node);
      NodeProcess.Footprint after = node.measure();
      // Threads of Java's own end when they have had nothing to do for half a minute.
      for (int i = 0; i < 80 && holdsMore(before, after); i++) {
        TimeUnit.MILLISECONDS.sleep(500);
        after = node.measure();
      }
      System.out.printf(
          "SoakTest: before %s%nSoakTest: after  %s, %d jobs later%n",
          before, after, accepted.size() - jobs);
      assertTrue(!holdsMore(before, after), "it holds more than before");
      assertTrue(after.heap() < before.heap() + (8 << 20), "the heap has grown");
      assertTrue(after.resident() < before.resident() + (64 << 20), "the process has grown");
      assertSealed();
      dieAtWork(node, 300 + random.nextInt(1000));
    }
  }

  private static boolean holdsMore(NodeProcess.Footprint before, NodeProcess.Footprint after) {
    return after.threads() > before.threads() + 4
        || after.virtualThreads() > before.virtualThreads() + 2
        || after.descriptors() > before.descriptors() + 2;
  }

  /** What is sealed is what broken uploads have left. */
  private void assertSealed() throws IOException {
    try (Stream<Path> files = Files.list(store().resolve("sealed"))) {
      List<String> names = files.map(each -> String.valueOf(each.getFileName())).toList();
      assertTrue(names.stream().allMatch(name -> name.startsWith("upload-")), names.toString());
      assertTrue(names.size() <= broken.size(), names + " of " + broken);
    }
  }

  private void work(NodeProcess node, Duration time) throws InterruptedException {
    List<Thread> clients = begin(node);
    Thread.sleep(time);
    end(clients);
  }

  /** The node is stopped, or killed, in the middle of work. */
  private void dieAtWork(NodeProcess node, int millis) throws Exception {
    List<Thread> clients = begin(node);
    TimeUnit.MILLISECONDS.sleep(millis);
    dying = true;
    if (random.nextBoolean()) {
      stops++;
      assertEquals(0, node.stop());
    } else {
      kills++;
      node.kill();
    }
    end(clients);
    dying = false;
  }

  private List<Thread> begin(NodeProcess node) {
    over = false;
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      Random own = new Random(random.nextLong());
      clients.add(Thread.startVirtualThread(() -> client(node, own)));
    }
    return clients;
  }

  private void end(List<Thread> clients) throws InterruptedException {
    over = true;
    for (Thread client : clients) {
      assertTrue(client.join(Duration.ofSeconds(120)), "a client hangs");
    }
    assertEquals(List.of(), wrong.stream().limit(5).map(SoakTest::words).toList());
  }

  private static String words(Throwable t) {
    return t + " at " + Arrays.stream(t.getStackTrace()).limit(12).toList();
  }

  /** Waits until all jobs have ended. */
  private static void rest(NodeProcess node) throws InterruptedException {
    ListJobsRequest unfinished =
        ListJobsRequest.newBuilder().addAllStates(UNFINISHED).setPageSize(1).build();
    for (int i = 0; node.client().listJobs(unfinished).getJobsCount() > 0; i++) {
      assertTrue(i < 1200, "jobs do not end");
      TimeUnit.MILLISECONDS.sleep(100);
    }
    TimeUnit.MILLISECONDS.sleep(300);
  }

  private void client(NodeProcess node, Random own) {
    while (!over) {
      try {
        step(node, own);
        TimeUnit.MILLISECONDS.sleep(own.nextInt(20));
      } catch (StatusRuntimeException e) {
        if (dying) {
          return;
        }
        if (e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED) {
          count("refused");
          continue;
        }
        wrong.add(e);
      } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
        if (!dying) {
          wrong.add(e);
        }
        return;
      }
    }
  }

  private void count(String what) {
    done.computeIfAbsent(what, w -> new AtomicInteger()).incrementAndGet();
  }

  private void step(NodeProcess node, Random own) throws IOException, InterruptedException {
    switch (own.nextInt(20)) {
      case 0, 1, 2, 3, 4, 5, 6, 7, 8 -> operation(node, own);
      case 9, 10 -> trace(node, own);
      case 11, 12, 13 -> wrongRequest(node.client(), own);
      case 14 -> slowReader(node, own);
      case 15 -> brokenUpload(node, own);
      case 16 -> resumedUpload(node);
      case 17 -> noGrpc(node, own);
      case 18 -> dryRun(node.client());
      default -> node.client().listJobs(ListJobsRequest.newBuilder().setPageSize(20).build());
    }
  }

  private static ByteString fill(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return ByteString.copyFrom(bytes);
  }

  private void operation(NodeProcess node, Random own) throws InterruptedException {
    ProverClient client = node.client();
    int number = next.incrementAndGet();
    Fate fate =
        switch (own.nextInt(8)) {
          case 0 -> Fate.LACKS_GAS;
          case 1 -> Fate.EXPIRES;
          case 2, 3 -> Fate.IS_CANCELLED;
          default -> Fate.SUCCEEDS;
        };
    SubmitOperationRequest.Builder request =
        SubmitOperationRequest.newBuilder()
            .setOperation(
                Operation.newBuilder()
                    .setChainId(number)
                    .setExtensionId(extension)
                    .setTo(fill(20, 1))
                    .setGas(fate == Fate.LACKS_GAS ? 1 : 1000)
                    .setData(ByteString.copyFromUtf8(number % 9 == 0 ? "trap" : "soak " + number))
                    .setBlockHash(fill(32, 2)))
            .setPriority(own.nextInt(3))
            .setProcessedBlockHash(fill(32, 3))
            .setFeeRecipient(fill(20, 4));
    if (own.nextBoolean()) {
      request.setPrivateInput(fill(1 + own.nextInt(5000), number));
    }
    if (fate == Fate.EXPIRES) {
      request.setDeadline(Messages.timestamp(Instant.now().plusMillis(own.nextInt(300))));
    }
    Job job = client.submit(request.build());
    accepted.put(job.getJobId(), fate);
    count("operations");
    if (fate == Fate.IS_CANCELLED) {
      TimeUnit.MILLISECONDS.sleep(own.nextInt(30));
      client.cancelJob(job.getJobId());
    } else if (own.nextBoolean()) {
      Job ended = client.watch(job.getJobId(), j -> {});
      check(ended, fate);
      if (ended.getState() == Job.State.SUCCEEDED) {
        assertEquals(
            Verdict.VALID, client.verify(request.getOperation(), ended.getPostOp()).getVerdict());
      }
    }
  }

  private static byte[] traceOf(String name, int size) {
    byte[] begin =
        (new String(FakeEngine.TRACE, StandardCharsets.UTF_8) + name)
            .getBytes(StandardCharsets.UTF_8);
    return Arrays.copyOf(begin, begin.length + size);
  }

  private void trace(NodeProcess node, Random own) throws IOException {
    String name = "soak " + next.incrementAndGet();
    // The prover knows what the stand-in takes for a trace to be none.
    boolean good = !node.setup().proves() && own.nextBoolean();
    byte[] trace =
        good ? traceOf(name, own.nextInt(5000)) : ("no " + name).getBytes(StandardCharsets.UTF_8);
    Job job =
        node.client()
            .submitTrace(
                new ByteArrayInputStream(trace), SubmitTraceRequest.Metadata.getDefaultInstance());
    accepted.put(job.getJobId(), good ? Fate.SUCCEEDS : Fate.IS_NO_TRACE);
    count("traces");
  }

  private void wrongRequest(ProverClient client, Random own) {
    Runnable request =
        switch (own.nextInt(5)) {
          case 0 -> () -> client.getJob("none");
          case 1 -> () -> client.submit(SubmitOperationRequest.getDefaultInstance());
          case 2 ->
              () -> client.register(new byte[own.nextInt(70_000)], Metadata.getDefaultInstance());
          case 3 -> () -> client.listJobs(ListJobsRequest.newBuilder().setPageToken("x").build());
          default -> () -> client.postOp(fill(own.nextInt(64), 1));
        };
    try {
      request.run();
    } catch (StatusRuntimeException e) {
      switch (e.getStatus().getCode()) {
        case INVALID_ARGUMENT, NOT_FOUND -> {
          count("wrong requests");
          return;
        }
        default -> throw e;
      }
    }
    throw new AssertionError("a wrong request was answered");
  }

  private void dryRun(ProverClient client) {
    client.execute(ExecuteRequest.newBuilder().setExtensionId(extension).build());
    count("dry runs");
  }

  /** Reads one message of a stream, and no more for a while; then it is gone. */
  private void slowReader(NodeProcess node, Random own) throws InterruptedException {
    List<String> jobs = accepted.keySet().stream().limit(50).toList();
    ManagedChannel channel = node.channel().build();
    try {
      if (own.nextBoolean() && !jobs.isEmpty()) {
        read(
            channel,
            ProverGrpc.getWatchJobMethod(),
            WatchJobRequest.newBuilder().setJobId(jobs.get(own.nextInt(jobs.size()))).build());
      } else {
        read(channel, PoolsGrpc.getWatchPostOpsMethod(), WatchPostOpsRequest.getDefaultInstance());
      }
      TimeUnit.MILLISECONDS.sleep(own.nextInt(500));
    } finally {
      drop(channel);
    }
    count("slow readers");
  }

  private static <Q, A> void read(
      ManagedChannel channel, MethodDescriptor<Q, A> method, Q request) {
    ClientCall<Q, A> call = channel.newCall(method, CallOptions.DEFAULT);
    call.start(new ClientCall.Listener<>() {}, new io.grpc.Metadata());
    call.sendMessage(request);
    call.halfClose();
    call.request(1);
  }

  private static void drop(ManagedChannel channel) throws InterruptedException {
    channel.shutdownNow();
    assertTrue(channel.awaitTermination(30, TimeUnit.SECONDS));
  }

  /** Sends a part of a trace and is gone; sometimes to be gone on with. */
  private void brokenUpload(NodeProcess node, Random own) throws IOException, InterruptedException {
    int number = next.incrementAndGet();
    boolean kept = !node.setup().proves() && broken.size() < 20;
    // Of a large one there is something on the disk.
    byte[] trace = traceOf("upload " + number, own.nextInt(10) == 0 ? 1_200_000 : 20_000);
    ManagedChannel channel = node.channel().build();
    try {
      StreamObserver<SubmitTraceRequest> upload =
          ProverGrpc.newStub(channel)
              .submitTrace(
                  new StreamObserver<>() {
                    @Override
                    public void onNext(Job job) {}

                    @Override
                    public void onError(Throwable t) {}

                    @Override
                    public void onCompleted() {}
                  });
      upload.onNext(
          SubmitTraceRequest.newBuilder()
              .setMetadata(
                  SubmitTraceRequest.Metadata.newBuilder().setUploadId(kept ? "u" + number : ""))
              .build());
      upload.onNext(
          SubmitTraceRequest.newBuilder()
              .setChunk(
                  SubmitTraceRequest.Chunk.newBuilder()
                      .setData(ByteString.copyFrom(trace, 0, trace.length - 1)))
              .build());
      TimeUnit.MILLISECONDS.sleep(own.nextInt(100));
    } finally {
      if (kept) {
        Path file = folder.resolve("broken").resolve("u" + number);
        Files.write(file, trace);
        broken.add(file);
      }
      drop(channel);
    }
    count("broken uploads");
  }

  private void resumedUpload(NodeProcess node) throws IOException, InterruptedException {
    Path file = broken.poll();
    if (file == null) {
      return;
    }
    boolean sent = false;
    try {
      send(node, file);
      sent = true;
    } finally {
      if (!sent) {
        broken.add(file);
      }
    }
  }

  private void send(NodeProcess node, Path file) throws IOException, InterruptedException {
    SubmitTraceRequest.Metadata metadata =
        SubmitTraceRequest.Metadata.newBuilder()
            .setUploadId(String.valueOf(file.getFileName()))
            .build();
    Job job = null;
    while (job == null) {
      try {
        job = node.client().submitTrace(file, metadata);
      } catch (StatusRuntimeException e) {
        // The node has not yet heard of the end of the stream that broke.
        if (e.getStatus().getCode() != Status.Code.ABORTED) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(10);
      }
    }
    accepted.put(job.getJobId(), Fate.SUCCEEDS);
    Files.delete(file);
    count("resumed uploads");
  }

  /** Speaks another protocol, or none. */
  private void noGrpc(NodeProcess node, Random own) throws IOException, InterruptedException {
    try (Socket socket = new Socket("127.0.0.1", node.port())) {
      byte[] words =
          switch (own.nextInt(4)) {
            case 0 -> new byte[0];
            case 1 -> "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            case 2 -> "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            default -> {
              byte[] noise = new byte[own.nextInt(2000)];
              own.nextBytes(noise);
              yield noise;
            }
          };
      socket.getOutputStream().write(words);
      TimeUnit.MILLISECONDS.sleep(own.nextInt(100));
      if (own.nextBoolean()) {
        // Resets the connection.
        socket.setSoLinger(true, 0);
      }
    } catch (java.net.SocketException e) {
      // The node has hung up, as it should.
      if (dying) {
        throw e;
      }
    }
    count("connections without gRPC");
  }

  private static void check(Job job, Fate fate) {
    Failure failure = job.getFailure();
    // A job that was under way whenever the node was killed.
    if (failure.getKind() == Failure.Kind.INTERNAL
        && failure.getMessage().contains("the node died 3 times")) {
      return;
    }
    Job.State state = job.getState();
    boolean good =
        switch (fate) {
          case SUCCEEDS -> state == Job.State.SUCCEEDED;
          case IS_CANCELLED -> state == Job.State.SUCCEEDED || state == Job.State.CANCELLED;
          case EXPIRES ->
              state == Job.State.SUCCEEDED
                  || state == Job.State.EXPIRED
                  || failure.getKind() == Failure.Kind.DEADLINE;
          case LACKS_GAS -> failure.getKind() == Failure.Kind.GAS_EXCEEDED;
          case IS_NO_TRACE -> failure.getKind() == Failure.Kind.INVALID_TRACE;
        };
    assertTrue(good, fate + ": " + job);
  }

  /** Every accepted job has ended as it should, everything in the store has, PostOps verify. */
  private void check(NodeProcess node) throws Exception {
    ProverClient client = node.client();
    for (Path file = broken.poll(); file != null; file = broken.poll()) {
      send(node, file);
    }
    rest(node);
    assertSealed();
    Map<String, Integer> states = new TreeMap<>();
    String token = "";
    int kept = 0;
    do {
      ListJobsResponse page =
          client.listJobs(
              ListJobsRequest.newBuilder().setPageSize(1000).setPageToken(token).build());
      for (Job job : page.getJobsList()) {
        assertTrue(JobStore.hasEnded(job.getState()), job.toString());
        states.merge(job.getState().name(), 1, Integer::sum);
        kept++;
      }
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    List<ProofVerificationRequest> postOps = new ArrayList<>();
    int verified = 0;
    for (Map.Entry<String, Fate> each : accepted.entrySet()) {
      Job job = client.getJob(each.getKey());
      check(job, each.getValue());
      if (job.hasPostOp()) {
        postOps.add(
            ProofVerificationRequest.newBuilder()
                .setRequestId(job.getJobId())
                .setOperationId(job.getOperationHash())
                .setOperation(job.getOperation())
                .setPostOp(job.getPostOp())
                .build());
      }
      if (postOps.size() == 100) {
        verified += verify(client, postOps);
      }
    }
    verified += verify(client, postOps);
    System.out.printf(
        "SoakTest: %d jobs accepted, %d kept %s, %d PostOps verified; %d stops, %d kills; %s%n",
        accepted.size(), kept, states, verified, stops, kills, new TreeMap<>(done));
    assertTrue(verified > 0, "nothing was proven");
  }

  private static int verify(ProverClient client, List<ProofVerificationRequest> postOps) {
    if (postOps.isEmpty()) {
      return 0;
    }
    List<ProofVerificationResponse> verdicts = client.verifyBatch(postOps);
    for (ProofVerificationResponse verdict : verdicts) {
      assertEquals(Verdict.VALID, verdict.getVerdict(), verdict.toString());
    }
    postOps.clear();
    return verdicts.size();
  }
}
