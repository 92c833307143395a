package dev.zkwasm.client;

import com.google.protobuf.ByteString;
import dev.zkwasm.operation.Encodings;
import dev.zkwasm.proto.v1.AnnounceBlockRequest;
import dev.zkwasm.proto.v1.CancelJobRequest;
import dev.zkwasm.proto.v1.Capabilities;
import dev.zkwasm.proto.v1.DeregisterExtensionRequest;
import dev.zkwasm.proto.v1.ExecuteRequest;
import dev.zkwasm.proto.v1.ExecuteResponse;
import dev.zkwasm.proto.v1.Extension;
import dev.zkwasm.proto.v1.ExtensionsGrpc;
import dev.zkwasm.proto.v1.GetCapabilitiesRequest;
import dev.zkwasm.proto.v1.GetExtensionRequest;
import dev.zkwasm.proto.v1.GetJobRequest;
import dev.zkwasm.proto.v1.GetPostOpRequest;
import dev.zkwasm.proto.v1.GetUploadRequest;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.ListExtensionsRequest;
import dev.zkwasm.proto.v1.ListExtensionsResponse;
import dev.zkwasm.proto.v1.ListJobsRequest;
import dev.zkwasm.proto.v1.ListJobsResponse;
import dev.zkwasm.proto.v1.NodeGrpc;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.PoolsGrpc;
import dev.zkwasm.proto.v1.PostOp;
import dev.zkwasm.proto.v1.ProcessedPostOp;
import dev.zkwasm.proto.v1.ProofVerificationRequest;
import dev.zkwasm.proto.v1.ProofVerificationResponse;
import dev.zkwasm.proto.v1.ProverGrpc;
import dev.zkwasm.proto.v1.RegisterExtensionRequest;
import dev.zkwasm.proto.v1.SubmitOperationRequest;
import dev.zkwasm.proto.v1.SubmitTraceRequest;
import dev.zkwasm.proto.v1.VerifierGrpc;
import dev.zkwasm.proto.v1.VerifyBatchRequest;
import dev.zkwasm.proto.v1.WatchJobRequest;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Talks to a node. Calls block; what the node refuses comes as a {@link StatusRuntimeException},
 * for which {@code io.grpc.protobuf.StatusProto} has the typed details. Thread-safe.
 *
 * <p>From a WebAssembly binary to a verified PostOp:
 *
 * <pre>{@code
 * try (ProverClient client = ProverClient.connect("127.0.0.1", 50551)) {
 *   Extension extension = client.register(wasm, RegisterExtensionRequest.Metadata.getDefaultInstance());
 *   Operation operation =
 *       Operation.newBuilder()
 *           .setChainId(1)
 *           .setExtensionId(extension.getExtensionId())
 *           .setTo(address)
 *           .setGas(1_000_000)
 *           .setData(publicInput)
 *           .setBlockHash(finalizedBlock)
 *           .build();
 *   Job job =
 *       client.submit(
 *           SubmitOperationRequest.newBuilder()
 *               .setOperation(operation)
 *               .setProcessedBlockHash(headBlock)
 *               .setFeeRecipient(address)
 *               .setPrivateInput(secret)
 *               .build());
 *   Job done = client.watch(job.getJobId(), j -> System.out.println(j.getStage() + " " + j.getFraction()));
 *   if (done.getState() == Job.State.SUCCEEDED) {
 *     ProofVerificationResponse answer = client.verify(operation, done.getPostOp());
 *     System.out.println(answer.getVerdict());
 *   }
 * }
 * }</pre>
 */
public final class ProverClient implements AutoCloseable {
  /** Bytes in one message of an upload. */
  private static final int CHUNK = 1 << 20;

  /** Room for a job with its Operation and its proof. */
  private static final int MAX_MESSAGE = 32 << 20;

  private final Channel channel;
  private final Runnable close;

  private ProverClient(Channel channel, Runnable close) {
    this.channel = channel;
    this.close = close;
  }

  /**
   * How a client and its node know each other.
   *
   * @param authorities of the node's certificate, PEM; null: those that Java trusts
   * @param certificate the client's own, PEM; null: none
   * @param key its private key, PKCS #8 in PEM
   * @param token a JSON Web Token, sent with every call; null: none
   */
  public record Security(
      @Nullable Path authorities,
      @Nullable Path certificate,
      @Nullable Path key,
      @Nullable String token) {

    /** The same with a certificate of the client's own. */
    public Security with(Path ownCertificate, Path ownKey) {
      return new Security(authorities, ownCertificate, ownKey, token);
    }
  }

  /** A client of the node at an address, without encryption. Connects with the first call. */
  public static ProverClient connect(String host, int port) {
    return connect(NettyChannelBuilder.forAddress(host, port).usePlaintext(), null);
  }

