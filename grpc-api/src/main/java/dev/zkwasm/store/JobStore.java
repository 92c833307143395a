package dev.zkwasm.store;

import com.google.protobuf.ByteString;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.Operation;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Keeps jobs. Never sees private inputs or traces: those stay with the runner. Thread-safe; each
 * method is atomic.
 *
 * <p>A key names the work (the context of an Operation, the digest of a trace). A key has at most
 * one job that is waiting, running or done; a job that failed, was cancelled or expired gives its
 * key free.
 */
public interface JobStore {

  /**
   * What became of a submission.
   *
   * @param job the job of the key
   * @param fingerprint what tells apart submissions under that key: a keyed hash of what is secret
   *     about the job
   * @param added whether it is the submitted one
   */
  record Submission(Job job, ByteString fingerprint, boolean added) {}

  /** The job that a key has. */
  Optional<Submission> find(ByteString key);

  /** Adds a job, or returns the one that its key has. */
  Submission submit(ByteString key, ByteString fingerprint, Job job);

  Optional<Job> get(String jobId);

  /**
   * Replaces a job by what {@code change} makes of it.
   *
   * @param change must not change the id, and must return the job as it is where it has ended
   * @return the job afterwards; empty if there is none
   */
  Optional<Job> update(String jobId, UnaryOperator<Job> change);

  /**
   * Jobs in order of submission.
   *
   * @param token from the page before; empty for the first
   * @throws IllegalArgumentException if the token is none of this store
   */
  Page<Job> list(Predicate<Job> filter, int size, String token);

  /** An Operation that some kept job is about. */
  Optional<Operation> operation(ByteString operationHash);

  /** Whether a job in this state will not change again. */
  static boolean hasEnded(Job.State state) {
    return switch (state) {
      case SUCCEEDED, FAILED, CANCELLED, EXPIRED -> true;
      case STATE_UNSPECIFIED, QUEUED, EXECUTING, PROVING, VERIFYING, UNRECOGNIZED -> false;
    };
  }
}
