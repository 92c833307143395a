package dev.zkwasm.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.Operation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps jobs. Of what is secret it knows only the name of the sealed file. Thread-safe; each method
 * is atomic.
 *
 * <p>A key names the work (the context of an Operation, a keyed digest of a trace). For a client a
 * key has at most one job that is waiting, running or done; a job that failed, was cancelled or
 * expired gives its key free. Clients do not share jobs: who submits another's Operation must learn
 * nothing about the private input of the other, nor keep the other from having it proven.
 *
 * <p>Durable is what must not be lost when the process dies: that a job was submitted, how often it
 * was begun, and how it ended. How far a job has come in between is kept in memory: after a restart
 * it begins again anyway, and writing every step down would make the disk the bottleneck.
 */
public final class JobStore {
  private static final int FIRST_ENDED = Job.State.SUCCEEDED_VALUE;

  private final Database database;
  private final long maxBytes;

  /** Jobs that have not ended. */
  private final Map<String, Live> live = new ConcurrentHashMap<>();

  private final Object evicting = new Object();
  private final AtomicLong bytes;

  /** A job as it is now; its lock is held while it changes. */
  private static final class Live {
    volatile Job job;
    boolean ended;

    Live(Job job) {
      this.job = job;
    }
  }

  /**
   * What became of a submission.
   *
   * @param job the job of the key
   * @param fingerprint what tells apart submissions under that key: a keyed hash of what is secret
   *     about the job
   * @param added whether it is the submitted one
   */
  public record Submission(Job job, ByteString fingerprint, boolean added) {}

  /**
   * A job that has not ended.
   *
   * @param secret name of its sealed file; empty if it has none
   */
  public record Unfinished(Job job, String secret) {}

  /**
   * Jobs of a database.
   *
   * @param maxBytes room for all jobs together. Beyond it ended jobs are forgotten, oldest first;
   *     jobs that have not ended are kept in any case
   */
  public JobStore(Database database, long maxBytes) {
    this.database = database;
    this.maxBytes = maxBytes;
    this.bytes =
        new AtomicLong(
            database.read(
                connection -> {
                  try (PreparedStatement sum =
                          connection.prepareStatement("SELECT coalesce(sum(size), 0) FROM job");
                      ResultSet row = sum.executeQuery()) {
                    return row.getLong(1);
                  }
                }));
    unfinished().forEach(each -> live.put(each.job().getJobId(), new Live(each.job())));
  }

