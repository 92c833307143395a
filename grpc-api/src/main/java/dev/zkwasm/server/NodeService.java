package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineInfo;
import dev.zkwasm.proto.v1.Capabilities;
import dev.zkwasm.proto.v1.Extension;
import dev.zkwasm.proto.v1.FeeSchedule;
import dev.zkwasm.proto.v1.GetCapabilitiesRequest;
import dev.zkwasm.proto.v1.NodeGrpc;
import dev.zkwasm.store.ExtensionStore;
import io.grpc.stub.StreamObserver;

/** Says what this node can do. */
final class NodeService extends NodeGrpc.NodeImplBase {
  private final Engine engine;
  private final ExtensionStore extensions;
  private final ServerConfig config;
  private final String version;

  NodeService(Engine engine, ExtensionStore extensions, ServerConfig config, String version) {
    this.engine = engine;
    this.extensions = extensions;
    this.config = config;
    this.version = version;
  }

  @Override
  public void getCapabilities(
      GetCapabilitiesRequest request, StreamObserver<Capabilities> observer) {
    Calls.answer(observer, "", this::capabilities);
  }

  private Capabilities capabilities() {
    EngineInfo info = engine.info();
    Limits limits = config.limits();
    return Capabilities.newBuilder()
        .setNodeId(config.nodeId())
        .addAllSupportedExtensions(
            extensions.list(Paging.MAX, "").items().stream()
                .map(Extension::getExtensionId)
                .toList())
        .addSupportedProofTypes(ExtensionRegistry.ZK_SYSTEM)
        .setMaxProofSize(limits.proofBytes())
        .setFeeSchedule(
            FeeSchedule.newBuilder()
                .setBaseFee(config.baseFee())
                .setFeePerMillionSteps(config.feePerMillionSteps()))
        .setVersion(version)
        .setKeyDigest(ByteString.copyFrom(info.keyDigest()))
        .setLoweringVersion(info.loweringVersion())
        .setSrsId(ByteString.copyFrom(info.srsId()))
        .setInsecureSrs(info.insecureSrs())
        .setBackend(info.backend())
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
