package dev.zkwasm.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * An SQLite file in WAL mode: one connection that writes, one that reads, so that a read never
 * waits for the disk behind a write. What {@link #write} has returned from is on the disk
 * (synchronous=FULL). Thread-safe.
 *
 * <p>A disk takes some milliseconds to promise that something is on it, whatever the size: writes
 * that come meanwhile wait together and share the next transaction.
 */
public final class Database implements AutoCloseable {
  private static final String MIGRATIONS = "classpath:dev/zkwasm/store/sqlite";

  /** Writes that share one transaction at most. */
  private static final int MOST_TOGETHER = 256;

  /** Follows the last write. */
  private static final Write<Boolean> END = new Write<>(connection -> true);

  private final LinkedBlockingQueue<Write<?>> waiting = new LinkedBlockingQueue<>();
  private final Thread writing;
  private boolean closed;
  private final ReentrantLock reading = new ReentrantLock();
  private final Connection writer;
  private final Connection reader;

  /** Work on a connection; one that writes may be done twice, the first time in vain. */
  @FunctionalInterface
  interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /** A write and who waits for it. */
  private record Write<T>(Work<T> work, CompletableFuture<T> answer) {
    Write(Work<T> work) {
      this(work, new CompletableFuture<>());
    }

    /**
     * @return tells who waits
     */
    Runnable on(Connection connection) throws SQLException {
      T result = work.on(connection);
      return () -> answer.complete(result);
    }
  }

  private Database(Connection writer, Connection reader) {
    this.writer = writer;
    this.reader = reader;
    // A thread of its own: one that waits for the disk inside SQLite keeps a processor's virtual
    // threads from going on.
    this.writing = Thread.ofPlatform().daemon().name("store-writer").unstarted(this::writeAll);
  }

  /**
   * Opens a file, makes it if there is none, and brings its schema to the version of this program.
   *
   * @throws StoreException if it cannot be opened, or was written by a newer version
   */
  public static Database open(Path file) {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.enforceForeignKeys(true);
    config.setBusyTimeout(10_000);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file);
    try {
      migrate(source, file);
      Connection writer = source.getConnection();
      try {
        Connection reader = source.getConnection();
        Database database = new Database(writer, reader);
        database.writing.start();
        return database;
      } catch (SQLException e) {
        writer.close();
        throw e;
      }
    } catch (SQLException e) {
      throw new StoreException("cannot open " + file + ": " + e.getMessage(), e);
    }
  }

  private static void migrate(SQLiteDataSource source, Path file) {
    try {
      Flyway flyway =
          Flyway.configure(Database.class.getClassLoader())
              .dataSource(source)
              .locations(MIGRATIONS)
              .javaMigrations(new JobClients())
              .failOnMissingLocations(true)
              // Its own default lets a schema of the future pass.
              .ignoreMigrationPatterns(new String[0])
              .load();
      flyway.migrate();
    } catch (FlywayException e) {
      throw new StoreException(
          "%s cannot be brought to this program's version: %s"
              .formatted(
                  file,
                  Optional.ofNullable(e.getMessage()).orElse("").lines().findFirst().orElse("")),
          e);
    }
  }

  /**
   * Runs work in a transaction that is on the disk when this returns, or has not happened. The work
   * runs on another thread, and must not ask for another write.
   */
  <T> T write(Work<T> work) {
    Write<T> write = new Write<>(work);
    synchronized (waiting) {
      if (closed) {
        throw new StoreException("the store is closed");
      }
      waiting.add(write);
    }
    try {
      return write.answer.join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RuntimeException fault) {
        throw fault;
      }
      if (cause instanceof Error fault) {
        throw fault;
      }
      String reason = cause == null ? "" : cause.getMessage();
      throw new StoreException("the store cannot be written: " + reason, cause);
    }
  }

  /** Writes that wait for the next transaction. */
  int waiting() {
    return waiting.size();
  }

  private void writeAll() {
    List<Write<?>> batch = new ArrayList<>();
    do {
      batch.clear();
      try {
        batch.add(waiting.take());
      } catch (InterruptedException e) {
        // Nobody has this thread to interrupt it.
        throw new IllegalStateException(e);
      }
      waiting.drainTo(batch, MOST_TOGETHER - 1);
      write(batch);
    } while (batch.getLast() != END);
  }

  /** Writes all in one transaction, or each in its own, so that only who is at fault fails. */
  private void write(List<Write<?>> batch) {
    try {
      commit(batch);
    } catch (SQLException | RuntimeException | Error e) {
      if (batch.size() == 1) {
        batch.getFirst().answer.completeExceptionally(e);
      } else {
        batch.forEach(each -> write(List.of(each)));
      }
    }
  }

  private void commit(List<Write<?>> batch) throws SQLException {
    List<Runnable> answers = new ArrayList<>();
    try {
      // Not by the driver's own transactions: it begins the next one at once, and an idle
      // node would keep the file locked.
      execute("BEGIN IMMEDIATE");
      for (Write<?> each : batch) {
        answers.add(each.on(writer));
      }
      execute("COMMIT");
    } catch (SQLException | RuntimeException | Error e) {
      try {
        execute("ROLLBACK");
      } catch (SQLException rollback) {
        // After some faults SQLite has rolled back by itself.
        e.addSuppressed(rollback);
      }
      throw e;
    }
    answers.forEach(Runnable::run);
  }

  /** Runs work that only reads; it sees what has been written by then. */
  <T> T read(Work<T> work) {
    reading.lock();
    try {
      return work.on(reader);
    } catch (SQLException e) {
      throw new StoreException("the store cannot be read: " + e.getMessage(), e);
    } finally {
      reading.unlock();
    }
  }

  private void execute(String command) throws SQLException {
    try (Statement statement = writer.createStatement()) {
      statement.execute(command);
    }
  }

  @Override
  public void close() {
    synchronized (waiting) {
      if (!closed) {
        closed = true;
        waiting.add(END);
      }
    }
    join(writing);
    reading.lock();
    try {
      reader.close();
      writer.close();
    } catch (SQLException e) {
      throw new StoreException("the store cannot be closed: " + e.getMessage(), e);
    } finally {
      reading.unlock();
    }
  }

  /** Waits in any case: a connection that is closed while it is used may damage the file. */
  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
