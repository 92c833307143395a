package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.FakeEngine;
import dev.zkwasm.engine.LocalEngine;
import dev.zkwasm.engine.Progress;
import dev.zkwasm.isa.Call;
import dev.zkwasm.kzg.DevelopmentSrs;
import dev.zkwasm.operation.Encodings;
import dev.zkwasm.proto.v1.AnnounceBlockRequest;
import dev.zkwasm.proto.v1.CancelJobRequest;
import dev.zkwasm.proto.v1.DeregisterExtensionRequest;
import dev.zkwasm.proto.v1.ExecuteRequest;
import dev.zkwasm.proto.v1.GetCapabilitiesRequest;
import dev.zkwasm.proto.v1.GetExtensionRequest;
import dev.zkwasm.proto.v1.GetJobRequest;
import dev.zkwasm.proto.v1.GetPostOpRequest;
import dev.zkwasm.proto.v1.GetUploadRequest;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.ListExtensionsRequest;
import dev.zkwasm.proto.v1.ListJobsRequest;
import dev.zkwasm.proto.v1.ListJobsResponse;
import dev.zkwasm.proto.v1.ListPostOpsRequest;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.ProofVerificationRequest;
import dev.zkwasm.proto.v1.RegisterExtensionRequest;
import dev.zkwasm.proto.v1.SubmitOperationRequest;
import dev.zkwasm.proto.v1.SubmitTraceRequest;
import dev.zkwasm.proto.v1.VerifyBatchRequest;
import dev.zkwasm.proto.v1.WatchJobRequest;
import dev.zkwasm.proto.v1.WatchOperationsRequest;
import dev.zkwasm.proto.v1.WatchPostOpsRequest;
import dev.zkwasm.signing.NodeKey;
import dev.zkwasm.store.JobStore;
import io.grpc.Status;
import io.grpc.channelz.v1.GetChannelRequest;
import io.grpc.channelz.v1.GetServerRequest;
import io.grpc.channelz.v1.GetServerSocketsRequest;
import io.grpc.channelz.v1.GetServersRequest;
import io.grpc.channelz.v1.GetSocketRequest;
import io.grpc.channelz.v1.GetSubchannelRequest;
import io.grpc.channelz.v1.GetTopChannelsRequest;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.reflection.v1.ExtensionRequest;
import io.grpc.reflection.v1.ServerReflectionRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile callers, over real connections: every method that the running node says it has is sent
 * messages that are altered, cut short, too large, in the wrong order or number, without an end, by
 * somebody who may not. What must hold is in {@link #judge} (each answer) and {@link #settle} (the
 * node afterwards).
 */
@Timeout(900)
class RpcFuzzTest {
  private static final long SEED = 20_261_122;

  /** Clients at the same time, each with its own sequence. */
  private static final int CLIENTS = 4;

  private static final Limits LIMITS =
      new Limits(
          64 << 10, 4000, 4 << 20, 100_000, 1 << 20, 1_000_000, 40, 20, 32 << 20, 1 << 30, 1 << 30,
          256 << 20);

  @TempDir private Path folder = Path.of("");
  private final LogCapture log = new LogCapture();
  private Subject subject = Subject.fake();
  private ProverServer server;
  private RawClient client;
  private Map<String, String> tokens = Map.of();
  private Map<String, RawClient.Method> methods = Map.of();

  /** Jobs that the node has acknowledged. */
  private final Set<String> acknowledged = new ConcurrentSkipListSet<>();

  /** Their results as they come: something to forge. */
  private final List<Job> results = new CopyOnWriteArrayList<>();

  private final Set<String> pageTokens = ConcurrentHashMap.newKeySet();

  /** Answers by method and status. */
  private final Map<String, Map<Status.Code, Integer>> answers = new ConcurrentSkipListMap<>();

  private final AtomicInteger calls = new AtomicInteger();

  /** What was wrong, by method and kind of hostility. */
  private final Map<String, String> failures = new ConcurrentSkipListMap<>();

  private static final int MAX_FAILURES = 50;

  /** What is proven. */
  private record Subject(Engine engine, byte[] wasm, byte[] trace) {
    static Subject fake() {
      return new Subject(new FakeEngine(), FakeEngine.module("run,other"), FakeEngine.TRACE);
    }
  }

