package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineInfo;
import dev.zkwasm.proto.v1.AnnounceBlockRequest;
import dev.zkwasm.proto.v1.AnnounceBlockResponse;
import dev.zkwasm.proto.v1.Capabilities;
import dev.zkwasm.proto.v1.Extension;
import dev.zkwasm.proto.v1.FeeSchedule;
import dev.zkwasm.proto.v1.GetCapabilitiesRequest;
import dev.zkwasm.proto.v1.NodeGrpc;
import dev.zkwasm.signing.NodeKey;
import dev.zkwasm.store.ExtensionStore;
import io.grpc.stub.StreamObserver;

/** Says what this node can do. */
final class NodeService extends NodeGrpc.NodeImplBase {
  private final Engine engine;
  private final ExtensionStore extensions;
  private final ServerConfig config;
  private final String version;
  private final NodeKey key;
  private final BlockWindow blocks;

  NodeService(
      Engine engine,
      ExtensionStore extensions,
      ServerConfig config,
      String version,
      NodeKey key,
      BlockWindow blocks) {
    this.engine = engine;
    this.extensions = extensions;
    this.config = config;
    this.version = version;
    this.key = key;
    this.blocks = blocks;
  }

  @Override
  public void getCapabilities(
      GetCapabilitiesRequest request, StreamObserver<Capabilities> observer) {
    Calls.answer(observer, "", this::capabilities);
  }

  @Override
  public void announceBlock(
      AnnounceBlockRequest request, StreamObserver<AnnounceBlockResponse> observer) {
    Calls.answer(
        observer,
        "hash",
        () -> {
          new Violations()
              .hash("hash", request.getHash())
              .require(request.getNumber() >= 0, "number", "is above 2^63 - 1")
              .check();
          return AnnounceBlockResponse.newBuilder()
              .addAllWindow(blocks.announce(request.getNumber(), request.getHash()))
              .build();
        });
  }

  private Capabilities capabilities() {
    EngineInfo info = engine.info();
    Limits limits = config.limits();
    return Capabilities.newBuilder()
        .setNodeId(config.nodeId())
        .addAllSupportedExtensions(
            extensions.list(Paging.MAX, 0).items().stream().map(Extension::getExtensionId).toList())
        .addSupportedProofTypes(ExtensionRegistry.ZK_SYSTEM)
        .setMaxProofSize(limits.proofBytes())
        .setFeeSchedule(
            FeeSchedule.newBuilder()
                .setBaseFee(config.fees().base())
                .setFeePerMillionSteps(config.fees().perMillionSteps()))
        .setVersion(version)
        .setKeyDigest(ByteString.copyFrom(info.keyDigest()))
        .setLoweringVersion(info.loweringVersion())
        .setSrsId(ByteString.copyFrom(info.srsId()))
        .setInsecureSrs(info.insecureSrs())
        .setBackend(info.backend())
        .setAddress(ByteString.copyFrom(key.address()))
        .setProcessWindow(config.processWindow())
        .setLimits(
            dev.zkwasm.proto.v1.Limits.newBuilder()
                .setMaxModuleBytes(limits.moduleBytes())
                .setMaxInputBytes(limits.inputBytes())
                .setMaxTraceBytes(limits.traceBytes())
                .setMaxSteps(limits.steps())
                .setMaxQueuedJobs(limits.queuedJobs())
                .setMaxMessageBytes(limits.messageBytes()))
        .build();
  }
}
