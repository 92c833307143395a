package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import dev.zkwasm.client.ProverClient;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.Estimate;
import dev.zkwasm.engine.FakeEngine;
import dev.zkwasm.engine.Progress;
import dev.zkwasm.engine.ProofFiles;
import dev.zkwasm.operation.Encodings;
import dev.zkwasm.proto.v1.Capabilities;
import dev.zkwasm.proto.v1.ExecuteRequest;
import dev.zkwasm.proto.v1.ExecuteResponse;
import dev.zkwasm.proto.v1.Exit;
import dev.zkwasm.proto.v1.Extension;
import dev.zkwasm.proto.v1.Failure;
import dev.zkwasm.proto.v1.GetExtensionRequest;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.ListExtensionsRequest;
import dev.zkwasm.proto.v1.ListExtensionsResponse;
import dev.zkwasm.proto.v1.ListJobsRequest;
import dev.zkwasm.proto.v1.ListJobsResponse;
import dev.zkwasm.proto.v1.ListPostOpsRequest;
import dev.zkwasm.proto.v1.ListPostOpsResponse;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.PoolsGrpc;
import dev.zkwasm.proto.v1.PostOp;
import dev.zkwasm.proto.v1.ProcessedPostOp;
import dev.zkwasm.proto.v1.ProofVerificationRequest;
import dev.zkwasm.proto.v1.ProofVerificationResponse;
import dev.zkwasm.proto.v1.ProofVerificationResponse.Verdict;
import dev.zkwasm.proto.v1.ProverGrpc;
import dev.zkwasm.proto.v1.RegisterExtensionRequest.Metadata;
import dev.zkwasm.proto.v1.SubmitOperationRequest;
import dev.zkwasm.proto.v1.SubmitTraceRequest;
import dev.zkwasm.proto.v1.WaitingOperation;
import dev.zkwasm.proto.v1.WatchJobRequest;
import dev.zkwasm.proto.v1.WatchOperationsRequest;
import dev.zkwasm.proto.v1.WatchPostOpsRequest;
import dev.zkwasm.signing.NodeKey;
import dev.zkwasm.signing.Verdicts;
import dev.zkwasm.store.StoreException;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every method of the service, over a real gRPC transport inside the process, around a stand-in for
 * the prover.
 */
@Timeout(60)
class ServiceTest {
  private static final Limits LIMITS =
      new Limits(
          64 << 10, 1000, 4 << 20, 1000, 1 << 20, 1_000_000, 2, 2, 8 << 20, 64 << 20, 64 << 20,
          64 << 20);
  private static final byte[] WASM = FakeEngine.module("run,other,needs(i32)");

  @TempDir private Path folder = Path.of("");
  @TempDir private Path crashes = Path.of("");

  private final FakeEngine engine = new FakeEngine();
  private final NodeKey key = NodeKey.generate();
  private ServerConfig config = config(LIMITS, Fees.NONE, 0);
  private ProverServer server;
  private ManagedChannel channel;
  private ProverClient client;

  @BeforeEach
  void start() throws IOException {
    String name = InProcessServerBuilder.generateName();
    server =
        ProverServer.start(
            engine,
            config,
            folder,
            key,
            "0.0",
            InProcessServerBuilder.forName(name),
            Clock.systemUTC());
    channel = InProcessChannelBuilder.forName(name).build();
    client = ProverClient.on(channel);
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    server.close();
    assertTrue(channel.awaitTermination(5, TimeUnit.SECONDS));
  }

  private static ServerConfig config(Limits limits, Fees fees, int processWindow) {
    return new ServerConfig(
        "127.0.0.1",
        0,
        false,
        Access.OPEN,
        "test-node",
        1,
        limits,
        fees,
        processWindow,
        0,
        Duration.ofSeconds(2));
  }

  /** Stops the node and starts it again on the same store. */
  private void restart(ServerConfig changed) throws IOException, InterruptedException {
    stop();
    config = changed;
    start();
  }

  private static ByteString fill(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return ByteString.copyFrom(bytes);
  }

  private Extension register() {
    return client.register(WASM, Metadata.newBuilder().setDeveloper("me").build());
  }

  private static Operation.Builder operation(ByteString extensionId, String data) {
    return Operation.newBuilder()
        .setChainId(1)
        .setExtensionId(extensionId)
        .setTo(fill(20, 1))
        .setGas(1000)
        .setData(ByteString.copyFromUtf8(data))
        .setBlockHash(fill(32, 2));
  }

  private static SubmitOperationRequest.Builder submission(Operation operation) {
    return SubmitOperationRequest.newBuilder()
        .setOperation(operation)
        .setProcessedBlockHash(fill(32, 3))
        .setFeeRecipient(fill(20, 4));
  }

  private Job done(Job job) {
    return client.watch(job.getJobId(), j -> {});
  }

  private List<Path> sealedFiles() {
    try (Stream<Path> files = Files.list(folder.resolve("sealed"))) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Status.Code codeOf(Runnable call) {
    return assertThrows(StatusRuntimeException.class, call::run).getStatus().getCode();
  }

  /** The fields that an INVALID_ARGUMENT names. */
  private static List<String> violations(Runnable call) {
    StatusRuntimeException e = assertThrows(StatusRuntimeException.class, call::run);
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode(), e.getMessage());
    return detail(e, BadRequest.class).getFieldViolationsList().stream()
        .map(BadRequest.FieldViolation::getField)
        .toList();
  }

  private static <T extends com.google.protobuf.Message> T detail(
      StatusRuntimeException e, Class<T> type) {
    com.google.rpc.Status status = StatusProto.fromThrowable(e);
    for (Any any : status == null ? List.<Any>of() : status.getDetailsList()) {
      if (any.is(type)) {
        try {
          return any.unpack(type);
        } catch (InvalidProtocolBufferException x) {
          throw new UncheckedIOException(x);
        }
      }
    }
    throw new AssertionError("no " + type + " in " + e);
  }

  @Test
  void registersAnExtension() {
    Extension extension = register();
    assertArrayEquals(Encodings.keccak256(WASM), extension.getExtensionId().toByteArray());
    assertEquals(extension.getExtensionId(), extension.getBytecodeHash());
    assertEquals("run", extension.getEntryExport());
    assertEquals("me", extension.getDeveloper());
    assertEquals(WASM.length, extension.getBytecodeSize());
    assertTrue(extension.getBytecode().isEmpty());
    assertTrue(extension.hasRegisteredAt());
    assertEquals(32, extension.getProgramDigest().size());

    // Idempotent by content: who registered first stays.
    assertEquals(
        extension, client.register(WASM, Metadata.newBuilder().setDeveloper("you").build()));
    assertEquals(
        Status.Code.FAILED_PRECONDITION,
        codeOf(() -> client.register(WASM, Metadata.newBuilder().setEntryExport("other").build())));

    GetExtensionRequest get =
        GetExtensionRequest.newBuilder().setExtensionId(extension.getExtensionId()).build();
    assertEquals(extension, client.getExtension(get));
    Extension whole = client.getExtension(get.toBuilder().setIncludeBytecode(true).build());
    assertArrayEquals(WASM, whole.getBytecode().toByteArray());
  }

  @Test
  void refusesBadExtensions() {
    Metadata none = Metadata.getDefaultInstance();
    assertEquals(List.of("chunk"), violations(() -> client.register(new byte[] {1, 2, 3}, none)));
    assertEquals(List.of("chunk"), violations(() -> client.register(new byte[0], none)));
    assertEquals(
        List.of("chunk"), violations(() -> client.register(new byte[(64 << 10) + 1], none)));
    assertEquals(
        List.of("metadata.entry_export"),
        violations(
            () -> client.register(WASM, Metadata.newBuilder().setEntryExport("nope").build())));
    assertEquals(
        List.of("metadata.entry_export"),
        violations(
            () -> client.register(WASM, Metadata.newBuilder().setEntryExport("needs").build())));
    assertEquals(
        List.of("metadata.extension_id"),
        violations(
            () ->
                client.register(WASM, Metadata.newBuilder().setExtensionId(fill(32, 1)).build())));
    assertEquals(
        List.of("metadata.extension_id"),
        violations(
            () ->
                client.register(WASM, Metadata.newBuilder().setExtensionId(fill(31, 1)).build())));
    assertEquals(0, client.capabilities().getSupportedExtensionsCount());
  }

