package dev.zkwasm.server;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/** Answers calls. */
final class Calls {
  private Calls() {}

  /**
   * Answers with one message, or with the status of what goes wrong.
   *
   * @param field the request's field that carries what the engine may object to
   */
  static <T> void answer(StreamObserver<T> observer, String field, Supplier<T> answer) {
    T message;
    try {
      message = answer.get();
    } catch (CancellationException e) {
      observer.onError(
          Status.CANCELLED
              .withDescription("the caller has gone or its deadline has passed")
              .asRuntimeException());
      return;
    } catch (RuntimeException e) {
      observer.onError(Errors.of(e, field));
      return;
    }
    observer.onNext(message);
    observer.onCompleted();
  }
}
