package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import dev.zkwasm.proto.v1.DeregisterExtensionRequest;
import dev.zkwasm.proto.v1.DeregisterExtensionResponse;
import dev.zkwasm.proto.v1.Extension;
import dev.zkwasm.proto.v1.ExtensionsGrpc;
import dev.zkwasm.proto.v1.GetExtensionRequest;
import dev.zkwasm.proto.v1.ListExtensionsRequest;
import dev.zkwasm.proto.v1.ListExtensionsResponse;
import dev.zkwasm.proto.v1.RegisterExtensionRequest;
import dev.zkwasm.store.JobStore;
import dev.zkwasm.store.Page;
import io.grpc.stub.StreamObserver;

/** Registers and shows Extensions. */
final class ExtensionsService extends ExtensionsGrpc.ExtensionsImplBase {
  private static final int MAX_TEXT = 1024;

  private final ExtensionRegistry registry;
  private final JobStore jobs;
  private final Limits limits;
  private final Uploads uploads;

  ExtensionsService(ExtensionRegistry registry, JobStore jobs, Limits limits, Uploads uploads) {
    this.registry = registry;
    this.jobs = jobs;
    this.limits = limits;
    this.uploads = uploads;
  }

  @Override
  public StreamObserver<RegisterExtensionRequest> registerExtension(
      StreamObserver<Extension> answers) {
    return new UploadObserver<
        RegisterExtensionRequest, RegisterExtensionRequest.Metadata, MemoryUpload, Extension>(
        answers, "chunk", uploads) {
      @Override
      void part(RegisterExtensionRequest part) {
        switch (part.getPartCase()) {
          case METADATA -> begin(part.getMetadata());
          case CHUNK -> bytes(-1, part.getChunk());
          case PART_NOT_SET -> throw Errors.invalid("part", "is neither metadata nor chunk");
        }
      }

      @Override
      MemoryUpload open(RegisterExtensionRequest.Metadata metadata) {
        Violations violations = new Violations();
        if (!metadata.getExtensionId().isEmpty()) {
          violations.hash("metadata.extension_id", metadata.getExtensionId());
        }
        violations
            .atMost("metadata.developer", metadata.getDeveloperBytes(), MAX_TEXT)
            .atMost("metadata.metadata_uri", metadata.getMetadataUriBytes(), MAX_TEXT)
            .atMost("metadata.entry_export", metadata.getEntryExportBytes(), MAX_TEXT)
            .check();
        return new MemoryUpload(
            "chunk", limits.moduleBytes(), metadata.getBytecodeSize(), uploads.memory());
      }

      @Override
      Extension finish(RegisterExtensionRequest.Metadata metadata, MemoryUpload upload) {
        return registry.register(metadata, upload.finish());
      }
    };
  }

  @Override
  public void getExtension(GetExtensionRequest request, StreamObserver<Extension> observer) {
    Calls.answer(
        observer,
        "extension_id",
        () -> {
          new Violations().hash("extension_id", request.getExtensionId()).check();
          return request.getIncludeBytecode()
              ? registry.whole(request.getExtensionId())
              : registry.get(request.getExtensionId());
        });
  }

  @Override
  public void listExtensions(
      ListExtensionsRequest request, StreamObserver<ListExtensionsResponse> observer) {
    Calls.answer(
        observer,
        "page_token",
        () -> {
          Page<Extension> page =
              registry
                  .store()
                  .list(
                      Paging.size(request.getPageSize()),
                      Paging.EXTENSIONS.last("page_token", request.getPageToken()));
          return ListExtensionsResponse.newBuilder()
              .setNextPageToken(Paging.EXTENSIONS.token(page.last()))
              .addAllExtensions(page.items())
              .build();
        });
  }

  @Override
  public void deregisterExtension(
      DeregisterExtensionRequest request, StreamObserver<DeregisterExtensionResponse> observer) {
    Calls.answer(
        observer,
        "extension_id",
        () -> {
          ByteString id = request.getExtensionId();
          new Violations().hash("extension_id", id).check();
          registry.get(id);
          long unfinished = jobs.unfinished(id);
          if (unfinished > 0) {
            throw Errors.failedPrecondition(
                unfinished + " jobs of it have not ended: cancel them or wait");
          }
          registry.remove(id);
          return DeregisterExtensionResponse.getDefaultInstance();
        });
  }
}