  @Test
  void listsExtensionsByPages() {
    List<ByteString> ids = new ArrayList<>();
    for (String name : List.of("run,a", "run,b", "run,c")) {
      ids.add(
          client.register(FakeEngine.module(name), Metadata.getDefaultInstance()).getExtensionId());
    }
    ListExtensionsRequest request = ListExtensionsRequest.newBuilder().setPageSize(2).build();
    ListExtensionsResponse first = client.listExtensions(request);
    ListExtensionsResponse second =
        client.listExtensions(request.toBuilder().setPageToken(first.getNextPageToken()).build());
    assertEquals(2, first.getExtensionsCount());
    assertEquals("", second.getNextPageToken());
    List<ByteString> listed = new ArrayList<>();
    first.getExtensionsList().forEach(e -> listed.add(e.getExtensionId()));
    second.getExtensionsList().forEach(e -> listed.add(e.getExtensionId()));
    assertEquals(ids, listed);
    assertEquals(
        List.of("page_token"),
        violations(() -> client.listExtensions(request.toBuilder().setPageToken("x").build())));
    assertEquals(
        List.of("page_size"),
        violations(() -> client.listExtensions(request.toBuilder().setPageSize(-1).build())));
  }

  @Test
  void unknownThingsAreNotFound() {
    ByteString unknown = fill(32, 9);
    assertEquals(
        Status.Code.NOT_FOUND,
        codeOf(
            () ->
                client.getExtension(
                    GetExtensionRequest.newBuilder().setExtensionId(unknown).build())));
    assertEquals(
        Status.Code.NOT_FOUND,
        codeOf(() -> client.submit(submission(operation(unknown, "x").build()).build())));
    assertEquals(
        Status.Code.NOT_FOUND,
        codeOf(() -> client.execute(ExecuteRequest.newBuilder().setExtensionId(unknown).build())));
    assertEquals(Status.Code.NOT_FOUND, codeOf(() -> client.getJob("nope")));
    assertEquals(Status.Code.NOT_FOUND, codeOf(() -> client.cancelJob("nope")));
    assertEquals(Status.Code.NOT_FOUND, codeOf(() -> client.watch("nope", j -> {})));
  }

  @Test
  void provesAnOperation() {
    Extension extension = register();
    Operation operation = operation(extension.getExtensionId(), "abc").build();
    byte[] hash = Encodings.operationHash(operation);
    Job queued =
        client.submit(
            submission(operation).setPrivateInput(ByteString.copyFromUtf8("secret")).build());
    List<Job> seen = Collections.synchronizedList(new ArrayList<>());
    Job job = client.watch(queued.getJobId(), seen::add);

    assertEquals(Job.State.SUCCEEDED, job.getState(), job.getFailure().getMessage());
    assertEquals(job, seen.getLast());
    assertArrayEquals(hash, job.getOperationHash().toByteArray());
    PostOp postOp = job.getPostOp();
    assertArrayEquals(hash, postOp.getOperationHash().toByteArray());
    assertEquals("cba", postOp.getData().toStringUtf8());
    assertEquals(postOp.getData(), postOp.getProof().getOutput());
    assertEquals(fill(32, 3), postOp.getProcessedBlockHash());
    assertEquals(fill(20, 4), postOp.getFeeRecipient());
    assertEquals(extension.getExtensionId(), postOp.getProof().getExtensionId());
    assertEquals("abc", postOp.getProof().getInputsOrThrow("publicInput").toStringUtf8());
    assertArrayEquals(
        Encodings.context(hash, fill(32, 3).toByteArray(), fill(20, 4).toByteArray()),
        job.getStatement().getContext().toByteArray());
    assertEquals(FakeEngine.STEPS, job.getStatement().getSteps());
    assertEquals(FakeEngine.STEPS, job.getCost().getSteps());
    assertEquals(200, job.getCost().getWasmSteps());
    assertEquals(64, job.getCost().getRowsOrThrow("alu"));
    assertEquals(Exit.Kind.RETURNED, job.getStatement().getExit().getKind());
    assertEquals(
        List.of("execute", "prepare", "commit", "open", "verify"),
        job.getStageTimesList().stream().map(t -> t.getStage()).toList());

    assertEquals(Verdict.VALID, client.verify(operation, postOp).getVerdict());
    assertEquals(job, client.getJob(job.getJobId()));
    assertFalse(job.toString().contains("secret"));
    // The array that held the private input has been erased, and so has its file.
    assertArrayEquals(new byte[6], engine.lastPrivateInput);
    assertEquals(List.of(), sealedFiles());
  }

  @Test
  void theSameOperationIsTheSameJob() {
    Operation operation = operation(register().getExtensionId(), "abc").build();
    Job job = done(client.submit(submission(operation).build()));
    assertEquals(job, client.submit(submission(operation).build()));
    assertEquals(1, engine.proved());

    assertNotEquals(
        job.getJobId(),
        client.submit(submission(operation).setProcessedBlockHash(fill(32, 8)).build()).getJobId());
    assertEquals(
        Status.Code.ALREADY_EXISTS,
        codeOf(() -> client.submit(submission(operation).setPrivateInput(fill(1, 1)).build())));
  }

  @Test
  void aTrapIsAResult() {
    Operation operation = operation(register().getExtensionId(), "trap").build();
    Job job = done(client.submit(submission(operation).build()));
    assertEquals(Job.State.SUCCEEDED, job.getState());
    assertEquals("trapped unreachable", job.getStatement().getExit().getText());
    assertEquals(Verdict.VALID, client.verify(operation, job.getPostOp()).getVerdict());
  }

  @Test
  void gasIsACap() {
    Operation operation = operation(register().getExtensionId(), "abc").setGas(99).build();
    Job job = done(client.submit(submission(operation).build()));
    assertEquals(Job.State.FAILED, job.getState());
    assertEquals(Failure.Kind.GAS_EXCEEDED, job.getFailure().getKind());
    assertFalse(job.hasPostOp());
    // A failed job does not stand in the way of another try.
    assertNotEquals(job.getJobId(), client.submit(submission(operation).build()).getJobId());
  }

  @Test
  void namesTheFieldsThatAreWrong() {
    ByteString id = register().getExtensionId();
    Operation good = operation(id, "abc").build();
    assertEquals(
        List.of("operation", "processed_block_hash", "fee_recipient"),
        violations(() -> client.submit(SubmitOperationRequest.getDefaultInstance())));
    assertEquals(
        List.of("operation.to", "operation.block_hash", "operation.gas"),
        violations(
            () ->
                client.submit(
                    submission(
                            good.toBuilder().setTo(fill(32, 0)).clearBlockHash().setGas(0).build())
                        .build())));
    assertEquals(
        List.of("private_input", "operation.data"),
        violations(
            () ->
                client.submit(
                    submission(good.toBuilder().setData(fill(1001, 0)).build())
                        .setPrivateInput(fill(1001, 0))
                        .build())));
    assertEquals(
        List.of("deadline"),
        violations(
            () ->
                client.submit(
                    submission(good).setDeadline(Timestamp.newBuilder().setNanos(-1)).build())));
  }