  /**
   * A client of the node at an address. Encrypts if there are authorities or a certificate; a token
   * alone is sent in clear, which only a connection within one machine is for.
   *
   * @throws IllegalArgumentException if a certificate or a key cannot be used
   */
  public static ProverClient connect(String host, int port, Security security) {
    NettyChannelBuilder builder = NettyChannelBuilder.forAddress(host, port);
    if (security.authorities == null && security.certificate == null) {
      builder.usePlaintext();
    } else {
      try {
        SslContextBuilder context = GrpcSslContexts.forClient();
        if (security.authorities != null) {
          context.trustManager(security.authorities.toFile());
        }
        if (security.certificate != null && security.key != null) {
          context.keyManager(security.certificate.toFile(), security.key.toFile());
        }
        builder.sslContext(context.build());
      } catch (SSLException e) {
        throw new IllegalArgumentException(e);
      }
    }
    return connect(builder, security.token);
  }

  private static ProverClient connect(NettyChannelBuilder builder, @Nullable String token) {
    if (token != null) {
      Metadata headers = new Metadata();
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
      builder.intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
    }
    ManagedChannel channel = builder.maxInboundMessageSize(MAX_MESSAGE).build();
    return new ProverClient(
        channel,
        () -> {
          channel.shutdown();
          try {
            if (!channel.awaitTermination(2, TimeUnit.SECONDS)) {
              channel.shutdownNow();
            }
          } catch (InterruptedException e) {
            channel.shutdownNow();
            Thread.currentThread().interrupt();
          }
        });
  }

  /** A client on a channel of the caller's, who also closes it. */
  public static ProverClient on(Channel channel) {
    return new ProverClient(channel, () -> {});
  }

  /** Registers a WebAssembly binary. Registering the same again returns what is there. */
  public Extension register(byte[] wasm, RegisterExtensionRequest.Metadata metadata) {
    RegisterExtensionRequest first =
        RegisterExtensionRequest.newBuilder()
            .setMetadata(metadata.toBuilder().setBytecodeSize(wasm.length))
            .build();
    return upload(
        ExtensionsGrpc.newBlockingV2Stub(channel).registerExtension(),
        call -> {
          boolean open = call.write(first);
          for (int at = 0; open && at < wasm.length; at += CHUNK) {
            ByteString part = ByteString.copyFrom(wasm, at, Math.min(CHUNK, wasm.length - at));
            open = call.write(RegisterExtensionRequest.newBuilder().setChunk(part).build());
          }
        });
  }

  public Extension getExtension(GetExtensionRequest request) {
    return run(() -> ExtensionsGrpc.newBlockingV2Stub(channel).getExtension(request));
  }

  public ListExtensionsResponse listExtensions(ListExtensionsRequest request) {
    return run(() -> ExtensionsGrpc.newBlockingV2Stub(channel).listExtensions(request));
  }

  /** Removes an Extension that no job needs any more. */
  public void deregister(ByteString extensionId) {
    DeregisterExtensionRequest request =
        DeregisterExtensionRequest.newBuilder().setExtensionId(extensionId).build();
    run(() -> ExtensionsGrpc.newBlockingV2Stub(channel).deregisterExtension(request));
  }

  public Job submit(SubmitOperationRequest request) {
    return run(() -> ProverGrpc.newBlockingV2Stub(channel).submitOperation(request));
  }

  /**
   * Submits a recorded trace.
   *
   * @param trace a trace file; read to its end, not closed
   * @throws IOException if it cannot be read
   */
  public Job submitTrace(InputStream trace, SubmitTraceRequest.Metadata metadata)
      throws IOException {
    return submitTrace(trace, 0, metadata);
  }

