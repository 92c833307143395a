package dev.zkwasm.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.zkwasm.proto.v1.Operation;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/**
 * The vectors of {@code docs/spec/operation.md}. They were computed by an implementation of
 * keccak256 and of abi.encode that shares nothing with this one.
 */
class EncodingsTest {
  private static byte[] bytes(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] counting(int from, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (from + i);
    }
    return bytes;
  }

  private static ByteString string(byte[] bytes) {
    return ByteString.copyFrom(bytes);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static final Operation ZERO =
      Operation.newBuilder()
          .setExtensionId(string(new byte[32]))
          .setTo(string(new byte[20]))
          .setBlockHash(string(new byte[32]))
          .build();

  private static final Operation ORDINARY =
      Operation.newBuilder()
          .setChainId(11155111)
          .setExtensionId(string(counting(0, 32)))
          .setTo(string(counting(0x40, 20)))
          .setGas(1_000_000)
          .setGasManagementData(string(new byte[] {1, 2}))
          .setData(ByteString.copyFromUtf8("hello"))
          .setBlockHash(string(bytes(32, 0xbb)))
          .build();

  private static final Operation LARGEST =
      Operation.newBuilder()
          .setChainId(-1)
          .setExtensionId(string(bytes(32, 0xff)))
          .setTo(string(bytes(20, 0xff)))
          .setGas(-1)
          .setGasManagementData(string(new byte[200]))
          .setData(string(counting(0, 256)))
          .setBlockHash(string(bytes(32, 0xff)))
          .build();

  @Test
  void keccakOfNothing() {
    assertEquals(
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
        hex(Encodings.keccak256(new byte[0])));
    assertEquals(
        "c983644deec22da4949e5bd6832831f09883b885073a36b50ab2a11e65064a47",
        hex(Encodings.keccak256("zkwasm.operation.v1".getBytes(StandardCharsets.US_ASCII))));
  }

  @Test
  void operationHashes() {
    assertEquals(
        "5680fcac29ae873aae0f611fbed6cffcb8a26b90f6fbdf49f6e794ae4ee8e443",
        hex(Encodings.operationHash(ZERO)));
    assertEquals(
        "0ddb359fe8567391f5196027a799e356c4970d039241057ed02355b5171c316e",
        hex(Encodings.operationHash(ORDINARY)));
    assertEquals(
        "b0678f43d7d141717e6f4df51105eb8519e08b148e12c64c1b6ca841eb59ca1b",
        hex(Encodings.operationHash(LARGEST)));
  }

  @Test
  void contexts() {
    assertEquals(
        "53f453c1c7b5c77bb49b4734035c87d5568e67a9b0f64d1264f238e02fc1cafe",
        hex(Encodings.context(Encodings.operationHash(ZERO), new byte[32], new byte[20])));
    assertEquals(
        "fe174ac25231009a3187b5997a9d3850080960cc3b2a7ab8851136ac60c12830",
        hex(
            Encodings.context(
                Encodings.operationHash(ORDINARY), bytes(32, 0xcc), bytes(20, 0xdd))));
    assertEquals(
        "1e4a9b005b28fef01985775c89f1f5442043dba3da8fe1292940aec79606b675",
        hex(Encodings.context(Encodings.operationHash(LARGEST), bytes(32, 0xff), bytes(20, 0xff))));
  }

  @Test
  void everyFieldButTheSignatureCounts() {
    byte[] hash = Encodings.operationHash(ORDINARY);
    Operation.Builder[] changed = {
      ORDINARY.toBuilder().setChainId(1),
      ORDINARY.toBuilder().setExtensionId(string(bytes(32, 9))),
      ORDINARY.toBuilder().setTo(string(bytes(20, 9))),
      ORDINARY.toBuilder().setGas(999_999),
      ORDINARY.toBuilder().setGasManagementData(ByteString.EMPTY),
      ORDINARY.toBuilder().setData(ByteString.copyFromUtf8("hellO")),
      ORDINARY.toBuilder().setBlockHash(string(bytes(32, 9)))
    };
    for (Operation.Builder operation : changed) {
      assertNotEquals(hex(hash), hex(Encodings.operationHash(operation.build())));
    }
    Operation signed = ORDINARY.toBuilder().setSig(ByteString.copyFromUtf8("signature")).build();
    assertEquals(hex(hash), hex(Encodings.operationHash(signed)));
  }

  @Test
  void wrongLengthsAreRefused() {
    Operation shortTo = ORDINARY.toBuilder().setTo(string(new byte[32])).build();
    assertThrows(IllegalArgumentException.class, () -> Encodings.operationHash(shortTo));
    assertThrows(
        IllegalArgumentException.class,
        () -> Encodings.context(new byte[31], new byte[32], new byte[20]));
  }
}