  @Test
  void aFullQueueIsSaid() throws InterruptedException {
    ByteString id = register().getExtensionId();
    CountDownLatch gate = new CountDownLatch(1);
    engine.gate = gate;
    List<Job> jobs = new ArrayList<>();
    jobs.add(client.submit(submission(operation(id, "0").build()).build()));
    assertTrue(engine.begun.await(10, TimeUnit.SECONDS));
    jobs.add(client.submit(submission(operation(id, "1").build()).build()));
    jobs.add(client.submit(submission(operation(id, "2").build()).build()));
    SubmitOperationRequest more = submission(operation(id, "3").build()).build();
    StatusRuntimeException e =
        assertThrows(StatusRuntimeException.class, () -> client.submit(more));
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, e.getStatus().getCode());
    assertTrue(detail(e, RetryInfo.class).getRetryDelay().getSeconds() > 0);
    // A job that is there is still found.
    assertEquals(
        jobs.get(2).getJobId(),
        client.submit(submission(operation(id, "2").build()).build()).getJobId());

    // A cancelled job gives its place free.
    assertEquals(Job.State.CANCELLED, client.cancelJob(jobs.get(1).getJobId()).getState());
    jobs.add(client.submit(more));
    gate.countDown();
    assertEquals(Job.State.SUCCEEDED, done(jobs.get(0)).getState());
    assertEquals(Job.State.CANCELLED, done(jobs.get(1)).getState());
    assertEquals(Job.State.SUCCEEDED, done(jobs.get(2)).getState());
    assertEquals(Job.State.SUCCEEDED, done(jobs.get(3)).getState());