  /**
   * Submits a recorded trace, and goes on where a stream of the same {@code upload_id} broke. Call
   * it again if the stream breaks again.
   *
   * @param metadata with an {@code upload_id}
   * @throws IOException if the file cannot be read
   */
  public Job submitTrace(Path trace, SubmitTraceRequest.Metadata metadata) throws IOException {
    long committed = 0;
    try {
      committed = committedUpload(metadata.getUploadId());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
        throw e;
      }
    }
    try (InputStream in = Files.newInputStream(trace)) {
      in.skipNBytes(committed);
      return submitTrace(in, committed, metadata);
    }
  }

  /** Bytes that the node has kept of an upload whose stream broke. */
  public long committedUpload(String uploadId) {
    GetUploadRequest request = GetUploadRequest.newBuilder().setUploadId(uploadId).build();
    return run(() -> ProverGrpc.newBlockingV2Stub(channel).getUpload(request)).getCommittedBytes();
  }

  private Job submitTrace(InputStream trace, long begin, SubmitTraceRequest.Metadata metadata)
      throws IOException {
    return upload(
        ProverGrpc.newBlockingV2Stub(channel).submitTrace(),
        call -> {
          boolean open = call.write(SubmitTraceRequest.newBuilder().setMetadata(metadata).build());
          long offset = begin;
          byte[] part = trace.readNBytes(CHUNK);
          while (open && part.length > 0) {
            SubmitTraceRequest.Chunk chunk =
                SubmitTraceRequest.Chunk.newBuilder()
                    .setOffset(offset)
                    .setData(ByteString.copyFrom(part))
                    .build();
            open = call.write(SubmitTraceRequest.newBuilder().setChunk(chunk).build());
            offset += part.length;
            part = trace.readNBytes(CHUNK);
          }
        });
  }

  /** Executes without proving. */
  public ExecuteResponse execute(ExecuteRequest request) {
    return run(() -> ProverGrpc.newBlockingV2Stub(channel).execute(request));
  }

  public Job getJob(String jobId) {
    GetJobRequest request = GetJobRequest.newBuilder().setJobId(jobId).build();
    return run(() -> ProverGrpc.newBlockingV2Stub(channel).getJob(request));
  }

  public ListJobsResponse listJobs(ListJobsRequest request) {
    return run(() -> ProverGrpc.newBlockingV2Stub(channel).listJobs(request));
  }

  public Job cancelJob(String jobId) {
    CancelJobRequest request = CancelJobRequest.newBuilder().setJobId(jobId).build();
    return run(() -> ProverGrpc.newBlockingV2Stub(channel).cancelJob(request));
  }

  /**
   * Follows a job to its end.
   *
   * @param progress hears of the job now and after each change, the end included
   * @return the ended job
   */
  public Job watch(String jobId, Consumer<Job> progress) {
    WatchJobRequest request = WatchJobRequest.newBuilder().setJobId(jobId).build();
    Iterator<Job> jobs = ProverGrpc.newBlockingStub(channel).watchJob(request);
    Job last = Job.getDefaultInstance();
    while (jobs.hasNext()) {
      last = jobs.next();
      progress.accept(last);
    }
    return last;
  }

  public ProofVerificationResponse verify(ProofVerificationRequest request) {
    return run(() -> VerifierGrpc.newBlockingV2Stub(channel).verifyProof(request));
  }

  /** Asks whether a PostOp is a proven result of an Operation. */
  public ProofVerificationResponse verify(Operation operation, PostOp postOp) {
    return verify(
        ProofVerificationRequest.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .setOperationId(ByteString.copyFrom(Encodings.operationHash(operation)))
            .setOperation(operation)
            .setPostOp(postOp)
            .build());
  }

  /** Judges several PostOps; the answers are in the order of the requests. */
  public List<ProofVerificationResponse> verifyBatch(List<ProofVerificationRequest> requests) {
    VerifyBatchRequest batch = VerifyBatchRequest.newBuilder().addAllRequests(requests).build();
    return run(() -> VerifierGrpc.newBlockingV2Stub(channel).verifyBatch(batch)).getResponsesList();
  }

  /** The newest PostOp of an Operation. */
  public ProcessedPostOp postOp(ByteString operationHash) {
    GetPostOpRequest request =
        GetPostOpRequest.newBuilder().setOperationHash(operationHash).build();
    return run(() -> PoolsGrpc.newBlockingV2Stub(channel).getPostOp(request));
  }

  /**
   * Tells the node of the chain's newest block.
   *
   * @return hashes of the blocks that a PostOp may have been processed at
   */
  public List<ByteString> announceBlock(long number, ByteString hash) {
    AnnounceBlockRequest request =
        AnnounceBlockRequest.newBuilder().setNumber(number).setHash(hash).build();
    return run(() -> NodeGrpc.newBlockingV2Stub(channel).announceBlock(request)).getWindowList();
  }

  public Capabilities capabilities() {
    GetCapabilitiesRequest request = GetCapabilitiesRequest.getDefaultInstance();
    return run(() -> NodeGrpc.newBlockingV2Stub(channel).getCapabilities(request));
  }

  @Override
  public void close() {
    close.run();
  }

  private interface Unary<T> {
    T call() throws StatusException;
  }

  private interface Parts<Q, E extends Exception> {
    void send(BlockingClientCall<Q, ?> call) throws InterruptedException, StatusException, E;
  }

  private static <T> T run(Unary<T> unary) {
    try {
      return unary.call();
    } catch (StatusException e) {
      throw new StatusRuntimeException(e.getStatus(), e.getTrailers());
    }
  }

  /**
   * Sends parts no faster than they are taken, then waits for the answer. A part refused ends it
   * with the node's reason.
   */
  private static <Q, A, E extends Exception> A upload(
      BlockingClientCall<Q, A> call, Parts<Q, E> parts) throws E {
    boolean sent = false;
    try {
      parts.send(call);
      call.halfClose();
      sent = true;
      A answer = call.read();
      if (answer == null) {
        throw Status.INTERNAL.withDescription("the node gave no answer").asRuntimeException();
      }
      return answer;
    } catch (StatusException e) {
      throw new StatusRuntimeException(e.getStatus(), e.getTrailers());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.CANCELLED.withCause(e).withDescription("interrupted").asRuntimeException();
    } finally {
      if (!sent) {
        call.cancel("the upload was given up", null);
      }
    }
  }
}
