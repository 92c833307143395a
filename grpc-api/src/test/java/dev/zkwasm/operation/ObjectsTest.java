package dev.zkwasm.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.zkwasm.proto.v1.Capabilities;
import dev.zkwasm.proto.v1.Extension;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.PostOp;
import dev.zkwasm.proto.v1.Proof;
import dev.zkwasm.proto.v1.ProofVerificationRequest;
import dev.zkwasm.proto.v1.ProofVerificationResponse;
import dev.zkwasm.proto.v1.VerifierMetadata;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The objects of the middle layer have every field of the design that they come from. */
class ObjectsTest {
  /** By object, the names of the design, in the spelling of protobuf. */
  private static Map<Descriptor, List<String>> fields() {
    Map<Descriptor, List<String>> fields = new LinkedHashMap<>();
    fields.put(
        Operation.getDescriptor(),
        List.of("extension_id", "to", "gas", "gas_management_data", "data", "sig", "block_hash"));
    fields.put(
        PostOp.getDescriptor(),
        List.of("operation_hash", "extension_id", "proof", "data", "processed_block_hash"));
    fields.put(
        Proof.getDescriptor(),
        List.of("extension_id", "inputs", "output", "proof_data", "metadata"));
    fields.put(
        Extension.getDescriptor(),
        List.of(
            "developer",
            "extension_id",
            "bytecode",
            "bytecode_hash",
            "verifier_metadata",
            "metadata_uri",
            "registered_at"));
    fields.put(
        VerifierMetadata.getDescriptor(),
        List.of("mode", "zk_system", "verification_key", "verifier_uri"));
    fields.put(
        ProofVerificationRequest.getDescriptor(),
        List.of(
            "request_id",
            "sender_node_id",
            "operation_id",
            "post_op",
            "timestamp",
            "metadata",
            "request_hash"));
    fields.put(
        ProofVerificationResponse.getDescriptor(),
        List.of(
            "request_id", "responder_node_id", "verdict", "signature", "diagnostics", "timestamp"));
    fields.put(
        Capabilities.getDescriptor(),
        List.of("supported_extensions", "supported_proof_types", "max_proof_size", "fee_schedule"));
    return fields;
  }

  @Test
  void haveTheFieldsOfTheDesign() {
    fields()
        .forEach(
            (object, names) ->
                assertTrue(
                    object.getFields().stream()
                        .map(FieldDescriptor::getName)
                        .toList()
                        .containsAll(names),
                    object.getName()));
  }

  /** Numbers that others compute with: VALID, INVALID, ERROR; Universal, Custom. */
  @Test
  void enumsHaveTheirNumbers() {
    assertEquals(1, ProofVerificationResponse.Verdict.VALID.getNumber());
    assertEquals(2, ProofVerificationResponse.Verdict.INVALID.getNumber());
    assertEquals(3, ProofVerificationResponse.Verdict.ERROR.getNumber());
    assertEquals(1, VerifierMetadata.Mode.UNIVERSAL.getNumber());
    assertEquals(2, VerifierMetadata.Mode.CUSTOM.getNumber());
  }
}
