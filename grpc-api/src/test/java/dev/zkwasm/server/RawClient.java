package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Codec;
import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A client that sends bytes, right or wrong, and knows a node only by its reflection. */
final class RawClient implements AutoCloseable {
  private static final String REFLECTION =
      "grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

  /** How long a call that may go on for ever is listened to. */
  private static final Duration PATIENCE = Duration.ofMillis(15);

  /** How long a stream is listened to that ends if what it is about does. */
  private static final Duration STREAM_PATIENCE = Duration.ofMillis(150);

  /** Streams that only their caller ends. */
  private static final Set<String> ENDLESS = Set.of("Watch", "WatchOperations", "WatchPostOps");

  /** How long an answer may take that must come. */
  private static final Duration HANG = Duration.ofSeconds(60);

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private final ManagedChannel channel;
  private final String token;

  /** A method as the node describes it. */
  record Method(String fullName, boolean clientStreams, boolean serverStreams) {
    static Method unary(String fullName) {
      return new Method(fullName, false, false);
    }

    private String name() {
      return fullName.substring(fullName.indexOf('/') + 1);
    }

    private MethodDescriptor<byte[], byte[]> descriptor() {
      // As a stream of messages, so that the number of messages is not looked at here.
      return MethodDescriptor.newBuilder(BYTES, BYTES)
          .setFullMethodName(fullName)
          .setType(MethodType.BIDI_STREAMING)
          .build();
    }
  }

  /** What to do in a call. */
  static final class Script {
    @Nullable String token;
    List<byte[]> messages = List.of();
    int times = 1;
    boolean halfClose = true;
    boolean cancelAtOnce;

    /** Never asks for an answer. */
    boolean deaf;

    boolean badGzip;
    @Nullable Duration patience;

    Script(@Nullable String token) {
      this.token = token;
    }
  }

  /**
   * What came of a call.
   *
   * @param cancelledHere whether this client ended it
   * @param details the typed details of the status, as text
   */
  record Outcome(Status status, boolean cancelledHere, String details, List<byte[]> messages) {}

  RawClient(int port, @Nullable String token) {
    this.token = String.valueOf(token);
    CompressorRegistry compressors = CompressorRegistry.newEmptyInstance();
    compressors.register(Codec.Identity.NONE);
    compressors.register(
        new Compressor() {
          @Override
          public String getMessageEncoding() {
            return "gzip";
          }

          @Override
          public OutputStream compress(OutputStream out) throws IOException {
            // Says gzip, and is not.
            out.write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
            return out;
          }
        });
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port)
            .usePlaintext()
            .compressorRegistry(compressors)
            .maxInboundMessageSize(64 << 20)
            .build();
  }

  Outcome call(Method method, Script script) {
    CallOptions options =
        script.badGzip ? CallOptions.DEFAULT.withCompression("gzip") : CallOptions.DEFAULT;
    ClientCall<byte[], byte[]> call = channel.newCall(method.descriptor(), options);
    List<byte[]> messages = new CopyOnWriteArrayList<>();
    AtomicReference<@Nullable Status> status = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>(new Metadata());
    CountDownLatch closed = new CountDownLatch(1);
    Metadata headers = new Metadata();
    if (script.token != null) {
      headers.put(Gatekeeper.AUTHORIZATION, "Bearer " + script.token);
    }
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] message) {
            messages.add(message);
          }

          @Override
          public void onClose(Status end, Metadata last) {
            trailers.set(last);
            status.set(end);
            closed.countDown();
          }
        },
        headers);
    if (!script.deaf) {
      call.request(1_000_000);
    }
    call.setMessageCompression(script.badGzip);
    boolean mayGoOn = method.serverStreams() || !script.halfClose || script.deaf;
    Duration patience =
        !mayGoOn
            ? HANG
            : script.halfClose && !script.deaf && !ENDLESS.contains(method.name())
                ? STREAM_PATIENCE
                : PATIENCE;
    boolean ended = false;
    try {
      for (byte[] message : script.messages) {
        call.sendMessage(message);
      }
      if (script.halfClose) {
        call.halfClose();
      }
      if (!script.cancelAtOnce) {
        Duration wait = script.patience != null ? script.patience : patience;
        ended = closed.await(wait.toMillis(), TimeUnit.MILLISECONDS);
        if (!ended && !mayGoOn) {
          throw new AssertionError(method.fullName() + " gives no answer");
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      if (!ended) {
        call.cancel("enough", null);
      }
    }
    try {
      if (!closed.await(HANG.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(method.fullName() + " cannot be cancelled");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    Status end = status.get();
    if (end == null) {
      throw new AssertionError("closed without a status");
    }
    boolean here = !ended && end.getCode() == Status.Code.CANCELLED;
    com.google.rpc.Status details = StatusProto.fromStatusAndTrailers(end, trailers.get());
    StringBuilder text = new StringBuilder();
    details.getDetailsList().forEach(any -> text.append(any.getValue().toStringUtf8()));
    return new Outcome(end, here, text.toString(), messages);
  }

  /** Every method of every service that the node says it has, by full name. */
  Map<String, Method> methods() throws InvalidProtocolBufferException {
    Map<String, Method> methods = new TreeMap<>();
    for (ServiceResponse service :
        reflect(ServerReflectionRequest.newBuilder().setListServices("").build())
            .getListServicesResponse()
            .getServiceList()) {
      List<FileDescriptorProto> files = new ArrayList<>();
      for (ByteString file :
          reflect(
                  ServerReflectionRequest.newBuilder()
                      .setFileContainingSymbol(service.getName())
                      .build())
              .getFileDescriptorResponse()
              .getFileDescriptorProtoList()) {
        files.add(FileDescriptorProto.parseFrom(file));
      }
      for (FileDescriptorProto file : files) {
        for (ServiceDescriptorProto each : file.getServiceList()) {
          String name = file.getPackage() + "." + each.getName();
          if (name.equals(service.getName())) {
            for (MethodDescriptorProto method : each.getMethodList()) {
              String full = name + "/" + method.getName();
              methods.put(
                  full, new Method(full, method.getClientStreaming(), method.getServerStreaming()));
            }
          }
        }
      }
    }
    return methods;
  }

  private ServerReflectionResponse reflect(ServerReflectionRequest request)
      throws InvalidProtocolBufferException {
    Script script = new Script(token);
    script.messages = List.of(request.toByteArray());
    script.patience = HANG;
    Outcome outcome = call(new Method(REFLECTION, true, true), script);
    if (!outcome.status().isOk()) {
      throw new AssertionError("reflection: " + outcome.status());
    }
    return ServerReflectionResponse.parseFrom(outcome.messages().getFirst());
  }

  @Override
  public void close() throws InterruptedException {
    channel.shutdownNow();
    if (!channel.awaitTermination(10, TimeUnit.SECONDS)) {
      throw new AssertionError("the client does not end");
    }
  }
}
