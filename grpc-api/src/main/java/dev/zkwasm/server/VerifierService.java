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
import dev.zkwasm.store.JobStore;
import io.grpc.stub.StreamObserver;
import java.time.Clock;
import java.util.Optional;

/** Judges proofs. */
final class VerifierService extends VerifierGrpc.VerifierImplBase {
  private final ProofJudge judge;
  private final ExtensionRegistry registry;
  private final JobStore jobs;
  private final ServerConfig config;
  private final Clock clock;

  VerifierService(
      Engine engine, ExtensionRegistry registry, JobStore jobs, ServerConfig config, Clock clock) {
    this.judge = new ProofJudge(engine);
    this.registry = registry;
    this.jobs = jobs;
    this.config = config;
    this.clock = clock;
  }

  @Override
  public void verifyProof(
      ProofVerificationRequest request, StreamObserver<ProofVerificationResponse> observer) {
    Calls.answer(observer, "post_op", () -> verify(request));
  }

  private ProofVerificationResponse verify(ProofVerificationRequest request) {
    Limits limits = config.limits();
    PostOp postOp = request.getPostOp();
    Violations violations =
        new Violations()
            .require(!request.getRequestId().isEmpty(), "request_id", "is missing")
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

    ProofVerificationResponse.Builder response =
        ProofVerificationResponse.newBuilder()
            .setRequestId(request.getRequestId())
            .setResponderNodeId(config.nodeId())
            .setTimestamp(Messages.timestamp(clock.instant()));
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
    if (judgement.valid() && judgement.proof() != null) {
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
