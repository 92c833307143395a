package dev.zkwasm.server;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.zkwasm.engine.EngineException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The statuses that the service answers with, with their typed details. */
final class Errors {
  private static final Logger LOG = LoggerFactory.getLogger(Errors.class);
  private static final int RETRY_SECONDS = 5;

  /** Some clients take no more than 8 KiB of headers, and the typed details say it again. */
  private static final int MAX_HEADER = 2000;

  private static final String INTERNAL_ERROR = "internal error, reference ";

  private Errors() {}

  /** INVALID_ARGUMENT for one field. */
  static StatusRuntimeException invalid(String field, String message) {
    return new Violations().add(field, message).toException();
  }

  static StatusRuntimeException invalid(BadRequest details, String message) {
    return StatusProto.toStatusRuntimeException(
        Status.newBuilder()
            .setCode(Code.INVALID_ARGUMENT_VALUE)
            .setMessage(message)
            .addDetails(Any.pack(details))
            .build());
  }

  static StatusRuntimeException notFound(String message) {
    return io.grpc.Status.NOT_FOUND.withDescription(message).asRuntimeException();
  }

  static StatusRuntimeException failedPrecondition(String message) {
    return io.grpc.Status.FAILED_PRECONDITION.withDescription(message).asRuntimeException();
  }

  /** RESOURCE_EXHAUSTED, to be tried again after a while. */
  static StatusRuntimeException exhausted(String message) {
    return StatusProto.toStatusRuntimeException(
        Status.newBuilder()
            .setCode(Code.RESOURCE_EXHAUSTED_VALUE)
            .setMessage(message)
            .addDetails(
                Any.pack(
                    RetryInfo.newBuilder()
                        .setRetryDelay(Duration.newBuilder().setSeconds(RETRY_SECONDS))
                        .build()))
            .build());
  }

  /**
   * What to answer to a request that ended with an exception.
   *
   * @param field the request's field that carries what the engine may object to
   */
  static StatusRuntimeException of(RuntimeException e, String field) {
    return switch (e) {
      case StatusRuntimeException status -> status;
      case EngineException refusal ->
          switch (refusal.kind()) {
            case BAD_MODULE,
                UNSUPPORTED,
                BAD_CALL,
                BAD_TRACE,
                INVALID_TRACE,
                BAD_PROOF,
                INVALID_PROOF ->
                invalid(field, message(refusal));
            case GAS_EXCEEDED -> failedPrecondition(message(refusal));
            case RESOURCE -> exhausted(message(refusal));
          };
      default -> internal(e);
    };
  }

  /** INTERNAL for a fault of this node, which is logged. */
  static StatusRuntimeException internal(Throwable e) {
    return io.grpc.Status.INTERNAL.withDescription(INTERNAL_ERROR + logged(e)).asRuntimeException();
  }

  /** Whether a status names the place in the log where it is explained. */
  static boolean hasReference(io.grpc.Status status) {
    String description = status.getDescription();
    return description != null && description.startsWith(INTERNAL_ERROR);
  }

  /**
   * As much of a text as fits the end of a call. It travels in a header, with three characters for
   * each byte that is no printable ASCII, and headers that are too large break the connection, with
   * every other call on it: a caller would do that to itself, and to whoever shares a proxy with
   * it, by asking for something with a very long name.
   */
  static String brief(String text) {
    int room = MAX_HEADER;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      room -= c >= ' ' && c < 0x7f ? 1 : 9;
      if (room < 0) {
        return text.substring(0, Character.isLowSurrogate(c) ? i - 1 : i) + "...";
      }
    }
    return text;
  }

  static String message(Throwable e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  /** Logs a fault of this node and returns the reference that finds it in the log. */
  static String logged(Throwable e) {
    String reference = UUID.randomUUID().toString();
    LogFields.with("reference", reference, () -> LOG.error("internal error", e));
    return reference;
  }
}
