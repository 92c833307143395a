package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.Guest;
import dev.zkwasm.engine.Prepared;
import dev.zkwasm.engine.Run;
import dev.zkwasm.isa.Call;
import dev.zkwasm.proto.v1.CancelJobRequest;
import dev.zkwasm.proto.v1.ExecuteRequest;
import dev.zkwasm.proto.v1.ExecuteResponse;
import dev.zkwasm.proto.v1.Extension;
import dev.zkwasm.proto.v1.GetJobRequest;
import dev.zkwasm.proto.v1.GetUploadRequest;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.ListJobsRequest;
import dev.zkwasm.proto.v1.ListJobsResponse;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.ProverGrpc;
import dev.zkwasm.proto.v1.SubmitOperationRequest;
import dev.zkwasm.proto.v1.SubmitTraceRequest;
import dev.zkwasm.proto.v1.Upload;
import dev.zkwasm.proto.v1.WatchJobRequest;
import dev.zkwasm.store.JobStore;
import dev.zkwasm.store.Page;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Executes and proves. */
final class ProverService extends ProverGrpc.ProverImplBase {
  private static final int MAX_UPLOAD_ID = 64;

  private final Engine engine;
  private final ExtensionRegistry registry;
  private final JobRunner runner;
  private final JobStore store;
  private final Limits limits;
  private final Fees fees;
  private final Uploads uploads;
  private final BlockWindow blocks;

  /** Dry runs under way: each takes a core and the memory of a trace. */
  private final Semaphore executions;

  ProverService(
      Engine engine,
      ExtensionRegistry registry,
      JobRunner runner,
      JobStore store,
      Uploads uploads,
      BlockWindow blocks,
      ServerConfig config) {
    this.engine = engine;
    this.registry = registry;
    this.runner = runner;
    this.store = store;
    this.limits = config.limits();
    this.fees = config.fees();
    this.uploads = uploads;
    this.blocks = blocks;
    this.executions = new Semaphore(config.workers());
  }

  @Override
  public void submitOperation(SubmitOperationRequest request, StreamObserver<Job> observer) {
    Calls.answer(
        observer,
        "operation",
        () -> {
          Violations violations =
              new Violations()
                  .require(request.hasOperation(), "operation", "is missing")
                  .hash("processed_block_hash", request.getProcessedBlockHash())
                  .address("fee_recipient", request.getFeeRecipient())
                  .atMost("private_input", request.getPrivateInput(), limits.inputBytes());
          if (request.hasOperation()) {
            operation(violations, request.getOperation(), limits);
          }
          Instant deadline =
              request.hasDeadline()
                  ? deadline(violations, "deadline", request.getDeadline())
                  : null;
          violations.check();
          Operation operation = request.getOperation();
          // For its NOT_FOUND and for what keeps it from being used.
          registry.usable(operation.getExtensionId());
          if (!blocks.holds(request.getProcessedBlockHash())) {
            throw Errors.failedPrecondition("processed_block_hash " + blocks.objection());
          }
          return shown(
              runner.submit(
                  operation,
                  request.getProcessedBlockHash(),
                  request.getFeeRecipient(),
                  request.getPrivateInput().toByteArray(),
                  new JobRunner.Terms(
                      Caller.current().name(),
                      request.getPriority(),
                      request.getMaxFee(),
                      deadline)));
        });
  }

  /** Checks the fields of an Operation. */
  static void operation(Violations violations, Operation operation, Limits limits) {
    violations
        .hash("operation.extension_id", operation.getExtensionId())
        .address("operation.to", operation.getTo())
        .hash("operation.block_hash", operation.getBlockHash())
        .require(operation.getGas() != 0, "operation.gas", "is 0: no run takes no step")
        .atMost("operation.data", operation.getData(), limits.inputBytes())
        .atMost(
            "operation.gas_management_data", operation.getGasManagementData(), limits.inputBytes())
        .atMost("operation.sig", operation.getSig(), limits.inputBytes());
  }

  private static @Nullable Instant deadline(
      Violations violations, String field, Timestamp deadline) {
    if (!Timestamps.isValid(deadline)) {
      violations.add(field, "is no valid time");
      return null;
    }
    return Messages.instant(deadline);
  }

  @Override
  public StreamObserver<SubmitTraceRequest> submitTrace(StreamObserver<Job> answers) {
    String client = Caller.current().name();
    return new UploadObserver<SubmitTraceRequest, SubmitTraceRequest.Metadata, SealedUpload, Job>(
        answers, "chunk", uploads) {
      @Override
      void part(SubmitTraceRequest part) {
        switch (part.getPartCase()) {
          case METADATA -> begin(part.getMetadata());
          case CHUNK -> bytes(part.getChunk().getOffset(), part.getChunk().getData());
          case PART_NOT_SET -> throw Errors.invalid("part", "is neither metadata nor chunk");
        }
      }

      @Override
      SealedUpload open(SubmitTraceRequest.Metadata metadata) {
        Violations violations = new Violations();
        terms(client, metadata, violations);
        uploadId(violations, "metadata.upload_id", metadata.getUploadIdBytes()).check();
        return uploads.trace(
            client, metadata.getUploadId(), limits.traceBytes(), metadata.getTraceSize());
      }

      @Override
      Job finish(SubmitTraceRequest.Metadata metadata, SealedUpload upload) {
        return runner.submitTrace(upload.finish(), terms(client, metadata, new Violations()));
      }
    };
  }