  @BeforeEach
  void start() throws Exception {
    log.open();
    Path secret = TokensTest.secret(folder);
    long expires = Instant.now().getEpochSecond() + 3600;
    Map<String, String> made = new TreeMap<>();
    made.put("alice", TokensTest.token("alice", "submit", expires));
    made.put("bob", TokensTest.token("bob", "submit verify", expires));
    made.put("vera", TokensTest.token("vera", "verify", expires));
    made.put("root", TokensTest.token("root", "admin", expires));
    made.put("none", TokensTest.token("none", "", expires));
    tokens = made;
    Access access = new Access(null, Tokens.of(secret, null), 1e9, Integer.MAX_VALUE);
    ServerConfig config =
        new ServerConfig(
            "127.0.0.1",
            0,
            false,
            access,
            "node",
            2,
            LIMITS,
            new Fees(1, 1000),
            0,
            0,
            Duration.ofSeconds(2));
    server =
        ProverServer.start(
            subject.engine(), config, folder.resolve("store"), NodeKey.generate(), "0.0");
    client = new RawClient(server.port(), tokens.get("root"));
    methods = client.methods();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
    log.close();
  }

  // What is sent

  /** Messages of one call that are as they should be. */
  private interface Valid extends Function<Random, List<? extends Message>> {}

  private static Valid one(Function<Random, Message> request) {
    return random -> List.of(request.apply(random));
  }

  /** For every method, by full name. */
  private Map<String, Valid> requests() {
    Map<String, Valid> all = new TreeMap<>();
    String own = "zkwasm.prover.v1.";
    all.put(own + "Extensions/RegisterExtension", this::registration);
    all.put(
        own + "Extensions/GetExtension",
        one(
            r ->
                GetExtensionRequest.newBuilder()
                    .setExtensionId(extension())
                    .setIncludeBytecode(r.nextBoolean())
                    .build()));
    all.put(
        own + "Extensions/ListExtensions",
        one(
            r ->
                ListExtensionsRequest.newBuilder()
                    .setPageSize(r.nextInt(4))
                    .setPageToken(pageToken(r))
                    .build()));
    all.put(
        own + "Extensions/DeregisterExtension",
        one(
            r ->
                DeregisterExtensionRequest.newBuilder().setExtensionId(spareExtension(r)).build()));
    all.put(own + "Prover/SubmitOperation", one(this::submission));
    all.put(own + "Prover/SubmitTrace", this::traceUpload);
    all.put(
        own + "Prover/GetUpload",
        one(r -> GetUploadRequest.newBuilder().setUploadId("u" + r.nextInt(4)).build()));
    all.put(
        own + "Prover/Execute",
        one(
            r ->
                ExecuteRequest.newBuilder()
                    .setExtensionId(extension())
                    .setData(bytes(r, r.nextInt(50)))
                    .setGas(r.nextInt(3) * 1_000_000L)
                    .build()));
    all.put(own + "Prover/GetJob", one(r -> GetJobRequest.newBuilder().setJobId(job(r)).build()));
    all.put(
        own + "Prover/ListJobs",
        one(
            r ->
                ListJobsRequest.newBuilder()
                    .setPageSize(r.nextInt(20))
                    .setPageToken(pageToken(r))
                    .addStates(Job.State.forNumber(1 + r.nextInt(8)))
                    .build()));
    all.put(
        own + "Prover/WatchJob", one(r -> WatchJobRequest.newBuilder().setJobId(job(r)).build()));
    all.put(
        own + "Prover/CancelJob", one(r -> CancelJobRequest.newBuilder().setJobId(job(r)).build()));
    all.put(
        own + "Pools/WatchOperations",
        one(r -> WatchOperationsRequest.newBuilder().setExtensionId(extension()).build()));
    all.put(
        own + "Pools/WatchPostOps",
        one(r -> WatchPostOpsRequest.newBuilder().setAfter(pageToken(r)).build()));
    all.put(
        own + "Pools/GetPostOp",
        one(
            r ->
                GetPostOpRequest.newBuilder()
                    .setOperationHash(result(r).getOperationHash())
                    .build()));
    all.put(
        own + "Pools/ListPostOps",
        one(
            r ->
                ListPostOpsRequest.newBuilder()
                    .setPageSize(r.nextInt(4))
                    .setPageToken(pageToken(r))
                    .build()));
    all.put(own + "Verifier/VerifyProof", one(this::verification));
    all.put(
        own + "Verifier/VerifyBatch",
        one(
            r -> {
              VerifyBatchRequest.Builder batch = VerifyBatchRequest.newBuilder();
              for (int i = r.nextInt(4); i >= 0; i--) {
                batch.addRequests(verification(r));
              }
              return batch.build();
            }));
    all.put(own + "Node/GetCapabilities", one(r -> GetCapabilitiesRequest.getDefaultInstance()));
    all.put(
        own + "Node/AnnounceBlock",
        one(
            r ->
                AnnounceBlockRequest.newBuilder()
                    .setNumber(r.nextInt(100))
                    .setHash(bytes(r, 32))
                    .build()));
    all.put("grpc.health.v1.Health/Check", one(r -> HealthCheckRequest.getDefaultInstance()));
    all.put("grpc.health.v1.Health/Watch", one(r -> HealthCheckRequest.getDefaultInstance()));
    all.put("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", RpcFuzzTest::reflection);
    String channelz = "grpc.channelz.v1.Channelz/";
    all.put(channelz + "GetTopChannels", one(r -> GetTopChannelsRequest.getDefaultInstance()));
    all.put(channelz + "GetServers", one(r -> GetServersRequest.getDefaultInstance()));
    all.put(
        channelz + "GetServer",
        one(r -> GetServerRequest.newBuilder().setServerId(r.nextInt(50)).build()));
    all.put(
        channelz + "GetServerSockets",
        one(r -> GetServerSocketsRequest.newBuilder().setServerId(r.nextInt(50)).build()));
    all.put(
        channelz + "GetChannel",
        one(r -> GetChannelRequest.newBuilder().setChannelId(r.nextInt(50)).build()));
    all.put(
        channelz + "GetSubchannel",
        one(r -> GetSubchannelRequest.newBuilder().setSubchannelId(r.nextInt(50)).build()));
    all.put(
        channelz + "GetSocket",
        one(r -> GetSocketRequest.newBuilder().setSocketId(r.nextInt(50)).build()));
    return all;
  }

