package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.proto.v1.Diagnostic;
import dev.zkwasm.proto.v1.Extension;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.PostOp;
import dev.zkwasm.proto.v1.ProofVerificationRequest;
import dev.zkwasm.proto.v1.ProofVerificationResponse;
import dev.zkwasm.proto.v1.ProofVerificationResponse.Verdict;
import dev.zkwasm.proto.v1.VerifierGrpc;
import dev.zkwasm.proto.v1.VerifyBatchRequest;
import dev.zkwasm.proto.v1.VerifyBatchResponse;
import dev.zkwasm.signing.NodeKey;
import dev.zkwasm.signing.Verdicts;
import dev.zkwasm.store.JobStore;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/** Judges proofs. */
final class VerifierService extends VerifierGrpc.VerifierImplBase {
  private static final int MAX_BATCH = 100;
  private static final int MAX_REQUEST_ID = 256;

  private final ProofJudge judge;
  private final ExtensionRegistry registry;
  private final JobStore jobs;
  private final BlockWindow blocks;
  private final NodeKey key;
  private final ServerConfig config;
  private final Telemetry telemetry;
  private final Clock clock;

  VerifierService(
      Engine engine,
      ExtensionRegistry registry,
      JobStore jobs,
      BlockWindow blocks,
      NodeKey key,
      ServerConfig config,
      Telemetry telemetry,
      Clock clock) {
    this.judge = new ProofJudge(engine);
    this.registry = registry;
    this.jobs = jobs;
    this.blocks = blocks;
    this.key = key;
    this.config = config;
    this.telemetry = telemetry;
    this.clock = clock;
  }

  @Override
  public void verifyProof(
      ProofVerificationRequest request, StreamObserver<ProofVerificationResponse> observer) {
    Calls.answer(observer, "post_op", () -> signed(verify(request)));
  }

  @Override
  public void verifyBatch(
      VerifyBatchRequest request, StreamObserver<VerifyBatchResponse> observer) {
    Calls.answer(
        observer,
        "requests",
        () -> {
          new Violations()
              .require(
                  request.getRequestsCount() <= MAX_BATCH,
                  "requests",
                  "has " + request.getRequestsCount() + " entries, the limit is " + MAX_BATCH)
              .check();
          VerifyBatchResponse.Builder response = VerifyBatchResponse.newBuilder();
          for (ProofVerificationRequest each : request.getRequestsList()) {
            if (Context.current().isCancelled()) {
              throw new CancellationException();
            }
            response.addResponses(signed(verifyOrError(each)));
          }
          return response.build();
        });
  }

  /** A request that would be refused by itself is no reason to refuse the others. */
  private ProofVerificationResponse verifyOrError(ProofVerificationRequest request) {
    try {
      return verify(request);
    } catch (RuntimeException e) {
      StatusRuntimeException refusal = Errors.of(e, "post_op");
      return error(response(request), "", String.valueOf(refusal.getStatus().getDescription()));
    }
  }

  private ProofVerificationResponse.Builder response(ProofVerificationRequest request) {
    return ProofVerificationResponse.newBuilder()
        .setRequestId(request.getRequestId())
        .setResponderNodeId(config.nodeId())
        .setTimestamp(Messages.timestamp(clock.instant()));
  }

  private ProofVerificationResponse signed(ProofVerificationResponse response) {
    telemetry.verdict(response.getVerdict());
    return response.toBuilder()
        .setSignature(
            ByteString.copyFrom(
                Verdicts.sign(key, response.getRequestId(), response.getVerdict().getNumber())))
        .setSigner(ByteString.copyFrom(key.address()))
        .build();
  }

  private ProofVerificationResponse verify(ProofVerificationRequest request) {
    Limits limits = config.limits();
    PostOp postOp = request.getPostOp();
    Violations violations =
        new Violations()
            .require(!request.getRequestId().isEmpty(), "request_id", "is missing")
            .atMost("request_id", request.getRequestIdBytes(), MAX_REQUEST_ID)
            .hash("operation_id", request.getOperationId())
            .require(request.hasPostOp(), "post_op", "is missing");
    if (request.hasPostOp()) {
      violations
          .hash("post_op.operation_hash", postOp.getOperationHash())
          .hash("post_op.extension_id", postOp.getExtensionId())
          .hash("post_op.processed_block_hash", postOp.getProcessedBlockHash())
          .address("post_op.fee_recipient", postOp.getFeeRecipient())
          .hash("post_op.proof.extension_id", postOp.getProof().getExtensionId())
          .atMost(
              "post_op.proof.proof_data", postOp.getProof().getProofData(), limits.proofBytes());
    }
    if (request.hasOperation()) {
      ProverService.operation(violations, request.getOperation(), limits);
    }
    violations.check();

    ProofVerificationResponse.Builder response = response(request);
    Optional<Operation> operation =
        request.hasOperation()
            ? Optional.of(request.getOperation())
            : jobs.operation(request.getOperationId());
    if (operation.isEmpty()) {
      return error(
          response, "operation", "this node does not know the Operation: send it with the request");
    }
    ByteString extensionId = operation.get().getExtensionId();
    Optional<Extension> extension = registry.store().get(extensionId);
    if (extension.isEmpty()) {
      return error(
          response,
          "operation.extension_id",
          "no Extension " + Messages.hex(extensionId) + " is registered here");
    }
    if (!extension.get().getUnusable().isEmpty()) {
      return error(response, "operation.extension_id", extension.get().getUnusable());
    }
    ProofJudge.Judgement judgement =
        judge.judge(
            operation.get(),
            request.getOperationId(),
            postOp,
            registry.guest(extension.get()),
            extension.get().getEntryExport());
    judgement
        .objections()
        .forEach(objection -> add(response, objection.field(), objection.message()));
    boolean recent = blocks.holds(postOp.getProcessedBlockHash());
    if (!recent) {
      add(response, "post_op.processed_block_hash", blocks.objection());
    }
    if (recent && judgement.valid() && judgement.proof() != null) {
      return response
          .setVerdict(Verdict.VALID)
          .setStatement(Messages.statement(judgement.proof()))
          .build();
    }
    return response.setVerdict(Verdict.INVALID).build();
  }

  private static ProofVerificationResponse error(
      ProofVerificationResponse.Builder response, String field, String message) {
    return add(response.setVerdict(Verdict.ERROR), field, message).build();
  }

  private static ProofVerificationResponse.Builder add(
      ProofVerificationResponse.Builder response, String field, String message) {
    return response.addDiagnostics(Diagnostic.newBuilder().setField(field).setMessage(message));
  }
}
