package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Receives a client stream of metadata and then bytes. The first thing that is wrong ends the call;
 * what still comes is dropped. What has come is erased when the call ends, however it does.
 *
 * @param <Q> a part of the stream
 * @param <M> the metadata
 * @param <U> where the bytes go
 * @param <A> the answer
 */
abstract class UploadObserver<Q, M, U extends UploadObserver.Sink, A> implements StreamObserver<Q> {
  private final StreamObserver<A> answers;
  private final String field;
  private final Uploads uploads;
  private @Nullable M metadata;
  private @Nullable U upload;
  private @Nullable Future<?> alarm;
  private boolean ended;

  /** Where bytes go. Not thread-safe: the parts of a stream come one after another. */
  interface Sink extends AutoCloseable {
    void add(ByteString part);

    /** Bytes that have come. */
    long size();

    @Override
    void close();
  }

  /**
   * @param field the name of the field that carries the bytes
   */
  UploadObserver(StreamObserver<A> answers, String field, Uploads uploads) {
    this.answers = answers;
    this.field = field;
    this.uploads = uploads;
    this.alarm = uploads.idle(this::expire);
    uploads.streams().incrementAndGet();
    // A caller that goes away without a word is only heard of here.
    Context.current().addListener(context -> end(), Runnable::run);
  }

  /** Who sends nothing for a long time gives way. */
  private synchronized void expire() {
    guarded(
        () -> {
          throw Status.DEADLINE_EXCEEDED
              .withDescription("nothing has come for " + uploads.idleTime().toSeconds() + " s")
              .asRuntimeException();
        });
  }

  /** Tells metadata and bytes apart, and calls {@link #begin} or {@link #bytes}. */
  abstract void part(Q part);

  /** Begins to take bytes, after a check of the metadata. */
  abstract U open(M metadata);

  /** All bytes have come. */
  abstract A finish(M metadata, U upload);

  final void begin(M first) {
    if (metadata != null) {
      throw Errors.invalid("metadata", "comes twice");
    }
    metadata = first;
    upload = open(first);
  }

  /**
   * @param offset where the bytes belong, or -1 for wherever the upload is
   */
  final void bytes(long offset, ByteString bytes) {
    U target = upload;
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
          cancelAlarm();
          part(part);
          alarm = uploads.idle(this::expire);
          return null;
        });
  }

  private void cancelAlarm() {
    Future<?> set = alarm;
    if (set != null) {
      set.cancel(false);
      alarm = null;
    }
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
              U all = upload;
              if (first == null || all == null) {
                throw Errors.invalid("metadata", "is missing");
              }
              cancelAlarm();
              return finish(first, all);
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
    if (!ended) {
      ended = true;
      uploads.streams().decrementAndGet();
    }
    cancelAlarm();
    if (upload != null) {
      upload.close();
      upload = null;
    }
  }
}
