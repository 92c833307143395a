package dev.zkwasm.server;

import dev.zkwasm.operation.Encodings;
import dev.zkwasm.store.NodeStore;
import dev.zkwasm.store.SealedFiles;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What clients are sending. An upload of a trace that has a name stays for an hour when its stream
 * breaks, through restarts too, so that the client can go on. Thread-safe.
 */
final class Uploads implements AutoCloseable {
  private static final Duration KEPT = Duration.ofHours(1);

  private final SealedFiles files;
  private final MemoryBudget memory;
  private final Duration idleTime;
  private final Clock clock;
  private final Set<String> active = ConcurrentHashMap.newKeySet();

  /** Streams that are open. */
  private final AtomicInteger streams = new AtomicInteger();

  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("upload-timer").factory());

  /**
   * @param idleTime how long a stream may send nothing
   */
  Uploads(SealedFiles files, MemoryBudget memory, Duration idleTime, Clock clock) {
    this.files = files;
    this.memory = memory;
    this.idleTime = idleTime;
    this.clock = clock;
    timer.setRemoveOnCancelPolicy(true);
  }

  MemoryBudget memory() {
    return memory;
  }

  AtomicInteger streams() {
    return streams;
  }

  Duration idleTime() {
    return idleTime;
  }

  /** Does something unless it is cancelled within the idle time. */
  Future<?> idle(Runnable expire) {
    return timer.schedule(expire, idleTime.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Bytes that have been kept of a client's upload; -1 if there is none. */
  long committed(String client, String uploadId) {
    return files.committed(name(client, uploadId));
  }

  private static String name(String client, String uploadId) {
    byte[] hash = Encodings.keccak256((client + "\0" + uploadId).getBytes(StandardCharsets.UTF_8));
    return NodeStore.UPLOAD + HexFormat.of().formatHex(hash);
  }

  /**
   * Begins an upload of a trace, or goes on with one.
   *
   * @param uploadId empty if nothing of it is to be kept when the stream breaks
   */
  SealedUpload trace(String client, String uploadId, long limit, long announced) {
    files
        .olderThan(NodeStore.UPLOAD, clock.instant().minus(KEPT))
        .filter(name -> !active.contains(name))
        .forEach(files::erase);
    boolean kept = !uploadId.isEmpty();
    String name = kept ? name(client, uploadId) : "once-" + UUID.randomUUID();
    if (!active.add(name)) {
      throw io.grpc.Status.ABORTED
          .withDescription("another stream is sending this upload")
          .asRuntimeException();
    }
    boolean done = false;
    try {
      SealedUpload upload =
          new SealedUpload(files, name, kept, limit, announced, memory, () -> active.remove(name));
      done = true;
      return upload;
    } finally {
      if (!done) {
        active.remove(name);
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
