package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import dev.zkwasm.operation.Encodings;
import io.grpc.StatusRuntimeException;

/** Collects what is wrong with the fields of a request. */
final class Violations {
  private final BadRequest.Builder details = BadRequest.newBuilder();

  Violations add(String field, String message) {
    details.addFieldViolations(
        BadRequest.FieldViolation.newBuilder()
            .setField(field)
            .setDescription(Errors.brief(message)));
    return this;
  }

  Violations hash(String field, ByteString value) {
    return length(field, value, Encodings.HASH_BYTES);
  }

  Violations address(String field, ByteString value) {
    return length(field, value, Encodings.ADDRESS_BYTES);
  }

  private Violations length(String field, ByteString value, int length) {
    return value.size() == length
        ? this
        : add(field, "has " + value.size() + " bytes, not " + length);
  }

  Violations atMost(String field, ByteString value, int limit) {
    return value.size() <= limit
        ? this
        : add(field, "has " + value.size() + " bytes, the limit is " + limit);
  }

  Violations require(boolean holds, String field, String message) {
    return holds ? this : add(field, message);
  }

  /**
   * @throws StatusRuntimeException INVALID_ARGUMENT if something was added
   */
  void check() {
    if (details.getFieldViolationsCount() > 0) {
      throw toException();
    }
  }

  StatusRuntimeException toException() {
    StringBuilder text = new StringBuilder();
    for (BadRequest.FieldViolation violation : details.getFieldViolationsList()) {
      text.append(text.isEmpty() ? "" : "; ")
          .append(violation.getField())
          .append(": ")
          .append(violation.getDescription());
    }
    return Errors.invalid(details.build(), text.toString());
  }
}