  private static ByteString bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private static <T> T any(Random random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private byte[] spareWasm(int number) {
    return FakeEngine.module("run,spare" + number);
  }

  private ByteString extension() {
    return ByteString.copyFrom(Encodings.keccak256(subject.wasm()));
  }

  private ByteString spareExtension(Random random) {
    return ByteString.copyFrom(Encodings.keccak256(spareWasm(random.nextInt(3))));
  }

  private String job(Random random) {
    List<String> ids = List.copyOf(acknowledged);
    return ids.isEmpty() ? "none" : any(random, ids);
  }

  private String pageToken(Random random) {
    List<String> known = List.copyOf(pageTokens);
    return known.isEmpty() || random.nextBoolean() ? "" : any(random, known);
  }

  private Job result(Random random) {
    return results.isEmpty() ? Job.getDefaultInstance() : any(random, results);
  }

  private Operation operation(Random random) {
    return Operation.newBuilder()
        .setChainId(1)
        .setExtensionId(extension())
        .setTo(bytes(random, 20))
        .setGas(1_000_000)
        .setData(bytes(random, random.nextInt(40)))
        .setBlockHash(bytes(random, 32))
        .build();
  }

  private SubmitOperationRequest submission(Random random) {
    SubmitOperationRequest.Builder request =
        SubmitOperationRequest.newBuilder()
            .setOperation(operation(random))
            .setProcessedBlockHash(bytes(random, 32))
            .setFeeRecipient(bytes(random, 20))
            .setPriority(random.nextInt(5));
    if (random.nextBoolean()) {
      request.setPrivateInput(bytes(random, random.nextInt(100)));
    }
    if (random.nextInt(4) == 0) {
      request.setDeadline(
          Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond() + random.nextInt(3)));
    }
    return request.build();
  }

  private List<RegisterExtensionRequest> registration(Random random) {
    byte[] wasm = random.nextInt(3) == 0 ? subject.wasm() : spareWasm(random.nextInt(3));
    List<RegisterExtensionRequest> parts = new ArrayList<>();
    parts.add(
        RegisterExtensionRequest.newBuilder()
            .setMetadata(
                RegisterExtensionRequest.Metadata.newBuilder()
                    .setDeveloper("somebody")
                    .setBytecodeSize(random.nextBoolean() ? wasm.length : 0))
            .build());
    int cut = random.nextInt(wasm.length);
    for (ByteString chunk :
        List.of(
            ByteString.copyFrom(wasm, 0, cut), ByteString.copyFrom(wasm, cut, wasm.length - cut))) {
      parts.add(RegisterExtensionRequest.newBuilder().setChunk(chunk).build());
    }
    return parts;
  }

