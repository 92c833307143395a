package dev.zkwasm.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * An SQLite file in WAL mode: one connection that writes, one that reads, so that a read never
 * waits for the disk behind a write. What {@link #write} has returned from is on the disk
 * (synchronous=FULL). Thread-safe.
 */
public final class Database implements AutoCloseable {
  private static final String MIGRATIONS = "classpath:dev/zkwasm/store/sqlite";

  private final ReentrantLock writing = new ReentrantLock();
  private final ReentrantLock reading = new ReentrantLock();
  private final Connection writer;
  private final Connection reader;

  /** Work on a connection. */
  @FunctionalInterface
  interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  private Database(Connection writer, Connection reader) {
    this.writer = writer;
    this.reader = reader;
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
    config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
    config.enforceForeignKeys(true);
    config.setBusyTimeout(10_000);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file);
    try {
      migrate(source, file);
      Connection writer = source.getConnection();
      try {
        writer.setAutoCommit(false);
        Connection reader = source.getConnection();
        return new Database(writer, reader);
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
              .failOnMissingLocations(true)
              // Its own default lets a schema of the future pass.
              .ignoreMigrationPatterns(new String[0])
              .load();
      flyway.migrate();
    } catch (FlywayException e) {
      throw new StoreException(
          "%s cannot be brought to this program's version: %s"
              .formatted(file, Optional.ofNullable(e.getMessage()).orElse("").lines().findFirst()),
          e);
    }
  }

  /** Runs work in a transaction that is on the disk when this returns, or has not happened. */
  <T> T write(Work<T> work) {
    writing.lock();
    try {
      boolean done = false;
      try {
        T result = work.on(writer);
        writer.commit();
        done = true;
        return result;
      } finally {
        if (!done) {
          writer.rollback();
        }
      }
    } catch (SQLException e) {
      throw new StoreException("the store cannot be written: " + e.getMessage(), e);
    } finally {
      writing.unlock();
    }
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

  @Override
  public void close() {
    writing.lock();
    reading.lock();
    try {
      reader.close();
      writer.close();
    } catch (SQLException e) {
      throw new StoreException("the store cannot be closed: " + e.getMessage(), e);
    } finally {
      reading.unlock();
      writing.unlock();
    }
  }
}
