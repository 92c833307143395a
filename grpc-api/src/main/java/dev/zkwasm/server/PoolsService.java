package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import dev.zkwasm.proto.v1.GetPostOpRequest;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.ListPostOpsRequest;
import dev.zkwasm.proto.v1.ListPostOpsResponse;
import dev.zkwasm.proto.v1.PoolsGrpc;
import dev.zkwasm.proto.v1.ProcessedPostOp;
import dev.zkwasm.proto.v1.WaitingOperation;
import dev.zkwasm.proto.v1.WatchOperationsRequest;
import dev.zkwasm.proto.v1.WatchPostOpsRequest;
import dev.zkwasm.store.JobStore;
import dev.zkwasm.store.JobStore.Numbered;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** Shows the pools of Operations and PostOps, which are two views of the jobs. */
final class PoolsService extends PoolsGrpc.PoolsImplBase {
  /** PostOps carry proofs and outputs: a page of more could be too large for a message. */
  private static final int MAX_PAGE = 100;

  /** Encoded bytes of a page after which it ends. */
  private static final int PAGE_BYTES = 4 << 20;

  private final JobRunner runner;
  private final JobStore store;
  private final BlockWindow blocks;

  PoolsService(JobRunner runner, JobStore store, BlockWindow blocks) {
    this.runner = runner;
    this.store = store;
    this.blocks = blocks;
  }

  @Override
  public void watchOperations(
      WatchOperationsRequest request, StreamObserver<WaitingOperation> observer) {
    ByteString extension = request.getExtensionId();
    if (refused(extension, observer)) {
      return;
    }
    PoolWatch.start(
        runner,
        0,
        store::waiting,
        each -> matches(extension, each.job()) ? waiting(each.job()) : null,
        (ServerCallStreamObserver<WaitingOperation>) observer);
  }

  @Override
  public void watchPostOps(WatchPostOpsRequest request, StreamObserver<ProcessedPostOp> observer) {
    ByteString extension = request.getExtensionId();
    if (refused(extension, observer)) {
      return;
    }
    long after;
    try {
      new Violations()
          .require(
              !request.getNewOnly() || request.getAfter().isEmpty(),
              "after",
              "says nothing where only new ones are asked for")
          .check();
      after =
          request.getNewOnly()
              ? store.lastProcessed()
              : Paging.POST_OPS.last("after", request.getAfter());
    } catch (RuntimeException e) {
      observer.onError(Errors.of(e, "after"));
      return;
    }
    PoolWatch.start(
        runner,
        after,
        store::processed,
        each -> matches(extension, each.job()) ? processed(each.number(), each.job()) : null,
        (ServerCallStreamObserver<ProcessedPostOp>) observer);
  }

  private static boolean refused(ByteString extension, StreamObserver<?> observer) {
    if (extension.isEmpty() || extension.size() == 32) {
      return false;
    }
    observer.onError(new Violations().hash("extension_id", extension).toException());
    return true;
  }

  private static boolean matches(ByteString extension, Job job) {
    return extension.isEmpty() || extension.equals(job.getExtensionId());
  }

  private static WaitingOperation waiting(Job job) {
    return WaitingOperation.newBuilder()
        .setOperation(job.getOperation())
        .setOperationHash(job.getOperationHash())
        .setProcessedBlockHash(job.getPostOp().getProcessedBlockHash())
        .setFeeRecipient(job.getPostOp().getFeeRecipient())
        .setJobId(job.getJobId())
        .setSubmittedAt(job.getSubmittedAt())
        .build();
  }

  private ProcessedPostOp processed(long number, Job job) {
    return ProcessedPostOp.newBuilder()
        .setPostOp(job.getPostOp())
        .setJobId(job.getJobId())
        .setEndedAt(job.getEndedAt())
        .setToken(Paging.POST_OPS.token(number))
        .setCost(job.getCost())
        .setRecent(blocks.holds(job.getPostOp().getProcessedBlockHash()))
        .build();
  }

  @Override
  public void getPostOp(GetPostOpRequest request, StreamObserver<ProcessedPostOp> observer) {
    Calls.answer(
        observer,
        "operation_hash",
        () -> {
          ByteString block = request.getProcessedBlockHash();
          Violations violations =
              new Violations().hash("operation_hash", request.getOperationHash());
          if (!block.isEmpty()) {
            violations.hash("processed_block_hash", block);
          }
          violations.check();
          return store
              .postOp(request.getOperationHash(), block)
              .map(each -> processed(each.number(), each.job()))
              .orElseThrow(
                  () ->
                      Errors.notFound(
                          "no PostOp of the Operation "
                              + Messages.hex(request.getOperationHash())));
        });
  }

  @Override
  public void listPostOps(
      ListPostOpsRequest request, StreamObserver<ListPostOpsResponse> observer) {
    Calls.answer(
        observer,
        "page_token",
        () -> {
          ByteString extension = request.getExtensionId();
          if (!extension.isEmpty()) {
            new Violations().hash("extension_id", extension).check();
          }
          int size = Math.min(Paging.size(request.getPageSize()), MAX_PAGE);
          long after = Paging.POST_OPS.last("page_token", request.getPageToken());
          ListPostOpsResponse.Builder response = ListPostOpsResponse.newBuilder();
          int bytes = 0;
          while (true) {
            // One by one: together they could be larger than the memory.
            Numbered next = store.processed(after, 1).stream().findFirst().orElse(null);
            if (next == null) {
              return response.build();
            }
            if (matches(extension, next.job())) {
              if (response.getPostOpsCount() == size || bytes > PAGE_BYTES) {
                return response.setNextPageToken(Paging.POST_OPS.token(after)).build();
              }
              ProcessedPostOp postOp = processed(next.number(), next.job());
              bytes += postOp.getSerializedSize();
              response.addPostOps(postOp);
            }
            after = next.number();
          }
        });
  }
}
