package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.Guest;
import dev.zkwasm.engine.StatedProof;
import dev.zkwasm.operation.Encodings;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.PostOp;
import dev.zkwasm.proto.v1.Proof;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a PostOp is a proven result of an Operation. The proof shows that its statement is
 * true; this compares every part of the statement with what the Operation and the PostOp say,
 * because a true statement about something else proves nothing here.
 */
final class ProofJudge {
  private final Engine engine;

  ProofJudge(Engine engine) {
    this.engine = engine;
  }

  /**
   * What is wrong.
   *
   * @param field path of the field in the request
   * @param message what is wrong with it
   */
  record Objection(String field, String message) {}

  /**
   * A judgement.
   *
   * @param objections what is wrong; none if the PostOp is valid
   * @param proof what was proven; null if the proof does not hold
   */
  record Judgement(List<Objection> objections, @Nullable StatedProof proof) {
    boolean valid() {
      return objections.isEmpty() && proof != null;
    }
  }

  /**
   * @param operation the Operation, with fields of the right lengths
   * @param operationId the hash that the request gives it
   * @param postOp the PostOp, with fields of the right lengths
   * @param guest the program of {@code operation.extension_id}
   * @param entry the export that Operations call
   */
  Judgement judge(
      Operation operation, ByteString operationId, PostOp postOp, Guest guest, String entry) {
    List<Objection> objections = new ArrayList<>();
    ByteString hash = ByteString.copyFrom(Encodings.operationHash(operation));
    Proof proof = postOp.getProof();
    same(objections, "operation_id", operationId, "the hash of the Operation", hash);
    same(
        objections,
        "post_op.operation_hash",
        postOp.getOperationHash(),
        "the hash of the Operation",
        hash);
    ByteString extension = operation.getExtensionId();
    same(
        objections,
        "post_op.extension_id",
        postOp.getExtensionId(),
        "that of the Operation",
        extension);
    same(
        objections,
        "post_op.proof.extension_id",
        proof.getExtensionId(),
        "that of the Operation",
        extension);

    StatedProof stated;
    try {
      stated = engine.verify(guest, proof.getProofData().toByteArray());
    } catch (EngineException e) {
      switch (e.kind()) {
        case BAD_PROOF, INVALID_PROOF -> {
          objections.add(new Objection("post_op.proof.proof_data", Errors.message(e)));
          return new Judgement(objections, null);
        }
        default -> throw e;
      }
    }

    Statement statement = stated.statement();
    ByteString context =
        ByteString.copyFrom(
            Encodings.context(hash, postOp.getProcessedBlockHash(), postOp.getFeeRecipient()));
    if (!context.equals(ByteString.copyFrom(statement.context()))) {
      objections.add(
          new Objection(
              "post_op.proof",
              "the proof is bound to context %s, but Operation, processed block and fee recipient give %s"
                  .formatted(
                      Messages.hex(ByteString.copyFrom(statement.context())),
                      Messages.hex(context))));
    }
    if (!operation.getData().equals(ByteString.copyFrom(statement.publicInput()))) {
      objections.add(
          new Objection("operation.data", "is not the public input that the proof is about"));
    }
    if (!statement.export().equals(entry) || !statement.arguments().isEmpty()) {
      objections.add(
          new Objection(
              "post_op.proof",
              "is about a call of %s%s, not about one of %s without arguments"
                  .formatted(statement.export(), statement.arguments(), entry)));
    }
    if (Long.compareUnsigned(statement.steps(), operation.getGas()) > 0) {
      objections.add(
          new Objection(
              "operation.gas",
              "is %s, but the run took %d steps"
                  .formatted(Long.toUnsignedString(operation.getGas()), statement.steps())));
    }
    ByteString output = ByteString.copyFrom(statement.output());
    same(objections, "post_op.data", postOp.getData(), "the output that is proven", output);
    same(
        objections, "post_op.proof.output", proof.getOutput(), "the output that is proven", output);
    inputs(objections, proof.getInputsMap(), Messages.inputs(statement));
    return new Judgement(objections, stated);
  }

  private static void same(
      List<Objection> objections, String field, ByteString given, String what, ByteString wanted) {
    if (!given.equals(wanted)) {
      objections.add(
          new Objection(field, "is %s, but %s is %s".formatted(brief(given), what, brief(wanted))));
    }
  }

  private static String brief(ByteString bytes) {
    return bytes.size() <= Encodings.HASH_BYTES
        ? Messages.hex(bytes)
        : Messages.hex(bytes.substring(0, Encodings.HASH_BYTES))
            + "... ("
            + bytes.size()
            + " bytes)";
  }

  private static void inputs(
      List<Objection> objections,
      Map<String, ByteString> given,
      Map<String, ByteString> statement) {
    for (Map.Entry<String, ByteString> input : new TreeMap<>(given).entrySet()) {
      ByteString proven = statement.get(input.getKey());
      String field = "post_op.proof.inputs[" + input.getKey() + "]";
      if (proven == null) {
        objections.add(new Objection(field, "is no public input"));
      } else {
        same(objections, field, input.getValue(), "what is proven", proven);
      }
    }
    for (String name : statement.keySet()) {
      if (!given.containsKey(name)) {
        objections.add(new Objection("post_op.proof.inputs[" + name + "]", "is missing"));
      }
    }
  }
}
