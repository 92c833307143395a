package dev.zkwasm.server;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.BindableService;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the wire and the methods. Without it, bytes that are no message, or no message at
 * all, end a call as UNKNOWN or INTERNAL, as if the node were at fault; and what a method throws
 * ends it without a trace in the log. With it the caller's mistakes are INVALID_ARGUMENT, and every
 * INTERNAL has a reference into the log.
 */
final class Guard implements ServerInterceptor {
  private Guard() {}

  /** A service whose requests are parsed, and answered, under guard. */
  static ServerServiceDefinition around(BindableService service) {
    // Messages stay bytes until they are here: what fails to parse before reaches no interceptor.
    return ServerInterceptors.intercept(
        ServerInterceptors.useInputStreamMessages(service.bindService()), new Guard());
  }

  /** Methods that are not there: refused like others, so that who asks for them is counted. */
  static HandlerRegistry unknownMethods() {
    MethodDescriptor.Marshaller<InputStream> bytes =
        new MethodDescriptor.Marshaller<>() {
          @Override
          public InputStream stream(InputStream value) {
            return value;
          }

          @Override
          public InputStream parse(InputStream stream) {
            return stream;
          }
        };
    ServerMethodDefinition<InputStream, InputStream> none =
        ServerMethodDefinition.create(
            MethodDescriptor.newBuilder(bytes, bytes)
                .setType(MethodType.UNKNOWN)
                .setFullMethodName(UNKNOWN_METHOD)
                .build(),
            (call, headers) -> {
              call.close(
                  Status.UNIMPLEMENTED.withDescription(
                      "there is no such method; reflection lists those that there are"),
                  new Metadata());
              return new ServerCall.Listener<>() {};
            });
    return new HandlerRegistry() {
      @Override
      public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
        return none;
      }
    };
  }

  /** The name under which calls of methods that are not there are counted. */
  static final String UNKNOWN_METHOD = "none/None";

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Answer<Q, A> answer = new Answer<>(call);
    try {
      return new Request<>(answer, next.startCall(answer, headers));
    } catch (RuntimeException | Error e) {
      answer.refuse(e);
      return new ServerCall.Listener<>() {};
    }
  }

  /** What the method answers. */
  private static final class Answer<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final AtomicBoolean closed = new AtomicBoolean();

    Answer(ServerCall<Q, A> call) {
      super(call);
    }

    @Override
    public void sendMessage(A message) {
      // A method that has not yet noticed that its call was refused.
      if (!closed.get()) {
        super.sendMessage(message);
      }
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (!closed.getAndSet(true)) {
        boolean unexplained =
            switch (status.getCode()) {
              case UNKNOWN, INTERNAL -> !Errors.hasReference(status);
              default -> false;
            };
        if (unexplained) {
          super.close(Errors.internal(status.asException()).getStatus(), new Metadata());
        } else {
          String description = status.getDescription();
          super.close(
              description == null ? status : status.withDescription(Errors.brief(description)),
              trailers);
        }
      }
    }

    void refuse(Throwable e) {
      StatusRuntimeException refusal = reason(e);
      Metadata trailers = refusal.getTrailers();
      close(refusal.getStatus(), trailers == null ? new Metadata() : trailers);
    }

    private StatusRuntimeException reason(Throwable e) {
      return switch (e) {
        case StatusRuntimeException s when s.getCause() instanceof InvalidProtocolBufferException ->
            malformed(
                "cannot be read: it is cut short, or no protobuf, or has text that is no UTF-8");
        case RuntimeException other -> Errors.of(other, "request");
        case OutOfMemoryError full -> Errors.exhausted("the node is out of memory");
        default -> Errors.internal(e);
      };
    }

    StatusRuntimeException malformed(String how) {
      Object schema = getMethodDescriptor().getSchemaDescriptor();
      String type =
          schema instanceof ProtoMethodDescriptorSupplier method
              ? method.getMethodDescriptor().getInputType().getFullName()
              : "message";
      return Errors.invalid("request", "the " + type + " " + how);
    }
  }

  /** What the caller sends. */
  private static final class Request<Q, A> extends ServerCall.Listener<Q> {
    private final Answer<Q, A> answer;
    private final ServerCall.Listener<Q> method;
    private final boolean one;
    private boolean came;

    Request(Answer<Q, A> answer, ServerCall.Listener<Q> method) {
      this.answer = answer;
      this.method = method;
      this.one = answer.getMethodDescriptor().getType().clientSendsOneMessage();
    }

    @Override
    public void onMessage(Q message) {
      guarded(
          () -> {
            came = true;
            method.onMessage(message);
          });
    }

    @Override
    public void onHalfClose() {
      guarded(
          () -> {
            if (one && !came) {
              throw answer.malformed("is missing");
            }
            method.onHalfClose();
          });
    }

    @Override
    public void onReady() {
      guarded(method::onReady);
    }

    // Heard in any case, so that what the call held is freed.

    @Override
    public void onCancel() {
      // Reflection answers that it was cancelled. Where the transport has refused a message, that
      // is a second end of the stream, over which it gives up the whole connection.
      answer.closed.set(true);
      ended(method::onCancel);
    }

    @Override
    public void onComplete() {
      ended(method::onComplete);
    }

    private void guarded(Runnable step) {
      if (answer.closed.get()) {
        return;
      }
      try {
        step.run();
      } catch (RuntimeException | Error e) {
        answer.refuse(e);
      }
    }

    private static void ended(Runnable step) {
      try {
        step.run();
      } catch (RuntimeException | Error e) {
        Errors.logged(e);
      }
    }
  }
}
