package dev.zkwasm.store;

import com.google.protobuf.ByteString;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.Operation;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Jobs in memory, lost when the process ends. Ended jobs are forgotten, oldest first, when all jobs
 * together take more than the room given.
 */
public final class MemoryJobStore implements JobStore {
  private final long maxBytes;
  private final TreeMap<Long, Job> bySequence = new TreeMap<>();
  private final Map<String, Long> sequenceById = new HashMap<>();
  private final Map<ByteString, Keyed> byKey = new HashMap<>();
  private final Map<String, ByteString> keyById = new HashMap<>();
  private long bytes;
  private long sequence;

  private record Keyed(String jobId, ByteString fingerprint) {}

  /**
   * @param maxBytes room for all jobs together, in encoded bytes; jobs that have not ended are kept
   *     in any case
   */
  public MemoryJobStore(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  public synchronized Optional<Submission> find(ByteString key) {
    return Optional.ofNullable(byKey.get(key))
        .map(kept -> new Submission(get(kept.jobId).orElseThrow(), kept.fingerprint, false));
  }

  @Override
  public synchronized Submission submit(ByteString key, ByteString fingerprint, Job job) {
    Optional<Submission> present = find(key);
    if (present.isPresent()) {
      return present.get();
    }
    byKey.put(key, new Keyed(job.getJobId(), fingerprint));
    keyById.put(job.getJobId(), key);
    sequenceById.put(job.getJobId(), ++sequence);
    put(sequence, job);
    return new Submission(job, fingerprint, true);
  }

  @Override
  public synchronized Optional<Job> get(String jobId) {
    return Optional.ofNullable(sequenceById.get(jobId)).map(bySequence::get);
  }

  @Override
  public synchronized Optional<Job> update(String jobId, UnaryOperator<Job> change) {
    Long at = sequenceById.get(jobId);
    if (at == null) {
      return Optional.empty();
    }
    Job job = change.apply(Objects.requireNonNull(bySequence.get(at)));
    put(at, job);
    switch (job.getState()) {
      case FAILED, CANCELLED, EXPIRED -> releaseKey(jobId);
      default -> {}
    }
    evict(at);
    return Optional.of(job);
  }

  private void put(long at, Job job) {
    Job before = bySequence.put(at, job);
    bytes += job.getSerializedSize() - (before == null ? 0 : before.getSerializedSize());
  }

  private void releaseKey(String jobId) {
    ByteString key = keyById.remove(jobId);
    if (key != null) {
      byKey.remove(key);
    }
  }

  /** Makes room, but never forgets the job that has just changed: somebody is about to read it. */
  private void evict(long justChanged) {
    if (bytes <= maxBytes) {
      return;
    }
    var jobs = bySequence.entrySet().iterator();
    while (bytes > maxBytes && jobs.hasNext()) {
      Map.Entry<Long, Job> entry = jobs.next();
      Job job = entry.getValue();
      if (entry.getKey() != justChanged && JobStore.hasEnded(job.getState())) {
        jobs.remove();
        bytes -= job.getSerializedSize();
        releaseKey(job.getJobId());
        sequenceById.remove(job.getJobId());
      }
    }
  }

  @Override
  public synchronized Page<Job> list(Predicate<Job> filter, int size, String token) {
    return Sequence.page(bySequence, filter, size, token);
  }

  @Override
  public synchronized Optional<Operation> operation(ByteString operationHash) {
    return bySequence.values().stream()
        .filter(job -> job.hasOperation() && job.getOperationHash().equals(operationHash))
        .map(Job::getOperation)
        .findFirst();
  }
}
