package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Receives a client stream of metadata and then bytes. The first thing that is wrong ends the call;
 * what still comes is dropped. What has come is erased when the call ends, however it does.
 *
 * @param <Q> a part of the stream
 * @param <M> the metadata
 * @param <A> the answer
 */
abstract class UploadObserver<Q, M, A> implements StreamObserver<Q> {
  private final StreamObserver<A> answers;
  private final String field;
  private @Nullable M metadata;
  private @Nullable Upload upload;
  private boolean ended;

  /**
   * @param field the name of the field that carries the bytes
   */
  UploadObserver(StreamObserver<A> answers, String field) {
    this.answers = answers;
    this.field = field;
    // A caller that goes away without a word is only heard of here.
    Context.current().addListener(context -> end(), Runnable::run);
  }

  /** Tells metadata and bytes apart, and calls {@link #begin} or {@link #bytes}. */
  abstract void part(Q part);

  /** The bytes to come, checked against the limits. */
  abstract Upload upload(M metadata);

  abstract A finish(M metadata, byte[] bytes);

  final void begin(M first) {
    if (metadata != null) {
      throw Errors.invalid("metadata", "comes twice");
    }
    metadata = first;
    upload = upload(first);
  }

  /**
   * @param offset where the bytes belong, or -1 for wherever the upload is
   */
  final void bytes(long offset, ByteString bytes) {
    Upload target = upload;
    if (target == null) {
      throw Errors.invalid("metadata", "must come first");
    }
    if (offset != -1 && offset != target.size()) {
      throw Errors.invalid(
          field + ".offset",
          "is " + Long.toUnsignedString(offset) + ", but " + target.size() + " bytes have come");
    }
    target.add(bytes);
  }

  @Override
  public final synchronized void onNext(Q part) {
    guarded(
        () -> {
          part(part);
          return null;
        });
  }

  @Override
  public final synchronized void onError(Throwable t) {
    end();
  }

  @Override
  public final synchronized void onCompleted() {
    A answer =
        guarded(
            () -> {
              M first = metadata;
              Upload all = upload;
              if (first == null || all == null) {
                throw Errors.invalid("metadata", "is missing");
              }
              return finish(first, all.finish());
            });
    end();
    if (answer != null) {
      answers.onNext(answer);
      answers.onCompleted();
    }
  }

  private @Nullable A guarded(Supplier<@Nullable A> step) {
    if (ended) {
      return null;
    }
    try {
      return step.get();
    } catch (RuntimeException e) {
      end();
      answers.onError(Errors.of(e, field));
      return null;
    }
  }

  private synchronized void end() {
    ended = true;
    if (upload != null) {
      upload.close();
      upload = null;
    }
  }
}