  private List<SubmitTraceRequest> traceUpload(Random random) {
    byte[] trace = subject.trace();
    if (subject.engine() instanceof FakeEngine) {
      trace = Arrays.copyOf(trace, trace.length + random.nextInt(2000));
      trace[trace.length - 1] = (byte) random.nextInt();
    }
    SubmitTraceRequest.Metadata.Builder metadata =
        SubmitTraceRequest.Metadata.newBuilder()
            .setTraceSize(random.nextBoolean() ? trace.length : 0);
    if (random.nextBoolean()) {
      metadata.setUploadId("u" + random.nextInt(4));
    }
    List<SubmitTraceRequest> parts = new ArrayList<>();
    parts.add(SubmitTraceRequest.newBuilder().setMetadata(metadata).build());
    int at = 0;
    while (at < trace.length) {
      int part = Math.min(trace.length - at, 1 + random.nextInt(trace.length));
      parts.add(
          SubmitTraceRequest.newBuilder()
              .setChunk(
                  SubmitTraceRequest.Chunk.newBuilder()
                      .setOffset(at)
                      .setData(ByteString.copyFrom(trace, at, part)))
              .build());
      at += part;
    }
    return parts;
  }

  private ProofVerificationRequest verification(Random random) {
    Job job = result(random);
    ProofVerificationRequest.Builder request =
        ProofVerificationRequest.newBuilder()
            .setRequestId("r" + random.nextInt())
            .setOperationId(job.getOperationHash())
            .setPostOp(job.getPostOp());
    if (random.nextBoolean() && job.hasOperation()) {
      request.setOperation(job.getOperation());
    }
    return request.build();
  }

