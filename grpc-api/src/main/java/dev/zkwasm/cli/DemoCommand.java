package dev.zkwasm.cli;

import com.google.protobuf.ByteString;
import dev.zkwasm.client.ProverClient;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineInfo;
import dev.zkwasm.operation.Encodings;
import dev.zkwasm.proto.v1.Extension;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.PostOp;
import dev.zkwasm.proto.v1.ProofVerificationResponse;
import dev.zkwasm.proto.v1.ProofVerificationResponse.Verdict;
import dev.zkwasm.proto.v1.RegisterExtensionRequest;
import dev.zkwasm.proto.v1.Statement;
import dev.zkwasm.proto.v1.SubmitOperationRequest;
import dev.zkwasm.server.ProverServer;
import dev.zkwasm.server.ServerConfig;
import dev.zkwasm.signing.NodeKey;
import dev.zkwasm.signing.Verdicts;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code zkprover demo}. */
@Command(
    name = "demo",
    description =
        "The whole path on this machine: start the service, register an Extension, submit an"
            + " Operation, prove, verify.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private static final String GUEST = "/dev/zkwasm/guests/sealed_bid.wasm";
  private static final long RESERVE = 50;
  private static final List<Long> COMPETING = List.of(70L, 90L, 80L);
  private static final long OWN_BID = 100;
  private static final long CHAIN_ID = 11155111;
  private static final long GAS = 10_000_000;

  @Mixin private final EngineOptions engineOptions = new EngineOptions();
  @Mixin private final CommonOptions common = new CommonOptions();
  private final Environment environment;

  DemoCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    byte[] wasm = guest();
    PrintStream out =
        common.json ? new PrintStream(java.io.OutputStream.nullOutputStream()) : environment.out();
    Engine engine = environment.engines().open(engineOptions, common.home(environment));
    engine.warmUp();
    EngineInfo info = engine.info();
    try (Scratch scratch = new Scratch();
        ProverServer server =
            ProverServer.start(
                engine,
                ServerConfig.local(0),
                scratch.folder(),
                NodeKey.generate(),
                Version.PROGRAM);
        ProverClient client = ProverClient.connect(ServerConfig.DEFAULT_HOST, server.port())) {
      title(out, "1. A node");
      Reports.line(out, "listening on", ServerConfig.DEFAULT_HOST + ":" + server.port());
      Reports.line(out, "proving on", info.backend());
      if (info.insecureSrs()) {
        Reports.warnInsecure(environment.err());
      }

      title(out, "2. An Extension");
      Extension extension =
          client.register(
              wasm, RegisterExtensionRequest.Metadata.newBuilder().setDeveloper("demo").build());
      Reports.line(
          out, "binary", Bytes.size(wasm.length) + ", entry " + extension.getEntryExport());
      Reports.line(out, "ExtensionID", hex(extension.getExtensionId()));
      Reports.line(out, "program digest", hex(extension.getProgramDigest()));

      title(out, "3. An Operation");
      Operation operation = operation(extension);
      Reports.line(out, "OperationHash", Bytes.hex(Encodings.operationHash(operation)));
      Reports.line(
          out, "public input", "reserve price " + RESERVE + ", competing bids " + COMPETING);
      Reports.line(out, "private input", "the own sealed bid, which the proof does not reveal");

      title(out, "4. The proof");
      byte[] secret = secret();
      Job job = prove(client, operation, secret);
      if (job.getState() != Job.State.SUCCEEDED) {
        throw new IllegalStateException(
            "the job ended as %s: %s".formatted(job.getState(), job.getFailure().getMessage()));
      }
      PostOp postOp = job.getPostOp();
      job.getStageTimesList()
          .forEach(
              time ->
                  Reports.line(
                      out, time.getStage(), "%.3f s".formatted(seconds(time.getDuration()))));

      title(out, "5. The PostOp");
      print(out, job);
      printOutcome(out, postOp.getData().toByteArray(), secret);

      title(out, "6. Verified by a peer");
      ProofVerificationResponse valid = client.verify(operation, postOp);
      print(out, "this PostOp", valid);
      PostOp replay = postOp.toBuilder().setProcessedBlockHash(block("another block")).build();
      ProofVerificationResponse refused = client.verify(operation, replay);
      print(out, "another block", refused);
      byte[] signer =
          Verdicts.signer(
              valid.getRequestId(),
              valid.getVerdict().getNumber(),
              valid.getSignature().toByteArray());
      Reports.line(out, "signed by", Bytes.hex(signer));
      if (!Arrays.equals(signer, client.capabilities().getAddress().toByteArray())) {
        throw new IllegalStateException("the verdict is signed by somebody else");
      }
      if (valid.getVerdict() != Verdict.VALID || refused.getVerdict() != Verdict.INVALID) {
        throw new IllegalStateException("the verdicts should be VALID and INVALID");
      }
      if (common.json) {
        environment.out().println(Json.write(json(job, valid, refused, info)));
      }
    }
    return Main.DONE;
  }

  private static byte[] guest() throws IOException {
    try (InputStream in = DemoCommand.class.getResourceAsStream(GUEST)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + GUEST + " is missing");
      }
      return in.readAllBytes();
    }
  }

  private static ByteString publicInput() {
    ByteBuffer prices = littleEndian(Long.BYTES * (1 + COMPETING.size())).putLong(RESERVE);
    COMPETING.forEach(prices::putLong);
    return ByteString.copyFrom(prices.array());
  }

  /** The own bid, then 24 bytes of salt. */
  private static byte[] secret() {
    byte[] salt = new byte[24];
    new SecureRandom().nextBytes(salt);
    return littleEndian(Long.BYTES + salt.length).putLong(OWN_BID).put(salt).array();
  }

  private static void printOutcome(PrintStream out, byte[] output, byte[] secret) {
    ByteBuffer outcome = ByteBuffer.wrap(output).order(ByteOrder.LITTLE_ENDIAN);
    boolean wins = outcome.get() == 1;
    long price = outcome.getLong();
    byte[] commitment = new byte[32];
    outcome.get(commitment);
    Reports.line(
        out, "it says", "the sealed bid " + (wins ? "wins and pays " + price : "does not win"));
    Reports.line(out, "sealed as", Bytes.hex(commitment));
    if (!Arrays.equals(commitment, sha256(secret))) {
      throw new IllegalStateException("the proven commitment is not that of the bid");
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Operation operation(Extension extension) {
    return Operation.newBuilder()
        .setChainId(CHAIN_ID)
        .setExtensionId(extension.getExtensionId())
        .setTo(address("the auction house"))
        .setGas(GAS)
        .setData(publicInput())
        .setBlockHash(block("a finalized block"))
        .build();
  }

  private Job prove(ProverClient client, Operation operation, byte[] secret) {
    Job queued =
        client.submit(
            SubmitOperationRequest.newBuilder()
                .setOperation(operation)
                .setProcessedBlockHash(block("the block it is processed at"))
                .setFeeRecipient(address("who proves"))
                .setPrivateInput(ByteString.copyFrom(secret))
                .build());
    try (ProgressBar progress = new ProgressBar(environment, common.quiet, "proving")) {
      return client.watch(
          queued.getJobId(),
          job -> {
            String stage =
                job.getStage().isEmpty()
                    ? job.getState().toString().toLowerCase(java.util.Locale.ROOT)
                    : job.getStage();
            progress.report(stage, job.getFraction());
          });
    }
  }

  private static void print(PrintStream out, Job job) {
    PostOp postOp = job.getPostOp();
    Statement statement = job.getStatement();
    Reports.line(out, "OperationHash", hex(postOp.getOperationHash()));
    Reports.line(out, "block", hex(postOp.getProcessedBlockHash()));
    Reports.line(out, "context", hex(statement.getContext()));
    Reports.line(out, "output", Reports.bytes(postOp.getData().toByteArray()));
    Reports.line(out, "exit", statement.getExit().getText());
    Reports.line(
        out,
        "steps",
        "%,d for %,d WebAssembly instructions"
            .formatted(statement.getSteps(), job.getCost().getWasmSteps()));
    Reports.line(out, "proof", Bytes.size(postOp.getProof().getProofData().size()));
  }

  private static void print(PrintStream out, String what, ProofVerificationResponse response) {
    Reports.line(out, what, response.getVerdict().toString());
    response.getDiagnosticsList().forEach(d -> Reports.line(out, "", d.getMessage()));
  }

  private static Map<String, Object> json(
      Job job,
      ProofVerificationResponse valid,
      ProofVerificationResponse refused,
      EngineInfo info) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("operationHash", hex(job.getOperationHash()));
    json.put("extensionId", hex(job.getExtensionId()));
    json.put("output", hex(job.getPostOp().getData()));
    json.put("exit", job.getStatement().getExit().getText());
    json.put("steps", job.getStatement().getSteps());
    json.put("wasmSteps", job.getCost().getWasmSteps());
    json.put("proofBytes", (long) job.getPostOp().getProof().getProofData().size());
    json.put("verdict", valid.getVerdict().toString());
    json.put("replayVerdict", refused.getVerdict().toString());
    Map<String, Object> seconds = new LinkedHashMap<>();
    job.getStageTimesList().forEach(t -> seconds.put(t.getStage(), seconds(t.getDuration())));
    json.put("seconds", seconds);
    json.put("backend", info.backend());
    json.put("srsInsecure", info.insecureSrs());
    return json;
  }

  private static double seconds(com.google.protobuf.Duration duration) {
    return duration.getSeconds() + duration.getNanos() * 1e-9;
  }

  private static ByteString block(String name) {
    return ByteString.copyFrom(Encodings.keccak256(name.getBytes(StandardCharsets.UTF_8)));
  }

  private static ByteString address(String name) {
    return block(name).substring(Encodings.HASH_BYTES - Encodings.ADDRESS_BYTES);
  }

  private static String hex(ByteString bytes) {
    return Bytes.hex(bytes.toByteArray());
  }

  private static void title(PrintStream out, String title) {
    out.println();
    out.println(title);
  }
}
