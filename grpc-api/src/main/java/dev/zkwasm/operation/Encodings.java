package dev.zkwasm.operation;

import com.google.protobuf.ByteString;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.transcript.Keccak256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The hashes by which an Operation and its processing are known, as {@code docs/spec/operation.md}
 * fixes them. All are keccak256 over Solidity's {@code abi.encode} of static types: one 32-byte
 * word each, big-endian, left-padded.
 */
public final class Encodings {
  private static final byte[] OPERATION_TAG = tag("zkwasm.operation.v1");
  private static final byte[] CONTEXT_TAG = tag("zkwasm.context.v1");

  public static final int HASH_BYTES = 32;
  public static final int ADDRESS_BYTES = 20;

  private Encodings() {}

  /** keccak256 of the parts one after another, 32 bytes. */
  public static byte[] keccak256(byte[]... parts) {
    return Keccak256.hash(parts);
  }

  /**
   * Hash of an Operation: {@code keccak256(abi.encode(keccak256("zkwasm.operation.v1"), uint256
   * chainId, bytes32 ExtensionID, address To, uint256 Gas, keccak256(GasManagementData),
   * keccak256(Data), bytes32 BlockHash))}. The signature is not part of it.
   *
   * @throws IllegalArgumentException if a hash or an address has a wrong length
   */
  public static byte[] operationHash(Operation operation) {
    return keccak256(
        OPERATION_TAG,
        word(operation.getChainId()),
        bytes32("extension_id", operation.getExtensionId().toByteArray()),
        address("to", operation.getTo().toByteArray()),
        word(operation.getGas()),
        keccak256(operation.getGasManagementData().toByteArray()),
        keccak256(operation.getData().toByteArray()),
        bytes32("block_hash", operation.getBlockHash().toByteArray()));
  }

  /**
   * What the proof of an Operation is bound to: {@code
   * keccak256(abi.encode(keccak256("zkwasm.context.v1"), operationHash, bytes32 ProcessedBlockHash,
   * address feeRecipient))}.
   *
   * @throws IllegalArgumentException if a hash or an address has a wrong length
   */
  public static byte[] context(
      byte[] operationHash, byte[] processedBlockHash, byte[] feeRecipient) {
    return keccak256(
        CONTEXT_TAG,
        bytes32("operation_hash", operationHash),
        bytes32("processed_block_hash", processedBlockHash),
        address("fee_recipient", feeRecipient));
  }

  /** {@link #context(byte[], byte[], byte[])} of protobuf fields. */
  public static byte[] context(
      ByteString operationHash, ByteString processedBlockHash, ByteString feeRecipient) {
    return context(
        operationHash.toByteArray(), processedBlockHash.toByteArray(), feeRecipient.toByteArray());
  }

  private static byte[] tag(String name) {
    return keccak256(name.getBytes(StandardCharsets.US_ASCII));
  }

  /** A uint256 word holding an unsigned 64-bit value. */
  private static byte[] word(long unsigned) {
    return ByteBuffer.allocate(HASH_BYTES).putLong(HASH_BYTES - Long.BYTES, unsigned).array();
  }

  private static byte[] bytes32(String field, byte[] value) {
    return checked(field, value, HASH_BYTES);
  }

  private static byte[] address(String field, byte[] value) {
    byte[] word = new byte[HASH_BYTES];
    System.arraycopy(
        checked(field, value, ADDRESS_BYTES), 0, word, HASH_BYTES - ADDRESS_BYTES, ADDRESS_BYTES);
    return word;
  }

  private static byte[] checked(String field, byte[] value, int length) {
    if (value.length != length) {
      throw new IllegalArgumentException(field + " has " + value.length + " bytes, not " + length);
    }
    return Arrays.copyOf(value, length);
  }
}