    ListJobsResponse listed =
        client.listJobs(
            ListJobsRequest.newBuilder().addStates(Job.State.SUCCEEDED).setPageSize(2).build());
    assertEquals(
        List.of(jobs.get(0).getJobId(), jobs.get(2).getJobId()),
        listed.getJobsList().stream().map(Job::getJobId).toList());
    assertFalse(listed.getJobs(0).hasPostOp());
    assertFalse(listed.getNextPageToken().isEmpty());
  }

  @Test
  void cancelsARunningJob() throws InterruptedException {
    ByteString id = register().getExtensionId();
    engine.gate = new CountDownLatch(1);
    Job job = client.submit(submission(operation(id, "abc").build()).build());
    assertTrue(engine.begun.await(10, TimeUnit.SECONDS));
    assertEquals(Job.State.CANCELLED, client.cancelJob(job.getJobId()).getState());
    Job ended = done(job);
    assertEquals(Job.State.CANCELLED, ended.getState());
    assertTrue(ended.hasEndedAt());
    // Cancelling what has ended changes nothing, and the worker is free for the next.
    assertEquals(ended, client.cancelJob(job.getJobId()));
    engine.gate = null;
    assertEquals(
        Job.State.SUCCEEDED,
        done(client.submit(submission(operation(id, "next").build()).build())).getState());
  }

  /** Whoever watches sees the prover's stage, and a fraction that grows. */
  @Test
  void progressIsSeen() throws InterruptedException {
    ByteString id = register().getExtensionId();
    CountDownLatch gate = new CountDownLatch(1);
    engine.gate = gate;
    Job queued = client.submit(submission(operation(id, "abc").build()).build());
    BlockingQueue<Job> seen = new LinkedBlockingQueue<>();
    ProverGrpc.newStub(channel)
        .watchJob(WatchJobRequest.newBuilder().setJobId(queued.getJobId()).build(), into(seen));
    List<Job> all = new ArrayList<>();
    Job last = next(seen);
    while (!(last.getStage().equals("commit") && last.getFraction() == 0.25)) {
      all.add(last);
      last = next(seen);
    }
    assertEquals(Job.State.PROVING, last.getState());
    // The result has a frame from the start, which is nobody's business before it is filled.
    assertFalse(last.hasPostOp());
    gate.countDown();
    while (last.getState() != Job.State.SUCCEEDED) {
      all.add(last);
      last = next(seen);
    }
    assertEquals(1, last.getFraction());
    for (int i = 1; i < all.size(); i++) {
      assertTrue(all.get(i - 1).getStateValue() <= all.get(i).getStateValue());
      assertTrue(
          all.get(i - 1).getState() != all.get(i).getState()
              || all.get(i - 1).getFraction() <= all.get(i).getFraction());
    }
  }

  /** A cancelled job holds nothing any more: no memory, no secret, no place in the queue. */
  @Test
  void cancellationFreesWhatTheJobHeld() throws IOException, InterruptedException {
    ByteString id = register().getExtensionId();
    engine.gate = new CountDownLatch(1);
    List<Job> jobs = new ArrayList<>();
    for (String data : List.of("running", "waiting")) {
      jobs.add(
          client.submit(
              submission(operation(id, data).build()).setPrivateInput(fill(9, 9)).build()));
    }
    assertTrue(engine.begun.await(10, TimeUnit.SECONDS));
    assertEquals(1 << 20, metric("zkwasm_proving_bytes"));
    assertEquals(2, sealedFiles().size());
    jobs.forEach(job -> client.cancelJob(job.getJobId()));
    for (int i = 0;
        i < 1000 && !(sealedFiles().isEmpty() && metric("zkwasm_proving_bytes") == 0);
        i++) {
      Thread.sleep(5);
    }
    assertEquals(List.of(), sealedFiles());
    assertEquals(0, metric("zkwasm_proving_bytes"));
    assertEquals(0, metric("zkwasm_sealed_bytes"));
    assertEquals(0, metric("zkwasm_queue_depth"));
    assertArrayEquals(new byte[9], engine.lastPrivateInput);
  }

  private double metric(String name) throws IOException {
    try (InputStream in =
        URI.create("http://127.0.0.1:" + server.httpPort() + "/metrics").toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
          .sum();
    }
  }

  @Test
  void deadlinesEndJobs() throws InterruptedException {
    ByteString id = register().getExtensionId();
    engine.gate = new CountDownLatch(1);
    // The estimate must not refuse it, and a busy machine must come to begin it.
    engine.estimate = new Estimate(1000, 6, 1 << 20, 0);
    Timestamp soon = Messages.timestamp(Clock.systemUTC().instant().plusSeconds(5));
    Job running = client.submit(submission(operation(id, "a").build()).setDeadline(soon).build());
    assertTrue(engine.begun.await(10, TimeUnit.SECONDS));
    Job waiting =
        client.submit(
            submission(operation(id, "b").build())
                .setDeadline(Timestamp.newBuilder().setSeconds(1))
                .build());
    assertEquals(Job.State.EXPIRED, done(waiting).getState());
    Job ended = done(running);
    assertEquals(Job.State.FAILED, ended.getState());
    assertEquals(Failure.Kind.DEADLINE, ended.getFailure().getKind());
  }

  @Test
  void faultsHaveAReference() {
    ByteString id = register().getExtensionId();
    engine.fault = new IllegalStateException("secret details");
    Job job = done(client.submit(submission(operation(id, "a").build()).build()));
    assertEquals(Failure.Kind.INTERNAL, job.getFailure().getKind());
    assertTrue(job.getFailure().getMessage().contains("reference"));
    assertFalse(job.getFailure().getMessage().contains("secret"));

    engine.fault =
        new EngineException(EngineException.Kind.RESOURCE, "needs 2^21 rows, there are 2^20");
    Job larger = done(client.submit(submission(operation(id, "b").build()).build()));
    assertEquals(Failure.Kind.RESOURCE, larger.getFailure().getKind());
    assertEquals("needs 2^21 rows, there are 2^20", larger.getFailure().getMessage());
  }

  @Test
  void provesATrace() throws IOException {
    byte[] trace = Arrays.copyOf(FakeEngine.TRACE, FakeEngine.TRACE.length + (3 << 20));
    Job queued =
        client.submitTrace(
            new ByteArrayInputStream(trace),
            SubmitTraceRequest.Metadata.newBuilder().setTraceSize(trace.length).build());
    Job job = done(queued);
    assertEquals(Job.State.SUCCEEDED, job.getState(), job.getFailure().getMessage());
    assertFalse(job.hasPostOp());
    assertFalse(job.getProof().getProofData().isEmpty());
    assertEquals(3 << 20, job.getStatement().getPublicInput().size());
  }

  @Test
  void refusesBadTraces() throws IOException {
    SubmitTraceRequest.Metadata none = SubmitTraceRequest.Metadata.getDefaultInstance();
    Job foreign = done(client.submitTrace(new ByteArrayInputStream(new byte[10]), none));
    assertEquals(Job.State.FAILED, foreign.getState());
    assertEquals(Failure.Kind.INVALID_TRACE, foreign.getFailure().getKind());

    assertEquals(
        List.of("chunk"),
        violations(() -> submitTrace(new byte[10], none.toBuilder().setTraceSize(11).build())));
    assertEquals(
        List.of("chunk"),
        violations(
            () -> submitTrace(new byte[10], none.toBuilder().setTraceSize(1L << 40).build())));
    assertEquals(List.of("chunk"), violations(() -> submitTrace(new byte[(4 << 20) + 1], none)));
  }

  private void submitTrace(byte[] trace, SubmitTraceRequest.Metadata metadata) {
    try {
      client.submitTrace(new ByteArrayInputStream(trace), metadata);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private StatusRuntimeException uploadParts(SubmitTraceRequest... parts)
      throws InterruptedException {
    AtomicReference<@Nullable Throwable> error = new AtomicReference<>();
    CountDownLatch ended = new CountDownLatch(1);
    StreamObserver<SubmitTraceRequest> upload =
        ProverGrpc.newStub(channel)
            .submitTrace(
                new StreamObserver<>() {
                  @Override
                  public void onNext(Job job) {}

                  @Override
                  public void onError(Throwable t) {
                    error.set(t);
                    ended.countDown();
                  }

                  @Override
                  public void onCompleted() {
                    ended.countDown();
                  }
                });
    for (SubmitTraceRequest part : parts) {
      upload.onNext(part);
    }
    upload.onCompleted();
    assertTrue(ended.await(10, TimeUnit.SECONDS));
    return (StatusRuntimeException) Objects.requireNonNull(error.get());
  }

  @Test
  void chunksMustFollowEachOther() throws InterruptedException {
    SubmitTraceRequest metadata =
        SubmitTraceRequest.newBuilder()
            .setMetadata(SubmitTraceRequest.Metadata.getDefaultInstance())
            .build();
    SubmitTraceRequest late =
        SubmitTraceRequest.newBuilder()
            .setChunk(SubmitTraceRequest.Chunk.newBuilder().setOffset(5).setData(fill(1, 1)))
            .build();
    StatusRuntimeException gap = uploadParts(metadata, late);
    assertEquals(List.of("chunk.offset"), violations(() -> rethrow(gap)));
    StatusRuntimeException headless = uploadParts(late);
    assertEquals(List.of("metadata"), violations(() -> rethrow(headless)));
    StatusRuntimeException twice = uploadParts(metadata, metadata);
    assertEquals(List.of("metadata"), violations(() -> rethrow(twice)));
    StatusRuntimeException nothing = uploadParts();
    assertEquals(List.of("metadata"), violations(() -> rethrow(nothing)));
    StatusRuntimeException unset = uploadParts(SubmitTraceRequest.getDefaultInstance());
    assertEquals(List.of("part"), violations(() -> rethrow(unset)));
  }

  private static void rethrow(StatusRuntimeException e) {
    throw e;
  }

  @Test
  void executesWithoutProving() {
    ByteString id = register().getExtensionId();
    ExecuteRequest request =
        ExecuteRequest.newBuilder()
            .setExtensionId(id)
            .setData(ByteString.copyFromUtf8("abc"))
            .build();
    ExecuteResponse response = client.execute(request);
    assertEquals("cba", response.getOutput().toStringUtf8());
    assertEquals(FakeEngine.STEPS, response.getCost().getSteps());
    assertEquals("returned", response.getExit().getText());
    assertEquals(7, response.getResults(0).getBits());
    assertEquals(
        250_000_000L,
        response.getEstimatedTime().getSeconds() * 1_000_000_000L
            + response.getEstimatedTime().getNanos());
    assertEquals(0, engine.proved());
    assertEquals(
        Status.Code.FAILED_PRECONDITION,
        codeOf(() -> client.execute(request.toBuilder().setGas(99).build())));
    assertEquals(
        List.of("extension_id"),
        violations(() -> client.execute(request.toBuilder().setExtensionId(fill(3, 1)).build())));
  }

  @Test
  void judgesAgainstTheOperation() {
    Operation operation = operation(register().getExtensionId(), "abc").build();
    PostOp postOp = done(client.submit(submission(operation).build())).getPostOp();
    ByteString id = ByteString.copyFrom(Encodings.operationHash(operation));
    ProofVerificationRequest good =
        ProofVerificationRequest.newBuilder()
            .setRequestId("r1")
            .setOperationId(id)
            .setOperation(operation)
            .setPostOp(postOp)
            .build();
    ProofVerificationResponse valid = client.verify(good);
    assertEquals(Verdict.VALID, valid.getVerdict());
    assertEquals("r1", valid.getRequestId());
    assertEquals("test-node", valid.getResponderNodeId());
    assertEquals("cba", valid.getStatement().getOutput().toStringUtf8());
    assertEquals(0, valid.getDiagnosticsCount());
    // This node has seen the Operation itself.
    assertEquals(
        Verdict.VALID, client.verify(good.toBuilder().clearOperation().build()).getVerdict());

    List<PostOp> forged =
        List.of(
            postOp.toBuilder().setProcessedBlockHash(fill(32, 7)).build(),
            postOp.toBuilder().setFeeRecipient(fill(20, 7)).build(),
            postOp.toBuilder().setData(ByteString.copyFromUtf8("xxx")).build(),
            postOp.toBuilder().setOperationHash(fill(32, 7)).build(),
            postOp.toBuilder().setExtensionId(fill(32, 7)).build(),
            postOp.toBuilder()
                .setProof(postOp.getProof().toBuilder().setOutput(fill(1, 1)))
                .build(),
            postOp.toBuilder()
                .setProof(postOp.getProof().toBuilder().setExtensionId(fill(32, 7)))
                .build(),
            postOp.toBuilder()
                .setProof(postOp.getProof().toBuilder().putInputs("steps", fill(8, 0)))
                .build(),
            postOp.toBuilder()
                .setProof(postOp.getProof().toBuilder().putInputs("more", fill(8, 0)))
                .build(),
            postOp.toBuilder().setProof(postOp.getProof().toBuilder().removeInputs("exit")).build(),
            postOp.toBuilder()
                .setProof(postOp.getProof().toBuilder().setProofData(fill(5, 1)))
                .build());
    for (PostOp forgery : forged) {
      ProofVerificationResponse response =
          client.verify(good.toBuilder().setPostOp(forgery).build());
      assertEquals(Verdict.INVALID, response.getVerdict(), forgery.toString());
      assertTrue(response.getDiagnosticsCount() > 0);
      assertFalse(response.hasStatement());
    }

    // Another Operation with the same hash does not exist; one with other data has another hash.
    for (Operation other :
        List.of(
            operation.toBuilder().setData(fill(3, 1)).build(),
            operation.toBuilder().setGas(99).build(),
            operation.toBuilder().setBlockHash(fill(32, 7)).build())) {
      assertEquals(
          Verdict.INVALID,
          client.verify(good.toBuilder().setOperation(other).build()).getVerdict());
      assertEquals(Verdict.INVALID, client.verify(other, postOp).getVerdict());
    }
  }

  /**
   * A prover that runs something else under the right context: only the comparison with the
   * Operation tells.
   */
  @Test
  void aProofOfOtherDataUnderTheRightContextIsRefused() {
    Extension extension = register();
    Operation operation = operation(extension.getExtensionId(), "abc").build();
    Operation other = operation(extension.getExtensionId(), "other").build();
    PostOp honest = done(client.submit(submission(operation).build())).getPostOp();
    byte[] context =
        Encodings.context(
            Encodings.operationHash(operation),
            fill(32, 3).toByteArray(),
            fill(20, 4).toByteArray());
    for (String export : List.of("run", "other")) {
      for (Operation data : List.of(operation, other)) {
        var run =
            engine.execute(
                engine.load(WASM),
                new dev.zkwasm.isa.Call(
                    export, List.of(), data.getData().toByteArray(), new byte[0]),
                1000,
                Progress.NONE);
        byte[] file = engine.prove(engine.prepare(run), context, Progress.NONE);
        var proof = Messages.proof(ProofFiles.read(file), file, engine.info());
        PostOp postOp = honest.toBuilder().setProof(proof).setData(proof.getOutput()).build();
        Verdict expected =
            export.equals("run") && data == operation ? Verdict.VALID : Verdict.INVALID;
        assertEquals(expected, client.verify(operation, postOp).getVerdict(), export);
      }
    }
  }

  @Test
  void saysWhatItCannotJudge() {
    Operation operation = operation(fill(32, 5), "abc").build();
    PostOp postOp =
        PostOp.newBuilder()
            .setOperationHash(fill(32, 1))
            .setExtensionId(fill(32, 5))
            .setProcessedBlockHash(fill(32, 1))
            .setFeeRecipient(fill(20, 1))
            .setProof(dev.zkwasm.proto.v1.Proof.newBuilder().setExtensionId(fill(32, 5)))
            .build();
    ProofVerificationResponse unregistered = client.verify(operation, postOp);
    assertEquals(Verdict.ERROR, unregistered.getVerdict());
    assertEquals("operation.extension_id", unregistered.getDiagnostics(0).getField());
    ProofVerificationResponse unknown =
        client.verify(
            ProofVerificationRequest.newBuilder()
                .setRequestId("r")
                .setOperationId(fill(32, 1))
                .setPostOp(postOp)
                .build());
    assertEquals(Verdict.ERROR, unknown.getVerdict());
    assertEquals("operation", unknown.getDiagnostics(0).getField());
    assertEquals(
        List.of("request_id", "operation_id", "post_op"),
        violations(() -> client.verify(ProofVerificationRequest.getDefaultInstance())));
  }

  @Test
  void saysWhatItCanDo() {
    Extension extension = register();
    Capabilities capabilities = client.capabilities();
    assertEquals("test-node", capabilities.getNodeId());
    assertEquals(List.of(extension.getExtensionId()), capabilities.getSupportedExtensionsList());
    assertEquals("fake", capabilities.getBackend());
    assertEquals(3, capabilities.getLoweringVersion());
    assertTrue(capabilities.getInsecureSrs());
    assertEquals(0, capabilities.getProcessWindow());
    assertEquals(1000, capabilities.getMaxProofSize());
    assertEquals(2, capabilities.getLimits().getMaxQueuedJobs());
  }

  @Test
  void healthAndReflectionAnswer() throws InterruptedException {
    assertEquals(
        HealthCheckResponse.ServingStatus.SERVING,
        HealthGrpc.newBlockingStub(channel)
            .check(HealthCheckRequest.getDefaultInstance())
            .getStatus());
    List<String> services = new ArrayList<>();
    CountDownLatch ended = new CountDownLatch(1);
    StreamObserver<ServerReflectionRequest> reflection =
        ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    response
                        .getListServicesResponse()
                        .getServiceList()
                        .forEach(s -> services.add(s.getName()));
                  }

                  @Override
                  public void onError(Throwable t) {
                    ended.countDown();
                  }

                  @Override
                  public void onCompleted() {
                    ended.countDown();
                  }
                });
    reflection.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    reflection.onCompleted();
    assertTrue(ended.await(10, TimeUnit.SECONDS));
    assertTrue(services.contains("zkwasm.prover.v1.Prover"), services::toString);
  }

  @Test
  void aNodeThatStopsTellsWhoWatchesAndGoesOnAfterwards() throws InterruptedException, IOException {
    ByteString id = register().getExtensionId();
    engine.gate = new CountDownLatch(1);
    Job job = client.submit(submission(operation(id, "abc").build()).build());
    assertTrue(engine.begun.await(10, TimeUnit.SECONDS));
    AtomicReference<Job> last = new AtomicReference<>(job);
    AtomicReference<@Nullable Throwable> error = new AtomicReference<>();
    CountDownLatch ended = new CountDownLatch(1);
    CountDownLatch first = new CountDownLatch(1);
    ProverGrpc.newStub(channel)
        .watchJob(
            WatchJobRequest.newBuilder().setJobId(job.getJobId()).build(),
            new StreamObserver<>() {
              @Override
              public void onNext(Job next) {
                last.set(next);
                first.countDown();
              }

              @Override
              public void onError(Throwable t) {
                error.set(t);
                ended.countDown();
              }

              @Override
              public void onCompleted() {
                ended.countDown();
              }
            });
    assertTrue(first.await(10, TimeUnit.SECONDS));
    server.close();
    assertTrue(ended.await(10, TimeUnit.SECONDS));
    assertEquals(
        Status.Code.UNAVAILABLE,
        Status.fromThrowable(Objects.requireNonNull(error.get())).getCode());
    assertEquals(Job.State.PROVING, last.get().getState());

    // The job goes on with the next start.
    engine.gate = null;
    restart(config);
    Job resumed = done(job);
    assertEquals(Job.State.SUCCEEDED, resumed.getState());
    // What was stopped does not count as an attempt.
    assertEquals(1, resumed.getAttempts());
  }

  @Test
  void listensOnLoopbackOnlyUnlessTold() {
    assertTrue(refusal(false, Access.OPEN).contains("nothing is encrypted"));
    // Told, but with a reference string whose secret is public.
    assertTrue(refusal(true, Access.OPEN).contains("development reference string"));
    Access.Tls tls = new Access.Tls(Path.of("cert"), Path.of("key"), null, Set.of());
    assertTrue(
        refusal(false, new Access(tls, null, 1, 1)).contains("nobody is asked who they are"));
    engine.insecureSrs = false;
    Access.Tls mutual = new Access.Tls(Path.of("cert"), Path.of("key"), Path.of("ca"), Set.of());
    assertEquals("cannot read cert", refusal(false, new Access(mutual, null, 1, 1)));
  }

  private String refusal(boolean insecurePublic, Access access) {
    ServerConfig everywhere =
        new ServerConfig(
            "0.0.0.0", 0, insecurePublic, access, "n", 1, LIMITS, Fees.NONE, 0, -1, Duration.ZERO);
    return String.valueOf(
        assertThrows(
                IllegalArgumentException.class,
                () -> ProverServer.start(engine, everywhere, folder.resolve("x"), key, "0.0"))
            .getMessage());
  }

  /** What waits or runs survives a restart, what has ended stays as it was, secrets as well. */
  @Test
  void everythingSurvivesARestart() throws IOException, InterruptedException {
    ByteString id = register().getExtensionId();
    ByteString secret = ByteString.copyFromUtf8("a very private input");
    Job before =
        done(client.submit(submission(operation(id, "0").build()).setPrivateInput(secret).build()));
    engine.gate = new CountDownLatch(1);
    engine.begun = new CountDownLatch(1);
    SubmitOperationRequest running =
        submission(operation(id, "1").build()).setPrivateInput(secret).build();
    SubmitOperationRequest waiting = submission(operation(id, "2").build()).build();
    Job first = client.submit(running);
    assertTrue(engine.begun.await(10, TimeUnit.SECONDS));
    Job second = client.submit(waiting);
    Job third =
        client.submitTrace(
            new ByteArrayInputStream(FakeEngine.TRACE),
            SubmitTraceRequest.Metadata.getDefaultInstance());
    for (Path file : sealedFiles()) {
      String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      assertFalse(bytes.contains("private") || bytes.contains("trace of"), file.toString());
    }
    assertEquals(2, sealedFiles().size());
    byte[] database = Files.readAllBytes(folder.resolve("node.db-wal"));
    assertFalse(new String(database, StandardCharsets.ISO_8859_1).contains("very private"));

    stop();
    engine.gate = null;
    start();
    assertEquals(before, client.getJob(before.getJobId()));
    assertEquals(
        before,
        client.submit(submission(operation(id, "0").build()).setPrivateInput(secret).build()));
    // The same submission is the same job: who was not answered may ask again.
    assertEquals(first.getJobId(), client.submit(running).getJobId());
    assertEquals(second.getJobId(), client.submit(waiting).getJobId());
    for (Job job : List.of(first, second, third)) {
      assertEquals(Job.State.SUCCEEDED, done(job).getState());
    }
    assertEquals("a very private input".length(), engine.privateInputBytes);
    assertEquals(
        List.of(before, first, second, third).stream().map(Job::getJobId).toList(),
        client.listJobs(ListJobsRequest.getDefaultInstance()).getJobsList().stream()
            .map(Job::getJobId)
            .toList());
    assertEquals(List.of(), sealedFiles());
  }

  @Test
  void oneNodeHasAStore() {
    StoreException e =
        assertThrows(
            StoreException.class,
            () ->
                ProverServer.start(
                    engine,
                    config,
                    folder,
                    key,
                    "0.0",
                    InProcessServerBuilder.forName("another"),
                    Clock.systemUTC()));
    assertTrue(String.valueOf(e.getMessage()).contains("in use by another node"));
  }

  /** A job over which the node dies again and again must not keep it from ever starting. */
  @Test
  void aJobIsGivenUpAfterThreeAttempts() throws IOException, InterruptedException {
    ByteString id = register().getExtensionId();
    engine.gate = new CountDownLatch(1);
    Job job = client.submit(submission(operation(id, "abc").build()).build());
    for (int attempt = 1; attempt <= 3; attempt++) {
      assertTrue(engine.begun.await(10, TimeUnit.SECONDS));
      assertEquals(attempt, client.getJob(job.getJobId()).getAttempts());
      engine.begun = new CountDownLatch(1);
      // What the disk holds now is what a node that dies leaves.
      Path left = crashes.resolve("after-" + attempt);
      copy(folder, left);
      stop();
      folder = left;
      start();
    }
    Job ended = client.getJob(job.getJobId());
    assertEquals(Job.State.FAILED, ended.getState());
    assertEquals(Failure.Kind.INTERNAL, ended.getFailure().getKind());
    assertTrue(ended.getFailure().getMessage().contains("died 3 times"));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Files.copy(each, to.resolve(from.relativize(each)));
      }
    }
  }

  /** However often an operator restarts a node, it is not the jobs' fault. */
  @Test
  void stopsAreNoAttempts() throws IOException, InterruptedException {
    ByteString id = register().getExtensionId();
    CountDownLatch gate = new CountDownLatch(1);
    engine.gate = gate;
    Job job = client.submit(submission(operation(id, "abc").build()).build());
    for (int stop = 0; stop < 4; stop++) {
      assertTrue(engine.begun.await(10, TimeUnit.SECONDS));
      assertEquals(1, client.getJob(job.getJobId()).getAttempts());
      engine.begun = new CountDownLatch(1);
      restart(config);
    }
    gate.countDown();
    assertEquals(Job.State.SUCCEEDED, done(job).getState());
  }

  /** A disk that is full for a while delays a job, and costs neither it nor the next. */
  @Test
  void aStoreThatFailsIsWaitedFor() throws Exception {
    ByteString id = register().getExtensionId();
    CountDownLatch gate = new CountDownLatch(1);
    engine.gate = gate;
    Job job = client.submit(submission(operation(id, "a").build()).build());
    Job next = client.submit(submission(operation(id, "b").build()).build());
    assertTrue(engine.begun.await(10, TimeUnit.SECONDS));
    try (Connection disk = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("node.db"));
        Statement statement = disk.createStatement()) {
      statement.execute(
          "CREATE TRIGGER full BEFORE UPDATE ON job BEGIN SELECT RAISE(ABORT, 'disk is full');"
              + " END");
      gate.countDown();
      for (int i = 0;
          i < 1000 && client.getJob(job.getJobId()).getState() != Job.State.VERIFYING;
          i++) {
        Thread.sleep(10);
      }
      assertEquals(Job.State.VERIFYING, client.getJob(job.getJobId()).getState());
      assertEquals(Status.Code.INTERNAL, codeOf(() -> client.cancelJob(next.getJobId())));
      statement.execute("DROP TRIGGER full");
    }
    assertEquals(Job.State.SUCCEEDED, done(job).getState());
    assertEquals(Job.State.SUCCEEDED, done(next).getState());
    assertEquals(2, engine.proved());
  }

  /** Few jobs, but large ones: what waits is limited by bytes too. */
  @Test
  void whatWaitsIsLimitedByBytes() throws IOException, InterruptedException {
    restart(
        config(
            new Limits(
                64 << 10, 1000, 4 << 20, 1000, 1 << 20, 1_000_000, 100, 100, 8 << 10, 64 << 20,
                64 << 20, 64 << 20),
            Fees.NONE,
            0));
    ByteString id = register().getExtensionId();
    CountDownLatch gate = new CountDownLatch(1);
    engine.gate = gate;
    List<Job> taken = new ArrayList<>();
    StatusRuntimeException refused = null;
    for (int i = 0; i < 20 && refused == null; i++) {
      try {
        taken.add(
            client.submit(
                submission(operation(id, i + "x".repeat(900)).build())
                    .setPrivateInput(fill(10, 1))
                    .build()));
      } catch (StatusRuntimeException e) {
        refused = e;
      }
    }
    StatusRuntimeException full = Objects.requireNonNull(refused, "all were taken");
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, full.getStatus().getCode());
    assertTrue(String.valueOf(full.getMessage()).contains("clients hold"), full.getMessage());
    assertTrue(detail(full, RetryInfo.class).getRetryDelay().getSeconds() > 0);
    assertTrue(taken.size() > 3, taken.size() + " were taken");
    assertEquals(taken.size(), sealedFiles().size());
    gate.countDown();
    for (Job job : taken) {
      assertEquals(Job.State.SUCCEEDED, done(job).getState());
    }
    // What has ended holds nothing.
    assertEquals(
        Job.State.SUCCEEDED,
        done(client.submit(submission(operation(id, "y".repeat(1000)).build()).build()))
            .getState());
  }

  /** Another lowering: Extensions are lowered again, and one that cannot be says so. */
  @Test
  void anUpgradeLowersExtensionsAgain() throws IOException, InterruptedException {
    Extension extension = register();
    ByteString id = extension.getExtensionId();
    engine.gate = new CountDownLatch(1);
    Job waiting = client.submit(submission(operation(id, "abc").build()).build());
    stop();
    engine.gate = null;
    engine.loweringVersion = 4;
    engine.digestSalt = 1;
    start();
    GetExtensionRequest get = GetExtensionRequest.newBuilder().setExtensionId(id).build();
    Extension upgraded = client.getExtension(get);
    assertNotEquals(extension.getProgramDigest(), upgraded.getProgramDigest());
    assertEquals(
        extension, upgraded.toBuilder().setProgramDigest(extension.getProgramDigest()).build());
    // A job that waited is proven under the new lowering.
    Job done = done(waiting);
    assertEquals(upgraded.getProgramDigest(), done.getStatement().getProgramDigest());

    stop();
    engine.loweringVersion = 5;
    engine.readFault = new EngineException(EngineException.Kind.UNSUPPORTED, "no more floats");
    start();
    assertEquals("no more floats", client.getExtension(get).getUnusable());
    assertEquals(
        List.of("operation"),
        violations(() -> client.submit(submission(operation(id, "new").build()).build())));
    assertEquals(Verdict.ERROR, client.verify(done.getOperation(), done.getPostOp()).getVerdict());
    engine.readFault = null;
    engine.loweringVersion = 6;
    restart(config);
    assertEquals("", client.getExtension(get).getUnusable());
  }

  /** A trace is of one lowering: one that waited over an upgrade fails, and says why. */
  @Test
  void aTraceThatWaitedOverAnUpgradeFails() throws IOException, InterruptedException {
    ByteString id = register().getExtensionId();
    engine.gate = new CountDownLatch(1);
    client.submit(submission(operation(id, "abc").build()).build());
    assertTrue(engine.begun.await(10, TimeUnit.SECONDS));
    Job waiting =
        client.submitTrace(
            new ByteArrayInputStream(FakeEngine.TRACE),
            SubmitTraceRequest.Metadata.getDefaultInstance());
    stop();
    engine.gate = null;
    engine.loweringVersion = 4;
    engine.readFault =
        new EngineException(EngineException.Kind.BAD_TRACE, "the trace is of lowering 3");
    start();
    Job failed = done(waiting);
    assertEquals(Failure.Kind.INVALID_TRACE, failed.getFailure().getKind());
    assertEquals("the trace is of lowering 3", failed.getFailure().getMessage());
    assertEquals(List.of(), sealedFiles());
  }

  @Test
  void deregistersAnExtension() throws InterruptedException {
    ByteString id = register().getExtensionId();
    engine.gate = new CountDownLatch(1);
    Job job = client.submit(submission(operation(id, "abc").build()).build());
    assertEquals(Status.Code.FAILED_PRECONDITION, codeOf(() -> client.deregister(id)));
    engine.gate.countDown();
    assertEquals(Job.State.SUCCEEDED, done(job).getState());
    client.deregister(id);
    assertEquals(Status.Code.NOT_FOUND, codeOf(() -> client.deregister(id)));
    assertEquals(0, client.capabilities().getSupportedExtensionsCount());
    assertEquals(
        Status.Code.NOT_FOUND,
        codeOf(() -> client.submit(submission(operation(id, "x").build()).build())));
    // Its PostOps stay.
    assertEquals(job.getJobId(), client.postOp(job.getOperationHash()).getJobId());
  }

  @Test
  void verdictsAreSigned() {
    Operation operation = operation(register().getExtensionId(), "abc").build();
    PostOp postOp = done(client.submit(submission(operation).build())).getPostOp();
    PostOp forged = postOp.toBuilder().setData(fill(1, 1)).build();
    for (PostOp each : List.of(postOp, forged)) {
      ProofVerificationResponse response = client.verify(operation, each);
      byte[] signature = response.getSignature().toByteArray();
      assertArrayEquals(key.address(), response.getSigner().toByteArray());
      assertArrayEquals(
          key.address(),
          Verdicts.signer(response.getRequestId(), response.getVerdict().getNumber(), signature));
      // The signature is for this verdict and this request only.
      assertFalse(
          Arrays.equals(
              key.address(),
              Verdicts.signer(
                  response.getRequestId(), 3 - response.getVerdict().getNumber(), signature)));
    }
    assertArrayEquals(key.address(), client.capabilities().getAddress().toByteArray());
  }

  @Test
  void judgesABatch() {
    Operation operation = operation(register().getExtensionId(), "abc").build();
    PostOp postOp = done(client.submit(submission(operation).build())).getPostOp();
    ProofVerificationRequest good =
        ProofVerificationRequest.newBuilder()
            .setRequestId("1")
            .setOperationId(ByteString.copyFrom(Encodings.operationHash(operation)))
            .setOperation(operation)
            .setPostOp(postOp)
            .build();
    List<ProofVerificationResponse> responses =
        client.verifyBatch(
            List.of(
                good,
                good.toBuilder()
                    .setRequestId("2")
                    .setPostOp(postOp.toBuilder().setData(fill(1, 1)))
                    .build(),
                ProofVerificationRequest.newBuilder().setRequestId("3").build()));
    assertEquals(
        List.of(Verdict.VALID, Verdict.INVALID, Verdict.ERROR),
        responses.stream().map(ProofVerificationResponse::getVerdict).toList());
    assertEquals(
        List.of("1", "2", "3"),
        responses.stream().map(ProofVerificationResponse::getRequestId).toList());
    assertTrue(responses.get(2).getDiagnostics(0).getMessage().contains("operation_id"));
    assertTrue(responses.stream().allMatch(r -> r.getSignature().size() == 65));
    assertEquals(
        List.of("requests"), violations(() -> client.verifyBatch(Collections.nCopies(101, good))));
  }

  @Test
  void postOpsAreHeldToTheWindow() throws IOException, InterruptedException {
    ByteString id = register().getExtensionId();
    Operation operation = operation(id, "abc").build();
    PostOp postOp = done(client.submit(submission(operation).build())).getPostOp();
    restart(config(LIMITS, Fees.NONE, 2));
    ByteString block = postOp.getProcessedBlockHash();
    // Nothing is recent for a node that knows no block.
    assertEquals(Verdict.INVALID, client.verify(operation, postOp).getVerdict());
    assertEquals(
        Status.Code.FAILED_PRECONDITION,
        codeOf(() -> client.submit(submission(operation(id, "x").build()).build())));
    assertEquals(List.of(block), client.announceBlock(10, block));
    assertEquals(Verdict.VALID, client.verify(operation, postOp).getVerdict());
    assertTrue(client.postOp(postOp.getOperationHash()).getRecent());
    assertEquals(List.of(fill(32, 11), block), client.announceBlock(11, fill(32, 11)));
    assertEquals(Verdict.VALID, client.verify(operation, postOp).getVerdict());
    client.announceBlock(12, fill(32, 12));
    ProofVerificationResponse late = client.verify(operation, postOp);
    assertEquals(Verdict.INVALID, late.getVerdict());
    assertEquals("post_op.processed_block_hash", late.getDiagnostics(0).getField());
    assertFalse(client.postOp(postOp.getOperationHash()).getRecent());
    // The chain has gone back to another branch; the window survives a restart.
    client.announceBlock(11, block);
    restart(config);
    assertEquals(Verdict.VALID, client.verify(operation, postOp).getVerdict());
    assertEquals(List.of("hash"), violations(() -> client.announceBlock(13, fill(31, 1))));
  }

  @Test
  void feesAreEstimatedAndCapped() throws IOException, InterruptedException {
    restart(config(LIMITS, new Fees(5, 10_001), 0));
    ByteString id = register().getExtensionId();
    Operation operation = operation(id, "abc").build();
    SubmitOperationRequest cheap = submission(operation).setMaxFee(6).build();
    // 100 steps: 1.0001, rounded up.
    Job refused = done(client.submit(cheap));
    assertEquals(Failure.Kind.FEE_EXCEEDED, refused.getFailure().getKind());
    assertTrue(
        refused.getFailure().getMessage().contains("100 steps cost 7, its max_fee is 6"),
        refused.getFailure().getMessage());
    assertEquals(0, engine.proved());
    Job queued = client.submit(cheap.toBuilder().setMaxFee(7).build());
    assertEquals(5 + 11, queued.getFee());
    Job job = done(queued);
    assertEquals(Job.State.SUCCEEDED, job.getState());
    assertEquals(7, job.getFee());
    assertEquals(
        7, client.execute(ExecuteRequest.newBuilder().setExtensionId(id).build()).getFee());
  }

  @Test
  void whatWouldNotFitIsRefusedWithTheFigures() {
    ByteString id = register().getExtensionId();
    engine.estimate = new Estimate(1000, 6, 100 << 20, 1);
    Job large = done(client.submit(submission(operation(id, "a").build()).build()));
    assertEquals(Failure.Kind.RESOURCE, large.getFailure().getKind());
    assertTrue(
        large.getFailure().getMessage().contains("about 100 MiB of memory, this node has 64 MiB"),
        large.getFailure().getMessage());
    engine.estimate = new Estimate(1000, 6, 1 << 20, 3600);
    Job slow =
        done(
            client.submit(
                submission(operation(id, "b").build())
                    .setDeadline(Messages.timestamp(Clock.systemUTC().instant().plusSeconds(1000)))
                    .build()));
    assertEquals(Failure.Kind.DEADLINE, slow.getFailure().getKind());
    assertTrue(
        slow.getFailure().getMessage().contains("expected to take 3600.0 s"),
        slow.getFailure().getMessage());
    assertEquals(0, engine.proved());
  }

  @Test
  void poolsShowOperationsAndPostOps() throws InterruptedException {
    ByteString id = register().getExtensionId();
    CountDownLatch gate = new CountDownLatch(1);
    engine.gate = gate;
    Job first = client.submit(submission(operation(id, "a").build()).build());
    assertTrue(engine.begun.await(10, TimeUnit.SECONDS));
    BlockingQueue<WaitingOperation> operations = new LinkedBlockingQueue<>();
    BlockingQueue<ProcessedPostOp> postOps = new LinkedBlockingQueue<>();
    PoolsGrpc.newStub(channel)
        .watchOperations(WatchOperationsRequest.getDefaultInstance(), into(operations));
    PoolsGrpc.newStub(channel)
        .watchPostOps(WatchPostOpsRequest.getDefaultInstance(), into(postOps));
    WaitingOperation waiting = next(operations);
    assertEquals(first.getJobId(), waiting.getJobId());
    assertEquals(fill(32, 3), waiting.getProcessedBlockHash());
    assertEquals(operation(id, "a").build(), waiting.getOperation());
    Job second = client.submit(submission(operation(id, "b").build()).build());
    assertEquals(second.getJobId(), next(operations).getJobId());
    gate.countDown();
    ProcessedPostOp done = next(postOps);
    assertEquals(first.getJobId(), done.getJobId());
    assertEquals("a", done.getPostOp().getData().toStringUtf8());
    assertEquals(FakeEngine.STEPS, done.getCost().getSteps());
    assertEquals(second.getJobId(), next(postOps).getJobId());

    // From a token on, and of another Extension.
    PoolsGrpc.newStub(channel)
        .watchPostOps(
            WatchPostOpsRequest.newBuilder().setAfter(done.getToken()).build(), into(postOps));
    assertEquals(second.getJobId(), next(postOps).getJobId());
    PoolsGrpc.PoolsBlockingStub pools = PoolsGrpc.newBlockingStub(channel);
    ListPostOpsResponse page =
        pools.listPostOps(ListPostOpsRequest.newBuilder().setPageSize(1).build());
    assertEquals(List.of(done), page.getPostOpsList());
    ListPostOpsResponse rest =
        pools.listPostOps(
            ListPostOpsRequest.newBuilder().setPageToken(page.getNextPageToken()).build());
    assertEquals(second.getJobId(), rest.getPostOps(0).getJobId());
    assertEquals("", rest.getNextPageToken());
    assertEquals(
        0,
        pools
            .listPostOps(ListPostOpsRequest.newBuilder().setExtensionId(fill(32, 1)).build())
            .getPostOpsCount());
    assertEquals(done, client.postOp(first.getOperationHash()));
    assertEquals(Status.Code.NOT_FOUND, codeOf(() -> client.postOp(fill(32, 1))));
    assertEquals(List.of("operation_hash"), violations(() -> client.postOp(fill(3, 1))));
    // A token is of one list, and its end is the end.
    for (String token :
        List.of("-1", "1", "j1", "p0", "p01", "p+1", "p1 ", "p\u0661", "p" + "9".repeat(19))) {
      assertEquals(
          List.of("page_token"),
          violations(
              () -> pools.listPostOps(ListPostOpsRequest.newBuilder().setPageToken(token).build())),
          token);
    }
    assertEquals(
        List.of("page_token"),
        violations(
            () ->
                client.listJobs(
                    ListJobsRequest.newBuilder().setPageToken(page.getNextPageToken()).build())));
    assertEquals(
        0,
        pools
            .listPostOps(
                ListPostOpsRequest.newBuilder().setPageToken("p999999999999999999").build())
            .getPostOpsCount());
  }

  private static <T> StreamObserver<T> into(BlockingQueue<T> queue) {
    return new StreamObserver<>() {
      @Override
      public void onNext(T message) {
        queue.add(message);
      }

      @Override
      public void onError(Throwable t) {}

      @Override
      public void onCompleted() {}
    };
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    return Objects.requireNonNull(queue.poll(20, TimeUnit.SECONDS), "nothing came");
  }

  /** A stream breaks in the middle of an upload, the node restarts, and the client goes on. */
  @Test
  void uploadsAreGoneOnWith() throws IOException, InterruptedException {
    byte[] trace = Arrays.copyOf(FakeEngine.TRACE, FakeEngine.TRACE.length + (5 << 19));
    trace[trace.length - 1] = 7;
    SubmitTraceRequest metadata =
        SubmitTraceRequest.newBuilder()
            .setMetadata(SubmitTraceRequest.Metadata.newBuilder().setUploadId("mine"))
            .build();
    StreamObserver<SubmitTraceRequest> upload =
        ProverGrpc.newStub(channel).submitTrace(into(new LinkedBlockingQueue<>()));
    upload.onNext(metadata);
    for (int at = 0; at < 2 << 20; at += 1 << 19) {
      upload.onNext(chunk(at, Arrays.copyOfRange(trace, at, at + (1 << 19))));
    }
    upload.onNext(chunk(2 << 20, new byte[] {0}));
    long committed = 0;
    for (int i = 0; i < 1000 && committed < 2 << 20; i++) {
      Thread.sleep(5);
      committed = sealedFiles().isEmpty() ? 0 : client.committedUpload("mine");
    }
    assertEquals(2 << 20, committed);
    assertEquals(
        Status.Code.ABORTED,
        codeOf(() -> submitTrace(trace, metadata.getMetadata())),
        "two streams for one upload");
    restart(config);
    assertEquals(2 << 20, client.committedUpload("mine"));
    assertEquals(Status.Code.NOT_FOUND, codeOf(() -> client.committedUpload("other")));
    Path file = folder.resolve("t.zwt");
    Files.write(file, trace);
    Job job = done(client.submitTrace(file, metadata.getMetadata()));
    assertEquals(Job.State.SUCCEEDED, job.getState(), job.getFailure().getMessage());
    assertEquals(
        ByteString.copyFrom(trace, FakeEngine.TRACE.length, 5 << 19),
        job.getStatement().getPublicInput());
    assertEquals(Status.Code.NOT_FOUND, codeOf(() -> client.committedUpload("mine")));
    assertEquals(List.of(), sealedFiles());
    // The same trace is the same job.
    assertEquals(job.getJobId(), client.submitTrace(file, metadata.getMetadata()).getJobId());
    assertEquals(List.of(), sealedFiles());
  }

  private static SubmitTraceRequest chunk(long offset, byte[] data) {
    return SubmitTraceRequest.newBuilder()
        .setChunk(
            SubmitTraceRequest.Chunk.newBuilder()
                .setOffset(offset)
                .setData(ByteString.copyFrom(data)))
        .build();
  }
}