  /** Jobs that have not ended, in order of submission, as they are on the disk. */
  public List<Unfinished> unfinished() {
    return database.read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT body, secret FROM job WHERE state < ? ORDER BY seq")) {
            select.setInt(1, FIRST_ENDED);
            List<Unfinished> jobs = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                jobs.add(new Unfinished(parse(rows.getBytes(1)), rows.getString(2)));
              }
            }
            return jobs;
          }
        });
  }

  /** How many jobs of an Extension have not ended. */
  public long unfinished(ByteString extensionId) {
    return live.values().stream()
        .filter(each -> each.job.getExtensionId().equals(extensionId))
        .count();
  }

  /** The job that a key has for a client. */
  public Optional<Submission> find(String client, ByteString key) {
    return database.read(connection -> find(connection, client, key));
  }

  private Optional<Submission> find(Connection connection, String client, ByteString key)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT body, fingerprint FROM job WHERE client = ? AND work_key = ? AND state < 6")) {
      select.setString(1, client);
      select.setBytes(2, key.toByteArray());
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        return Optional.of(
            new Submission(
                current(parse(row.getBytes(1))), ByteString.copyFrom(row.getBytes(2)), false));
      }
    }
  }

  private Job current(Job stored) {
    Live now = hasEnded(stored.getState()) ? null : live.get(stored.getJobId());
    return now == null ? stored : now.job;
  }

  /**
   * Adds a job, or returns the one that its key has for its client.
   *
   * @param secret name of the sealed file of the job; empty if it has none
   */
  public Submission submit(ByteString key, ByteString fingerprint, String secret, Job job) {
    // Before anybody can know of it.
    live.put(job.getJobId(), new Live(job));
    boolean added = false;
    try {
      Submission submission =
          database.write(connection -> submit(connection, key, fingerprint, secret, job));
      added = submission.added();
      return submission;
    } finally {
      if (added) {
        bytes.addAndGet(job.getSerializedSize());
      } else {
        live.remove(job.getJobId());
      }
    }
  }

  private Submission submit(
      Connection connection, ByteString key, ByteString fingerprint, String secret, Job job)
      throws SQLException {
    Optional<Submission> present = find(connection, job.getClient(), key);
    if (present.isPresent()) {
      return present.get();
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO job (state, extension_id, size, summary, body, id, work_key, fingerprint,"
                + " operation_hash, secret, client) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      bind(insert, job);
      insert.setString(6, job.getJobId());
      insert.setBytes(7, key.toByteArray());
      insert.setBytes(8, fingerprint.toByteArray());
      insert.setBytes(9, job.getOperationHash().toByteArray());
      insert.setString(10, secret);
      insert.setString(11, job.getClient());
      insert.executeUpdate();
    }
    return new Submission(job, fingerprint, true);
  }

  /** Parameters 1 to 5. */
  private static void bind(PreparedStatement statement, Job job) throws SQLException {
    boolean ended = hasEnded(job.getState());
    statement.setInt(1, ended ? job.getStateValue() : Job.State.QUEUED_VALUE);
    statement.setBytes(2, job.getExtensionId().toByteArray());
    statement.setLong(3, job.getSerializedSize());
    statement.setBytes(4, summary(job).toByteArray());
    statement.setBytes(5, job.toByteArray());
  }

  private static Job summary(Job job) {
    return job.toBuilder().clearOperation().clearPostOp().clearProof().clearStatement().build();
  }

  public Optional<Job> get(String jobId) {
    Live now = live.get(jobId);
    return now != null ? Optional.of(now.job) : stored(jobId);
  }

  private Optional<Job> stored(String jobId) {
    return database.read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement("SELECT body FROM job WHERE id = ?")) {
            select.setString(1, jobId);
            try (ResultSet row = select.executeQuery()) {
              return row.next() ? Optional.of(parse(row.getBytes(1))) : Optional.empty();
            }
          }
        });
  }

  /**
   * Replaces a job by what {@code change} makes of it. Once it has ended nothing changes it.
   *
   * @param change must not change the id
   * @return the job afterwards, on the disk if it has ended; empty if there is none
   */
  public Optional<Job> update(String jobId, UnaryOperator<Job> change) {
    Live job = live.get(jobId);
    if (job == null) {
      return stored(jobId);
    }
    Job after;
    synchronized (job) {
      if (job.ended) {
        return stored(jobId);
      }
      after = change.apply(job.job);
      boolean ended = hasEnded(after.getState());
      if (ended || after.getAttempts() != job.job.getAttempts()) {
        write(after);
      }
      job.job = after;
      job.ended = ended;
      if (ended) {
        live.remove(jobId);
      }
    }
    if (hasEnded(after.getState())) {
      evict(jobId);
    }
    return Optional.of(after);
  }

  private void write(Job job) {
    bytes.addAndGet(
        database.write(
            connection -> {
              long sizeBefore;
              try (PreparedStatement select =
                  connection.prepareStatement("SELECT size FROM job WHERE id = ?")) {
                select.setString(1, job.getJobId());
                try (ResultSet row = select.executeQuery()) {
                  sizeBefore = row.getLong(1);
                }
              }
              try (PreparedStatement update =
                  connection.prepareStatement(
                      "UPDATE job SET state = ?, extension_id = ?, size = ?, summary = ?, body = ?"
                          + " WHERE id = ?")) {
                bind(update, job);
                update.setString(6, job.getJobId());
                update.executeUpdate();
              }
              if (job.getState() == Job.State.SUCCEEDED && job.hasPostOp()) {
                try (PreparedStatement insert =
                    connection.prepareStatement(
                        "INSERT INTO post_op (job) SELECT seq FROM job WHERE id = ?")) {
                  insert.setString(1, job.getJobId());
                  insert.executeUpdate();
                }
              }
              return job.getSerializedSize() - sizeBefore;
            }));
  }

  /** Makes room, but never forgets the job that has just ended: somebody is about to read it. */
  private void evict(String justEnded) {
    synchronized (evicting) {
      long excess = bytes.get() - maxBytes;
      if (excess > 0) {
        bytes.addAndGet(-database.write(connection -> evict(connection, justEnded, excess)));
      }
    }
  }

  /**
   * @return bytes that are free now
   */
  private static long evict(Connection connection, String justEnded, long excess)
      throws SQLException {
    long freed = 0;
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT seq, size FROM job WHERE state >= ? AND id <> ? ORDER BY seq");
        PreparedStatement delete = connection.prepareStatement("DELETE FROM job WHERE seq = ?")) {
      select.setInt(1, FIRST_ENDED);
      select.setString(2, justEnded);
      List<Long> victims = new ArrayList<>();
      try (ResultSet rows = select.executeQuery()) {
        while (freed < excess && rows.next()) {
          victims.add(rows.getLong(1));
          freed += rows.getLong(2);
        }
      }
      for (long victim : victims) {
        delete.setLong(1, victim);
        delete.executeUpdate();
      }
    }
    return freed;
  }

  /**
   * Jobs in order of submission, without Operation, PostOp, proof and statement.
   *
   * @param states only jobs in one of these; all if there are none
   * @param extensionId only jobs of this Extension; of all if empty
   * @param client only jobs of this client; null: of all
   * @param after where the page before ended; 0 for the first
   */
  public Page<Job> list(
      Set<Job.State> states,
      ByteString extensionId,
      @Nullable String client,
      int size,
      long after) {
    Predicate<Job> filter =
        job ->
            (states.isEmpty() || states.contains(job.getState()))
                && (extensionId.isEmpty() || extensionId.equals(job.getExtensionId()));
    return database.read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT seq, summary FROM job WHERE seq > ? AND (state < 5 OR state IN (?, ?, ?,"
                      + " ?))"
                      // That of a trace is known here only once it has ended.
                      + (extensionId.isEmpty() ? "" : " AND (state < 5 OR extension_id = ?)")
                      + (client == null ? "" : " AND client = ?")
                      + " ORDER BY seq")) {
            select.setLong(1, after);
            int parameter = 2;
            for (Job.State state :
                List.of(
                    Job.State.SUCCEEDED,
                    Job.State.FAILED,
                    Job.State.CANCELLED,
                    Job.State.EXPIRED)) {
              boolean asked = states.isEmpty() || states.contains(state);
              select.setInt(parameter++, asked ? state.getNumber() : -1);
            }
            if (!extensionId.isEmpty()) {
              select.setBytes(parameter++, extensionId.toByteArray());
            }
            if (client != null) {
              select.setString(parameter, client);
            }
            List<Job> items = new ArrayList<>();
            long last = after;
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                Job job = summary(current(parse(rows.getBytes(2))));
                if (!filter.test(job)) {
                  continue;
                }
                if (items.size() == size) {
                  return new Page<>(items, last);
                }
                last = rows.getLong(1);
                items.add(job);
              }
            }
            return new Page<>(items, 0);
          }
        });
  }

  /** How many jobs are in each state. */
  public Map<Job.State, Long> counts() {
    Map<Job.State, Long> counts = new java.util.EnumMap<>(Job.State.class);
    for (Live each : live.values()) {
      counts.merge(each.job.getState(), 1L, Long::sum);
    }
    return database.read(
        connection -> {
          try (PreparedStatement select =
                  connection.prepareStatement(
                      "SELECT state, count(*) FROM job WHERE state >= 5 GROUP BY state");
              ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              counts.put(Job.State.forNumber(rows.getInt(1)), rows.getLong(2));
            }
            return counts;
          }
        });
  }

  /** An Operation that some kept job is about. */
  public Optional<Operation> operation(ByteString operationHash) {
    return database.read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT body FROM job WHERE operation_hash = ? ORDER BY seq LIMIT 1")) {
            select.setBytes(1, operationHash.toByteArray());
            try (ResultSet row = select.executeQuery()) {
              return row.next()
                  ? Optional.of(parse(row.getBytes(1)).getOperation())
                  : Optional.empty();
            }
          }
        });
  }

  /**
   * The pool of Operations that wait or are worked on, in order of submission.
   *
   * @param after number of the last one seen
   * @return by number
   */
  public List<Numbered> waiting(long after, int size) {
    return pool(
        "SELECT seq, body FROM job WHERE seq > ? AND state < 5 AND length(operation_hash) > 0"
            + " ORDER BY seq LIMIT ?",
        after,
        size);
  }

  /**
   * The pool of PostOps: jobs of Operations that succeeded, in the order in which they did.
   *
   * @param after number of the last one seen
   * @return by number
   */
  public List<Numbered> processed(long after, int size) {
    return pool(
        "SELECT number, body FROM post_op JOIN job ON job.seq = post_op.job WHERE number > ?"
            + " ORDER BY number LIMIT ?",
        after,
        size);
  }

  /** The newest PostOps, newest first. */
  public List<Numbered> newestProcessed(int size) {
    return pool(
        "SELECT number, body FROM post_op JOIN job ON job.seq = post_op.job WHERE number > ?"
            + " ORDER BY number DESC LIMIT ?",
        0,
        size);
  }

  /** Number of the newest PostOp; 0 if there is none. */
  public long lastProcessed() {
    return database.read(
        connection -> {
          try (PreparedStatement select =
                  connection.prepareStatement("SELECT coalesce(max(number), 0) FROM post_op");
              ResultSet row = select.executeQuery()) {
            return row.getLong(1);
          }
        });
  }

  /**
   * The newest PostOp of an Operation.
   *
   * @param block the one at this block; at any if empty
   */
  public Optional<Numbered> postOp(ByteString operationHash, ByteString block) {
    return database.read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT number, body FROM job JOIN post_op ON post_op.job = job.seq WHERE"
                      + " operation_hash = ? ORDER BY number DESC")) {
            select.setBytes(1, operationHash.toByteArray());
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                Job job = parse(rows.getBytes(2));
                if (block.isEmpty() || block.equals(job.getPostOp().getProcessedBlockHash())) {
                  return Optional.of(new Numbered(rows.getLong(1), job));
                }
              }
            }
            return Optional.empty();
          }
        });
  }

  /** A job with its number in a pool. */
  public record Numbered(long number, Job job) {}

  private List<Numbered> pool(String query, long after, int size) {
    return database.read(
        connection -> {
          try (PreparedStatement select = connection.prepareStatement(query)) {
            select.setLong(1, after);
            select.setInt(2, size);
            List<Numbered> jobs = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                jobs.add(new Numbered(rows.getLong(1), parse(rows.getBytes(2))));
              }
            }
            return jobs;
          }
        });
  }

  /** Names of the sealed files of jobs that have not ended. */
  public Set<String> secrets() {
    Set<String> names = new HashSet<>();
    unfinished().forEach(each -> names.add(each.secret()));
    names.remove("");
    return names;
  }

  /** Whether a job in this state will not change again. */
  public static boolean hasEnded(Job.State state) {
    return switch (state) {
      case SUCCEEDED, FAILED, CANCELLED, EXPIRED -> true;
      case STATE_UNSPECIFIED, QUEUED, EXECUTING, PROVING, VERIFYING, UNRECOGNIZED -> false;
    };
  }

  private static Job parse(byte[] body) throws SQLException {
    try {
      return Job.parseFrom(body);
    } catch (InvalidProtocolBufferException e) {
      throw new SQLException("a job in the store is damaged", e);
    }
  }
}
