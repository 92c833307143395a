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
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.PostOp;
import dev.zkwasm.proto.v1.ProofVerificationRequest;
import dev.zkwasm.proto.v1.ProofVerificationResponse;
import dev.zkwasm.proto.v1.ProofVerificationResponse.Verdict;
import dev.zkwasm.proto.v1.ProverGrpc;
import dev.zkwasm.proto.v1.RegisterExtensionRequest.Metadata;
import dev.zkwasm.proto.v1.SubmitOperationRequest;
import dev.zkwasm.proto.v1.SubmitTraceRequest;
import dev.zkwasm.proto.v1.WatchJobRequest;
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
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every method of the service, over a real gRPC transport inside the process, around a stand-in for
 * the prover.
 */
@Timeout(60)
class ServiceTest {
  private static final Limits LIMITS =
      new Limits(64 << 10, 1000, 4 << 20, 1000, 1 << 20, 1_000_000, 2, 8 << 20, 8 << 20);
  private static final byte[] WASM = FakeEngine.module("run,other,needs(i32)");

  private final FakeEngine engine = new FakeEngine();
  private ProverServer server;
  private ManagedChannel channel;
  private ProverClient client;

  @BeforeEach
  void start() throws IOException {
    String name = InProcessServerBuilder.generateName();
    ServerConfig config =
        new ServerConfig(
            "127.0.0.1", 0, false, "test-node", 1, LIMITS, 5, 6, Duration.ofSeconds(2));
    server =
        ProverServer.start(
            engine, config, "0.0", InProcessServerBuilder.forName(name), Clock.systemUTC());
    channel = InProcessChannelBuilder.forName(name).build();
    client = ProverClient.on(channel);
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    server.close();
    assertTrue(channel.awaitTermination(5, TimeUnit.SECONDS));
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
    // The array that held the private input has been erased.
    assertArrayEquals(new byte[6], engine.lastPrivateInput);
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

  @Test
  void deadlinesEndJobs() throws InterruptedException {
    ByteString id = register().getExtensionId();
    engine.gate = new CountDownLatch(1);
    Timestamp soon = Messages.timestamp(Clock.systemUTC().instant().plusMillis(300));
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
        1_500_000_000L,
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
    assertEquals(5, capabilities.getFeeSchedule().getBaseFee());
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
  void closingTellsWhoWatches() throws InterruptedException {
    ByteString id = register().getExtensionId();
    engine.gate = new CountDownLatch(1);
    Job job = client.submit(submission(operation(id, "abc").build()).build());
    assertTrue(engine.begun.await(10, TimeUnit.SECONDS));
    AtomicReference<Job> last = new AtomicReference<>(job);
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
    assertEquals(Job.State.CANCELLED, last.get().getState());
  }

  @Test
  void listensOnLoopbackOnlyUnlessTold() {
    ServerConfig everywhere =
        new ServerConfig("0.0.0.0", 0, false, "n", 1, LIMITS, 0, 0, Duration.ZERO);
    assertThrows(
        IllegalArgumentException.class, () -> ProverServer.start(engine, everywhere, "0.0"));
    ServerConfig allowed =
        new ServerConfig("0.0.0.0", 0, true, "n", 1, LIMITS, 0, 0, Duration.ZERO);
    // Told, but with a reference string whose secret is public.
    assertThrows(IllegalArgumentException.class, () -> ProverServer.start(engine, allowed, "0.0"));
  }
}