  private static JobRunner.Terms terms(
      String client, SubmitTraceRequest.Metadata metadata, Violations violations) {
    return new JobRunner.Terms(
        client,
        metadata.getPriority(),
        metadata.getMaxFee(),
        metadata.hasDeadline()
            ? deadline(violations, "metadata.deadline", metadata.getDeadline())
            : null);
  }

  private static Violations uploadId(Violations violations, String field, ByteString id) {
    return violations.atMost(field, id, MAX_UPLOAD_ID);
  }

  @Override
  public void getUpload(GetUploadRequest request, StreamObserver<Upload> observer) {
    Calls.answer(
        observer,
        "upload_id",
        () -> {
          uploadId(new Violations(), "upload_id", request.getUploadIdBytes())
              .require(!request.getUploadId().isEmpty(), "upload_id", "is missing")
              .check();
          long committed = uploads.committed(Caller.current().name(), request.getUploadId());
          if (committed < 0) {
            throw Errors.notFound("no upload " + Messages.shown(request.getUploadId()));
          }
          return Upload.newBuilder()
              .setUploadId(request.getUploadId())
              .setCommittedBytes(committed)
              .build();
        });
  }

  @Override
  public void execute(ExecuteRequest request, StreamObserver<ExecuteResponse> observer) {
    Calls.answer(
        observer,
        "extension_id",
        () -> {
          new Violations()
              .hash("extension_id", request.getExtensionId())
              .atMost("data", request.getData(), limits.inputBytes())
              .atMost("private_input", request.getPrivateInput(), limits.inputBytes())
              .check();
          Extension extension = registry.usable(request.getExtensionId());
          if (!executions.tryAcquire()) {
            throw Errors.exhausted("too many dry runs at the same time");
          }
          try {
            return execute(extension, request);
          } finally {
            executions.release();
          }
        });
  }

  private ExecuteResponse execute(Extension extension, ExecuteRequest request) {
    Guest guest = registry.guest(extension);
    Call call =
        new Call(
            extension.getEntryExport(),
            List.of(),
            request.getData().toByteArray(),
            request.getPrivateInput().toByteArray());
    long gas = request.getGas();
    boolean nodeIsLower = gas == 0 || Long.compareUnsigned(gas, limits.steps()) > 0;
    Run run =
        engine.execute(
            guest,
            call,
            nodeIsLower ? limits.steps() : gas,
            JobRunner.untilCancelled(Context.current()));
    Prepared prepared = engine.prepare(run);
    return ExecuteResponse.newBuilder()
        .setOutput(ByteString.copyFrom(run.trace().output()))
        .setExit(Messages.exit(run.trace().exit()))
        .addAllResults(Messages.values(run.trace().results()))
        .setCost(Messages.cost(prepared))
        .setEstimatedTime(Messages.duration(prepared.estimate().seconds()))
        .setEstimatedPeakBytes(prepared.estimate().peakBytes())
        .setFee(fees.of(run.trace().steps()))
        .build();
  }

  /**
   * A job that the caller may know of: one of its own, or any with scope admin. Of another client's
   * it hears what it hears of one that does not exist.
   */
  private Job known(String jobId) {
    Caller caller = Caller.current();
    return store
        .get(jobId)
        .filter(job -> caller.may(Caller.Scope.ADMIN) || caller.name().equals(job.getClient()))
        .orElseThrow(() -> unknownJob(jobId));
  }

  private static StatusRuntimeException unknownJob(String jobId) {
    return Errors.notFound("no job " + Messages.shown(jobId) + " of this client");
  }

  @Override
  public void getJob(GetJobRequest request, StreamObserver<Job> observer) {
    Calls.answer(observer, "job_id", () -> shown(known(request.getJobId())));
  }

  /** A job as it is shown: the frame of the PostOp, kept in the job from the start, is none yet. */
  static Job shown(Job job) {
    return job.getState() == Job.State.SUCCEEDED ? job : job.toBuilder().clearPostOp().build();
  }

  @Override
  public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> observer) {
    Calls.answer(
        observer,
        "page_token",
        () -> {
          if (!request.getExtensionId().isEmpty()) {
            new Violations().hash("extension_id", request.getExtensionId()).check();
          }
          Caller caller = Caller.current();
          Page<Job> page =
              store.list(
                  Set.copyOf(request.getStatesList()),
                  request.getExtensionId(),
                  caller.may(Caller.Scope.ADMIN) ? null : caller.name(),
                  Paging.size(request.getPageSize()),
                  Paging.JOBS.last("page_token", request.getPageToken()));
          return ListJobsResponse.newBuilder()
              .setNextPageToken(Paging.JOBS.token(page.last()))
              .addAllJobs(page.items())
              .build();
        });
  }

  @Override
  public void watchJob(WatchJobRequest request, StreamObserver<Job> observer) {
    try {
      // Before the watch begins, which would hear of the job at once.
      known(request.getJobId());
    } catch (RuntimeException e) {
      observer.onError(Errors.of(e, "job_id"));
      return;
    }
    JobWatch.start(
        runner,
        request.getJobId(),
        () -> shown(known(request.getJobId())),
        (ServerCallStreamObserver<Job>) observer);
  }

  @Override
  public void cancelJob(CancelJobRequest request, StreamObserver<Job> observer) {
    Calls.answer(
        observer,
        "job_id",
        () -> {
          Job job = known(request.getJobId());
          return shown(runner.cancel(job.getJobId()).orElseThrow(() -> unknownJob(job.getJobId())));
        });
  }
}
