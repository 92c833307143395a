package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.zkwasm.engine.EngineInfo;
import dev.zkwasm.engine.Prepared;
import dev.zkwasm.engine.StatedProof;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Value;
import dev.zkwasm.proto.v1.Cost;
import dev.zkwasm.proto.v1.Proof;
import dev.zkwasm.proto.v1.Statement;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The engine's values as messages. */
final class Messages {
  private static final int MAX_SHOWN = 100;

  private Messages() {}

  static String hex(ByteString bytes) {
    return "0x" + HexFormat.of().formatHex(bytes.toByteArray());
  }

  /** Text of a caller's, as it may stand in a message: on one line, and not too long. */
  static String shown(String text) {
    String line = text.replaceAll("\\p{Cntrl}", "?");
    return line.length() <= MAX_SHOWN ? line : line.substring(0, MAX_SHOWN) + "...";
  }

  static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  static Instant instant(Timestamp timestamp) {
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
  }

  static Duration duration(double seconds) {
    long nanos = Math.round(seconds * 1e9);
    return Duration.newBuilder()
        .setSeconds(nanos / 1_000_000_000)
        .setNanos((int) (nanos % 1_000_000_000))
        .build();
  }

  /** Without rows, which are not known yet. */
  static Cost cost(Outcome outcome) {
    return Cost.newBuilder().setSteps(outcome.steps()).setWasmSteps(outcome.wasmSteps()).build();
  }

  static Cost cost(Prepared prepared) {
    return Cost.newBuilder()
        .setSteps(prepared.run().trace().steps())
        .setWasmSteps(prepared.run().wasmSteps())
        .putAllRows(prepared.rows())
        .build();
  }

  static dev.zkwasm.proto.v1.Exit exit(Exit exit) {
    return dev.zkwasm.proto.v1.Exit.newBuilder()
        .setKind(
            switch (exit.kind()) {
              case RETURNED -> dev.zkwasm.proto.v1.Exit.Kind.RETURNED;
              case EXITED -> dev.zkwasm.proto.v1.Exit.Kind.EXITED;
              case TRAPPED -> dev.zkwasm.proto.v1.Exit.Kind.TRAPPED;
            })
        .setCode((int) exit.code())
        .setText(exit.toString())
        .build();
  }

  static dev.zkwasm.proto.v1.Value value(Value value) {
    return dev.zkwasm.proto.v1.Value.newBuilder()
        .setType(
            switch (value.type()) {
              case I32 -> dev.zkwasm.proto.v1.Value.Type.I32;
              case I64 -> dev.zkwasm.proto.v1.Value.Type.I64;
              case F32 -> dev.zkwasm.proto.v1.Value.Type.F32;
              case F64 -> dev.zkwasm.proto.v1.Value.Type.F64;
              case FUNCREF -> dev.zkwasm.proto.v1.Value.Type.FUNCREF;
              case EXTERNREF -> dev.zkwasm.proto.v1.Value.Type.EXTERNREF;
            })
        .setBits(value.bits())
        .build();
  }

  static List<dev.zkwasm.proto.v1.Value> values(List<Value> values) {
    return values.stream().map(Messages::value).toList();
  }

  static Statement statement(StatedProof proof) {
    dev.zkwasm.proof.Statement statement = proof.statement();
    return Statement.newBuilder()
        .setExtensionId(ByteString.copyFrom(proof.extensionId()))
        .setProgramDigest(ByteString.copyFrom(statement.programDigest()))
        .setExport(statement.export())
        .addAllArguments(values(statement.arguments()))
        .setPublicInput(ByteString.copyFrom(statement.publicInput()))
        .setOutput(ByteString.copyFrom(statement.output()))
        .setExit(exit(statement.exit()))
        .addAllResults(values(statement.results()))
        .setSteps(statement.steps())
        .setContext(ByteString.copyFrom(statement.context()))
        .setSrsId(ByteString.copyFrom(proof.srsId()))
        .setInsecureSrs(proof.insecureSrs())
        .build();
  }

  /**
   * The public inputs of a proof by name: all of the statement but the output, which has a field of
   * its own.
   */
  static Map<String, ByteString> inputs(dev.zkwasm.proof.Statement statement) {
    Map<String, ByteString> inputs = new TreeMap<>();
    inputs.put("programDigest", ByteString.copyFrom(statement.programDigest()));
    inputs.put("export", ByteString.copyFromUtf8(statement.export()));
    inputs.put("arguments", encoded(statement.arguments()));
    inputs.put("results", encoded(statement.results()));
    inputs.put("publicInput", ByteString.copyFrom(statement.publicInput()));
    inputs.put("context", ByteString.copyFrom(statement.context()));
    inputs.put(
        "exit",
        wrap(
            ByteBuffer.allocate(5)
                .put((byte) statement.exit().kind().ordinal())
                .putInt((int) statement.exit().code())));
    inputs.put("steps", wrap(ByteBuffer.allocate(8).putLong(statement.steps())));
    return inputs;
  }

  private static ByteString encoded(List<Value> values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 + 9 * values.size()).putInt(values.size());
    values.forEach(value -> buffer.put((byte) value.type().code()).putLong(value.bits()));
    return wrap(buffer);
  }

  private static ByteString wrap(ByteBuffer buffer) {
    return ByteString.copyFrom(buffer.array());
  }

  static Proof proof(StatedProof proof, byte[] proofFile, EngineInfo engine) {
    return Proof.newBuilder()
        .setExtensionId(ByteString.copyFrom(proof.extensionId()))
        .putAllInputs(inputs(proof.statement()))
        .setOutput(ByteString.copyFrom(proof.statement().output()))
        .setProofData(ByteString.copyFrom(proofFile))
        .putMetadata("zkSystem", ExtensionRegistry.ZK_SYSTEM)
        .putMetadata("mode", "universal")
        .putMetadata("proofFormat", Integer.toString(engine.proofVersion()))
        .putMetadata("loweringVersion", Integer.toString(engine.loweringVersion()))
        .putMetadata("keyDigest", hex(ByteString.copyFrom(engine.keyDigest())))
        .putMetadata("srsId", hex(ByteString.copyFrom(engine.srsId())))
        .build();
  }
}