  private static List<ServerReflectionRequest> reflection(Random random) {
    List<ServerReflectionRequest> requests = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      ServerReflectionRequest.Builder request = ServerReflectionRequest.newBuilder();
      switch (random.nextInt(5)) {
        case 0 -> request.setListServices("");
        case 1 -> request.setFileByFilename("zkwasm/prover/v1/prover.proto");
        case 2 -> request.setFileContainingSymbol("zkwasm.prover.v1.Job");
        case 3 -> request.setAllExtensionNumbersOfType("zkwasm.prover.v1.Job");
        default ->
            request.setFileContainingExtension(
                ExtensionRequest.newBuilder()
                    .setContainingType("google.protobuf.FieldOptions")
                    .setExtensionNumber(random.nextInt()));
      }
      requests.add(request.build());
    }
    return requests;
  }

  // How it is made hostile

  /** What a caller may be answered who asks for something that can be read. */
  private static final Set<Status.Code> READABLE =
      EnumSet.of(
          Status.Code.OK,
          Status.Code.INVALID_ARGUMENT,
          Status.Code.NOT_FOUND,
          Status.Code.ALREADY_EXISTS,
          Status.Code.FAILED_PRECONDITION,
          Status.Code.RESOURCE_EXHAUSTED,
          Status.Code.ABORTED,
          Status.Code.PERMISSION_DENIED);

  /** The kinds of hostility. */
  private enum Kind {
    VALID,
    REPLAYED,
    ALTERED_FIELD,
    ALTERED_BYTES,
    CUT_SHORT,
    NOT_UTF8,
    UNKNOWN_FIELDS,
    NESTED,
    OVERSIZE,
    REORDERED,
    NOTHING,
    TWICE,
    BAD_GZIP,
    ABANDONED,
    CANCELLED,
    DEAF,
    NO_TOKEN,
    BAD_TOKEN,
    NO_SCOPE
  }

  private record Hostile(RawClient.Script script, Set<Status.Code> allowed) {}

  private Hostile hostile(RawClient.Method method, Valid valid, Kind kind, Random random) {
    List<Message> messages = new ArrayList<>(valid.apply(random));
    String token = Objects.requireNonNull(tokens.get(any(random, CALLERS)));
    RawClient.Script script = new RawClient.Script(token);
    Set<Status.Code> allowed = READABLE;
    boolean single = !method.clientStreams();
    boolean open = method.fullName().startsWith("grpc.health.v1.");
    int at = random.nextInt(messages.size());
    Message chosen = messages.get(at);
    // A part before it may be refused for a reason of its own.
    Set<Status.Code> first = at == 0 ? EnumSet.of(Status.Code.INVALID_ARGUMENT) : READABLE;
    List<byte[]> encoded = new ArrayList<>(messages.stream().map(Message::toByteArray).toList());
    switch (kind) {
      case VALID -> {}
      case REPLAYED -> script.times = 2;
      case ALTERED_FIELD -> encoded.set(at, Mutations.altered(chosen, random).toByteArray());
      case ALTERED_BYTES -> {
        byte[] bytes = Mutations.altered(encoded.get(at), random);
        encoded.set(at, bytes);
        allowed = parses(chosen, bytes) ? READABLE : first;
      }
      case CUT_SHORT -> {
        byte[] whole = encoded.get(at);
        byte[] bytes = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
        encoded.set(at, bytes);
        allowed = parses(chosen, bytes) ? READABLE : first;
      }
      case NOT_UTF8 -> {
        byte[] bytes = Mutations.notUtf8(chosen, random);
        encoded.set(at, bytes);
        allowed = parses(chosen, bytes) ? READABLE : first;
      }
      case UNKNOWN_FIELDS -> encoded.set(at, Mutations.withUnknownFields(encoded.get(at), random));
      case NESTED -> {
        byte[] bytes = Mutations.nested(encoded.get(at), 1 + random.nextInt(2000));
        encoded.set(at, bytes);
        allowed = parses(chosen, bytes) ? READABLE : first;
      }
      case OVERSIZE -> {
        // Later in a stream that is being answered the transport can only reset it.
        int which = method.serverStreams() ? 0 : at;
        encoded.set(which, Mutations.oversize(encoded.get(which), LIMITS.messageBytes()));
        // A part before it may be refused first.
        allowed = which == 0 ? EnumSet.of(Status.Code.RESOURCE_EXHAUSTED) : READABLE;
      }
      case REORDERED -> Mutations.reorder(encoded, random);
      case NOTHING -> {
        encoded.clear();
      }
      case TWICE -> {
        encoded.addAll(List.copyOf(encoded));
      }
      case BAD_GZIP -> {
        script.badGzip = true;
        // What is empty is not compressed.
        allowed = chosen.getSerializedSize() == 0 ? READABLE : first;
      }
      case ABANDONED -> script.halfClose = false;
      case CANCELLED -> script.cancelAtOnce = true;
      case DEAF -> script.deaf = true;
      case NO_TOKEN -> {
        script.token = null;
        allowed = open ? READABLE : EnumSet.of(Status.Code.UNAUTHENTICATED);
      }
      case BAD_TOKEN -> {
        script.token = Mutations.badToken(token, random);
        allowed = open ? READABLE : EnumSet.of(Status.Code.UNAUTHENTICATED);
      }
      case NO_SCOPE -> script.token = tokens.get("none");
    }
    if (single && encoded.isEmpty() && script.halfClose) {
      allowed = EnumSet.of(Status.Code.INVALID_ARGUMENT);
    } else if (single && encoded.size() > 1) {
      // Not gRPC: the transport resets such a stream.
      allowed = EnumSet.of(Status.Code.CANCELLED);
    }
    if (allowed != READABLE && script.token != null && !script.token.equals(tokens.get("root"))) {
      // Who may not is told so before the message is looked at.
      allowed = EnumSet.copyOf(allowed);
      allowed.add(Status.Code.PERMISSION_DENIED);
    }
    script.messages = encoded;
    return new Hostile(script, allowed);
  }

  private static final List<String> CALLERS =
      List.of("root", "root", "root", "alice", "bob", "vera");

  private static boolean parses(Message prototype, byte[] bytes) {
    try {
      prototype.getParserForType().parseFrom(bytes);
      return true;
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  // What must hold

  /** Names of classes, frames of stack traces, paths: nothing for a client to see. */
  private static final List<String> INSIDE =
      List.of("Exception", "\tat ", "java.", "dev.zkwasm", "io.grpc.", "com.google.", "org.sqlite");

  /** What every answer must be, whoever asked for whatever. */
  private void judge(String what, RawClient.Outcome outcome, Set<Status.Code> allowed) {
    Status.Code code = outcome.status().getCode();
    if (!outcome.cancelledHere()) {
      assertTrue(
          allowed.contains(code),
          () -> what + ": " + outcome.status() + ", allowed are " + allowed);
    }
    String description = String.valueOf(outcome.status().getDescription());
    for (String text : List.of(description, outcome.details())) {
      for (String inside : INSIDE) {
        assertFalse(text.contains(inside), () -> what + " shows the inside: " + text);
      }
      assertFalse(text.contains(folder.toString()), () -> what + " shows a path: " + text);
    }
    if (code == Status.Code.INTERNAL && !outcome.cancelledHere()) {
      assertTrue(log.explains(description), () -> what + ": not in the log: " + description);
    }
    for (byte[] message : outcome.messages()) {
      String text = new String(message, StandardCharsets.ISO_8859_1);
      assertFalse(
          text.contains("Exception") || text.contains("\tat ") || text.contains(folder.toString()),
          () -> what + " answers with the inside: " + text);
    }
  }

  private void remember(String method, RawClient.Outcome outcome) {
    answers
        .computeIfAbsent(method, m -> Collections.synchronizedMap(new TreeMap<>()))
        .merge(
            outcome.cancelledHere() ? Status.Code.CANCELLED : outcome.status().getCode(),
            1,
            Integer::sum);
    try {
      for (byte[] message : outcome.messages()) {
        switch (method.substring(method.indexOf('/') + 1)) {
          case "SubmitOperation", "SubmitTrace" -> {
            if (outcome.status().isOk()) {
              acknowledged.add(Job.parseFrom(message).getJobId());
            }
          }
          case "WatchJob", "GetJob" -> {
            Job job = Job.parseFrom(message);
            if (job.hasPostOp() && results.size() < 20) {
              results.add(job);
            }
          }
          case "ListJobs" -> pageTokens.add(ListJobsResponse.parseFrom(message).getNextPageToken());
          default -> {}
        }
      }
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(method + " answers with what is no message", e);
    }
  }

  private RawClient.Outcome call(String method, Message... messages) {
    RawClient.Script script = new RawClient.Script(tokens.get("root"));
    script.messages = Stream.of(messages).map(Message::toByteArray).toList();
    return client.call(Objects.requireNonNull(methods.get(method), method), script);
  }

  private void answersStill() {
    assertTrue(
        call("zkwasm.prover.v1.Node/GetCapabilities", GetCapabilitiesRequest.getDefaultInstance())
            .status()
            .isOk());
  }

  /** The node after all this: nothing lost, nothing left open, nothing left over. */
  private void settle() throws Exception {
    answersStill();
    Instant until = Instant.now().plusSeconds(120);
    Set<String> unfinished = new TreeSet<>(acknowledged);
    while (!unfinished.isEmpty()) {
      assertTrue(Instant.now().isBefore(until), () -> "jobs that do not end: " + unfinished);
      for (String id : List.copyOf(unfinished)) {
        RawClient.Outcome got =
            call("zkwasm.prover.v1.Prover/GetJob", GetJobRequest.newBuilder().setJobId(id).build());
        assertTrue(got.status().isOk(), () -> "job " + id + " is lost: " + got.status());
        Job job = Job.parseFrom(got.messages().getFirst());
        if (JobStore.hasEnded(job.getState())) {
          unfinished.remove(id);
        }
      }
      Thread.sleep(5);
    }
    Set<String> listed = new HashSet<>();
    String token = "";
    do {
      ListJobsResponse page =
          ListJobsResponse.parseFrom(
              call(
                      "zkwasm.prover.v1.Prover/ListJobs",
                      ListJobsRequest.newBuilder().setPageSize(100).setPageToken(token).build())
                  .messages()
                  .getFirst());
      page.getJobsList().forEach(job -> assertTrue(listed.add(job.getJobId()), "listed twice"));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertTrue(listed.containsAll(acknowledged), "jobs are missing in the list");

    // What the calls held is given back, as soon as the node has heard that they are over.
    for (String gauge :
        List.of("zkwasm_calls_open", "zkwasm_watches", "zkwasm_uploads", "zkwasm_upload_bytes")) {
      while (metric(gauge) != 0) {
        assertTrue(Instant.now().isBefore(until), gauge + " is " + metric(gauge));
        Thread.sleep(20);
      }
    }
    try (Stream<Path> sealed = Files.list(folder.resolve("store").resolve("sealed"))) {
      List<String> left =
          sealed
              .map(file -> file.getFileName().toString())
              // These are kept for an hour, to be gone on with.
              .filter(name -> !name.startsWith("upload-"))
              .toList();
      assertEquals(List.of(), left, "sealed files that nobody needs");
    }
    assertEquals(List.of(), log.complaintsOfGrpc());
    assertEquals(0, log.references().size(), "faults of the node: see the log above");
  }

  private double metric(String name) throws Exception {
    try (InputStream in =
        URI.create("http://127.0.0.1:" + server.httpPort() + "/metrics").toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no metric " + name));
    }
  }

  // The tests

  private void fuzz(int rounds) throws Exception {
    Map<String, Valid> requests = requests();
    assertEquals(methods.keySet(), requests.keySet(), "methods without requests to send");
    register();
    for (int i = 0; i < 5; i++) {
      proveOne(i);
    }
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      long seed = SEED + i;
      clients.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      fuzz(requests, rounds, new Random(seed));
                    } catch (RuntimeException | Error e) {
                      failures.put("client " + seed, String.valueOf(e));
                    }
                  }));
    }
    for (Thread each : clients) {
      each.join();
    }
    assertTrue(failures.isEmpty(), () -> String.join("\n", failures.values()));
    settle();
    System.out.printf(
        "RpcFuzzTest: %d hostile calls of %d methods, %d jobs acknowledged, all ended%n",
        calls.get(), methods.size(), acknowledged.size());
    answers.forEach((method, codes) -> System.out.println("  " + method + " " + codes));
  }

  private void fuzz(Map<String, Valid> requests, int rounds, Random random) {
    for (int round = 0; round < rounds; round++) {
      for (RawClient.Method method : methods.values()) {
        for (Kind kind : Kind.values()) {
          try {
            attack(method, requests, kind, random);
          } catch (AssertionError e) {
            failures.putIfAbsent(method.fullName() + " " + kind, String.valueOf(e.getMessage()));
          }
          if (failures.size() > MAX_FAILURES) {
            return;
          }
        }
        answersStill();
      }
      register();
    }
  }

  private void attack(
      RawClient.Method method, Map<String, Valid> requests, Kind kind, Random random) {
    Valid valid = Objects.requireNonNull(requests.get(method.fullName()));
    Hostile hostile = hostile(method, valid, kind, random);
    for (int i = 0; i < hostile.script().times; i++) {
      RawClient.Outcome outcome = client.call(method, hostile.script());
      calls.incrementAndGet();
      judge(method.fullName() + " " + kind, outcome, hostile.allowed());
      remember(method.fullName(), outcome);
    }
  }

  private void register() {
    RawClient.Outcome registered =
        call(
            "zkwasm.prover.v1.Extensions/RegisterExtension",
            RegisterExtensionRequest.newBuilder()
                .setMetadata(RegisterExtensionRequest.Metadata.getDefaultInstance())
                .build(),
            RegisterExtensionRequest.newBuilder()
                .setChunk(ByteString.copyFrom(subject.wasm()))
                .build());
    assertTrue(registered.status().isOk(), registered.status().toString());
  }

  private void proveOne(int number) throws InvalidProtocolBufferException {
    SubmitOperationRequest request =
        submission(new Random(number)).toBuilder().clearDeadline().build();
    RawClient.Outcome submitted = call("zkwasm.prover.v1.Prover/SubmitOperation", request);
    assertTrue(submitted.status().isOk(), submitted.status().toString());
    String id = Job.parseFrom(submitted.messages().getFirst()).getJobId();
    RawClient.Script script = new RawClient.Script(tokens.get("root"));
    script.messages = List.of(WatchJobRequest.newBuilder().setJobId(id).build().toByteArray());
    script.patience = Duration.ofMinutes(2);
    RawClient.Outcome watched =
        client.call(
            Objects.requireNonNull(methods.get("zkwasm.prover.v1.Prover/WatchJob")), script);
    Job job = Job.parseFrom(watched.messages().getLast());
    assertEquals(Job.State.SUCCEEDED, job.getState(), job.getFailure().getMessage());
    acknowledged.add(id);
    results.add(job);
  }

  @Test
  void hostileCalls() throws Exception {
    fuzz(1);
  }

  @Test
  @Tag("long")
  void manyHostileCalls() throws Exception {
    fuzz(100);
  }

  /** The same around the real prover: modules, traces and proofs are really read. */
  @Test
  @Tag("long")
  void hostileCallsToTheRealProver() throws Exception {
    stop();
    BackendOptions options = BackendOptions.defaults();
    try (LocalEngine engine =
        new LocalEngine(
            DevelopmentSrs.inMemory(),
            Backends.openAll("cpu", options),
            options.threads(),
            folder.resolve("keys"))) {
      byte[] wasm;
      try (InputStream in =
          Objects.requireNonNull(
              RpcFuzzTest.class.getResourceAsStream("/dev/zkwasm/guests/sealed_bid.wasm"))) {
        wasm = in.readAllBytes();
      }
      ByteArrayOutputStream trace = new ByteArrayOutputStream();
      engine.record(
          engine.load(wasm),
          new Call("run", List.of(), new byte[16], new byte[32]),
          new byte[32],
          1_000_000,
          Progress.NONE,
          trace);
      subject = new Subject(engine, wasm, trace.toByteArray());
      start();
      try {
        fuzz(1);
      } finally {
        stop();
      }
    }
    subject = Subject.fake();
    start();
  }

  /** What goes wrong in the node itself is INTERNAL, and the reference leads to it. */
  @Test
  void faultsOfTheNodeHaveReferences() {
    FakeEngine engine = (FakeEngine) subject.engine();
    engine.readFault = new IllegalStateException("secret of dev.zkwasm in " + folder);
    RawClient.Outcome refused =
        call(
            "zkwasm.prover.v1.Extensions/RegisterExtension",
            RegisterExtensionRequest.newBuilder()
                .setMetadata(RegisterExtensionRequest.Metadata.getDefaultInstance())
                .build(),
            RegisterExtensionRequest.newBuilder().setChunk(ByteString.copyFromUtf8("x")).build());
    assertEquals(Status.Code.INTERNAL, refused.status().getCode());
    judge("a fault", refused, EnumSet.of(Status.Code.INTERNAL));
    assertEquals(1, log.references().size());
    engine.readFault = null;
    answersStill();
  }

  @Test
  void methodsThatAreNotThere() {
    RawClient.Script script = new RawClient.Script(tokens.get("root"));
    script.messages = List.of(new byte[3]);
    for (String name :
        List.of("zkwasm.prover.v1.Prover/Steal", "x/y", "zkwasm.prover.v2.Prover/GetJob")) {
      RawClient.Outcome outcome = client.call(RawClient.Method.unary(name), script);
      judge(name, outcome, EnumSet.of(Status.Code.UNIMPLEMENTED));
    }
    script.token = null;
    judge(
        "unknown, without a token",
        client.call(RawClient.Method.unary("x/y"), script),
        EnumSet.of(Status.Code.UNAUTHENTICATED));
    assertEquals(List.of(), log.complaintsOfGrpc());
  }

  /** Bytes that are no gRPC at all. */
  @Test
  void rawBytes() throws Exception {
    Random random = new Random(SEED);
    byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    byte[] settings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    List<byte[]> openings =
        List.of(
            new byte[0],
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
            Arrays.copyOf(preface, 10),
            preface,
            concat(preface, settings),
            // A frame that claims 16 MiB, headers that are no HPACK, a window of nothing.
            concat(preface, settings, new byte[] {-1, -1, -1, 1, 5, 0, 0, 0, 1}),
            concat(preface, settings, new byte[] {0, 0, 3, 1, 5, 0, 0, 0, 1, -1, -1, -1}),
            concat(preface, settings, new byte[] {0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
    for (int i = 0; i < 200; i++) {
      try (Socket socket = new Socket("127.0.0.1", server.port());
          OutputStream out = socket.getOutputStream()) {
        out.write(openings.get(i % openings.size()));
        out.write(bytes(random, random.nextInt(200)).toByteArray());
        out.flush();
      } catch (IOException e) {
        // The node has hung up first.
      }
    }
    answersStill();
    assertEquals(0, log.references().size());
  }

  private static byte[] concat(byte[]... parts) {
    ByteString all = ByteString.EMPTY;
    for (byte[] part : parts) {
      all = all.concat(ByteString.copyFrom(part));
    }
    return all.toByteArray();
  }

  /** After the node has stopped, none of its threads lives and none of its files is open. */
  @Test
  void nothingIsLeftOfANodeThatStopped() throws Exception {
    Map<String, Valid> requests = requests();
    register();
    for (Kind kind : Kind.values()) {
      for (String name :
          List.of("zkwasm.prover.v1.Prover/SubmitTrace", "zkwasm.prover.v1.Pools/WatchPostOps")) {
        attack(Objects.requireNonNull(methods.get(name)), requests, kind, new Random(SEED));
      }
    }
    stop();
    Instant until = Instant.now().plusSeconds(20);
    Set<String> ours = Set.of("job-worker", "job-deadlines", "upload-timer");
    while (Thread.getAllStackTraces().keySet().stream()
        .anyMatch(t -> ours.stream().anyMatch(t.getName()::startsWith))) {
      assertTrue(Instant.now().isBefore(until), "threads of the node live on");
      Thread.sleep(20);
    }
    Path descriptors = Path.of("/proc/self/fd");
    if (Files.isDirectory(descriptors)) {
      String store = folder.toRealPath().resolve("store").toString();
      List<String> open = new ArrayList<>();
      try (Stream<Path> all = Files.list(descriptors)) {
        for (Path each : all.toList()) {
          try {
            String file = Files.readSymbolicLink(each).toString();
            if (file.startsWith(store)) {
              open.add(file);
            }
          } catch (IOException e) {
            // Closed meanwhile: that of the listing itself.
          }
        }
      }
      assertEquals(List.of(), open);
    } else {
      System.out.println("RpcFuzzTest: no /proc/self/fd here, open files are not looked at");
    }
    start();
  }
}
