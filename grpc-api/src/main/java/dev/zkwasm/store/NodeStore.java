package dev.zkwasm.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All that a node keeps, in one folder: {@code node.db} and the folder {@code sealed}; in {@code
 * native} lies the library of the database while the node runs. One process at a time has it.
 *
 * @param extensions Extensions with their binaries
 * @param jobs jobs, and by them the pools of Operations and PostOps
 * @param blocks the newest blocks
 * @param settings facts about the store
 * @param secrets private inputs, traces and uploads, encrypted
 */
public record NodeStore(
    ExtensionStore extensions,
    JobStore jobs,
    BlockStore blocks,
    SettingStore settings,
    SealedFiles secrets,
    Database database,
    FileChannel lock)
    implements AutoCloseable {

  /** Begins the names of uploads under way. */
  public static final String UPLOAD = "upload-";

  private static final String LIBRARY_FOLDER = "org.sqlite.tmpdir";

  /**
   * Opens a folder, which is made if there is none, and erases what a process that died has left
   * over.
   *
   * @param nodeKey encrypts secrets, 32 bytes
   * @param storedBytes room for Extensions, and for jobs
   * @param sealedBytes room for private inputs, traces and uploads
   * @throws StoreException if another process has it, or it cannot be used
   */
  public static NodeStore open(Path folder, byte[] nodeKey, long storedBytes, long sealedBytes) {
    FileChannel lock = lock(folder);
    Database database = null;
    boolean done = false;
    try {
      keepLibraryIn(folder.resolve("native"));
      database = Database.open(folder.resolve("node.db"));
      JobStore jobs = new JobStore(database, storedBytes);
      SealedFiles secrets = new SealedFiles(folder.resolve("sealed"), nodeKey, sealedBytes);
      java.util.Set<String> kept = jobs.secrets();
      secrets.olderThan(UPLOAD, java.time.Instant.MAX).forEach(kept::add);
      secrets.eraseAllBut(kept);
      done = true;
      return new NodeStore(
          new ExtensionStore(database, storedBytes),
          jobs,
          new BlockStore(database),
          new SettingStore(database),
          secrets,
          database,
          lock);
    } finally {
      if (!done) {
        close(database, lock);
      }
    }
  }

  /**
   * Where the driver of the database unpacks its library. In the common folder for temporary files
   * a process that is killed leaves it for ever; here the next start finds what is left over.
   */
  private static void keepLibraryIn(Path own) {
    if (System.getProperty(LIBRARY_FOLDER) != null) {
      // Somebody has chosen, or another store of this process has loaded it.
      return;
    }
    try {
      Files.createDirectories(own);
      try (Stream<Path> left = Files.list(own)) {
        for (Path file : left.toList()) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new StoreException("cannot use " + own + ": " + e.getMessage(), e);
    }
    System.setProperty(LIBRARY_FOLDER, own.toString());
  }

  private static FileChannel lock(Path folder) {
    Path file = folder.resolve("lock");
    try {
      Files.createDirectories(folder);
      if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      }
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock taken;
      try {
        taken = channel.tryLock();
      } catch (OverlappingFileLockException e) {
        taken = null;
      }
      if (taken == null) {
        channel.close();
        throw new StoreException(
            folder + " is in use by another node; --home or --store names another folder");
      }
      return channel;
    } catch (IOException e) {
      throw new StoreException("cannot use " + folder + ": " + e.getMessage(), e);
    }
  }

  private static void close(@Nullable Database database, FileChannel lock) {
    try {
      if (database != null) {
        database.close();
      }
    } finally {
      try {
        lock.close();
      } catch (IOException e) {
        throw new StoreException("the lock cannot be closed", e);
      }
    }
  }

  @Override
  public void close() {
    close(database, lock);
  }
}
