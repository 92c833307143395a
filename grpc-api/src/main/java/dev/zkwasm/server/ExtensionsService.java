package dev.zkwasm.server;

import dev.zkwasm.proto.v1.Extension;
import dev.zkwasm.proto.v1.ExtensionsGrpc;
import dev.zkwasm.proto.v1.GetExtensionRequest;
import dev.zkwasm.proto.v1.ListExtensionsRequest;
import dev.zkwasm.proto.v1.ListExtensionsResponse;
import dev.zkwasm.proto.v1.RegisterExtensionRequest;
import dev.zkwasm.store.Page;
import io.grpc.stub.StreamObserver;

/** Registers and shows Extensions. */
final class ExtensionsService extends ExtensionsGrpc.ExtensionsImplBase {
  private static final int MAX_TEXT = 1024;

  private final ExtensionRegistry registry;
  private final Limits limits;
  private final MemoryBudget budget;

  ExtensionsService(ExtensionRegistry registry, Limits limits, MemoryBudget budget) {
    this.registry = registry;
    this.limits = limits;
    this.budget = budget;
  }

  @Override
  public StreamObserver<RegisterExtensionRequest> registerExtension(
      StreamObserver<Extension> answers) {
    return new UploadObserver<
        RegisterExtensionRequest, RegisterExtensionRequest.Metadata, Extension>(answers, "chunk") {
      @Override
      void part(RegisterExtensionRequest part) {
        switch (part.getPartCase()) {
          case METADATA -> begin(part.getMetadata());
          case CHUNK -> bytes(-1, part.getChunk());
          case PART_NOT_SET -> throw Errors.invalid("part", "is neither metadata nor chunk");
        }
      }

      @Override
      Upload upload(RegisterExtensionRequest.Metadata metadata) {
        Violations violations = new Violations();
        if (!metadata.getExtensionId().isEmpty()) {
          violations.hash("metadata.extension_id", metadata.getExtensionId());
        }
        violations
            .atMost("metadata.developer", metadata.getDeveloperBytes(), MAX_TEXT)
            .atMost("metadata.metadata_uri", metadata.getMetadataUriBytes(), MAX_TEXT)
            .atMost("metadata.entry_export", metadata.getEntryExportBytes(), MAX_TEXT)
            .check();
        return new Upload("chunk", limits.moduleBytes(), metadata.getBytecodeSize(), budget);
      }

      @Override
      Extension finish(RegisterExtensionRequest.Metadata metadata, byte[] wasm) {
        return registry.register(metadata, wasm).toBuilder().clearBytecode().build();
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
          Extension extension = registry.get(request.getExtensionId());
          return request.getIncludeBytecode()
              ? extension
              : extension.toBuilder().clearBytecode().build();
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
              Paging.page(
                  request.getPageSize(),
                  request.getPageToken(),
                  (size, token) -> registry.store().list(size, token));
          ListExtensionsResponse.Builder response =
              ListExtensionsResponse.newBuilder().setNextPageToken(page.nextToken());
          page.items().forEach(e -> response.addExtensions(e.toBuilder().clearBytecode()));
          return response.build();
        });
  }
}
