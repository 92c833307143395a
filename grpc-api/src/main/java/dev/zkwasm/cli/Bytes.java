package dev.zkwasm.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;

/** Reads files whole within a limit or in a stream, and writes them whole or not at all. */
public final class Bytes {
  private Bytes() {}

  public static String hex(byte[] bytes) {
    return "0x" + HexFormat.of().formatHex(bytes);
  }

  /** A size as people read it. */
  public static String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " bytes";
    }
    String[] units = {"KiB", "MiB", "GiB", "TiB"};
    double value = bytes / 1024.0;
    int unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return "%.1f %s".formatted(value, units[unit]);
  }

  public static byte[] read(Path file, int limit) {
    try (InputStream in = open(file)) {
      return read(in, file.toString(), limit);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** Opens a file, which the caller closes. */
  static InputStream open(Path file) {
    if (Files.isDirectory(file)) {
      throw CliException.badInput("cannot read " + file + ": it is a folder");
    }
    try {
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  static CliException unreadable(Path file, IOException e) {
    return CliException.badInput("cannot read " + file + ": " + reason(e));
  }

  static byte[] read(InputStream in, String name, int limit) {
    try {
      byte[] bytes = in.readNBytes(limit);
      if (bytes.length == limit && in.read() >= 0) {
        throw CliException.badInput(name + " is larger than the limit of " + size(limit));
      }
      return bytes;
    } catch (IOException e) {
      throw CliException.badInput("cannot read " + name + ": " + reason(e));
    }
  }

  /** Refuses early what {@link #write} would refuse after the work. */
  public static void checkWritable(Path file, boolean force) {
    if (Files.isDirectory(file)) {
      throw CliException.badInput("cannot write " + file + ": it is a folder");
    }
    if (Files.exists(file) && !force) {
      throw exists(file);
    }
    Path folder = folder(file);
    if (!Files.isDirectory(folder)) {
      throw CliException.badInput("cannot write " + file + ": there is no folder " + folder);
    }
    if (!Files.isWritable(folder)) {
      throw CliException.badInput("cannot write " + file + ": no permission in " + folder);
    }
  }

  private static CliException exists(Path file) {
    return CliException.badInput(file + " exists; --force overwrites it");
  }

  private static Path folder(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  /** Writes the content of a file, and says something about it. */
  @FunctionalInterface
  interface Content<T> {
    T write(OutputStream out) throws IOException;
  }

  /**
   * Writes a file that appears at once and whole. Interrupted, it leaves nothing.
   *
   * @param secret whether nobody but the owner may read it
   */
  public static void write(Path file, byte[] bytes, boolean force, boolean secret) {
    var unused =
        write(
            file,
            force,
            secret,
            out -> {
              out.write(bytes);
              return bytes;
            });
  }

  /**
   * The same for a content that is made while it is written. What it throws beside {@link
   * IOException} is thrown on.
   */
  static <T> T write(Path file, boolean force, boolean secret, Content<T> content) {
    checkWritable(file, force);
    long written = 0;
    try {
      // Temporary files are the owner's alone.
      Path partial = Files.createTempFile(folder(file), "." + file.getFileName(), ".partial");
      partial.toFile().deleteOnExit();
      try {
        T result;
        try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
          try {
            result = content.write(Channels.newOutputStream(channel));
            channel.force(true);
          } finally {
            written = channel.position();
          }
        }
        if (!secret) {
          allowAll(partial);
        }
        if (force) {
          Files.move(
              partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } else {
          link(partial, file);
        }
        return result;
      } finally {
        Files.deleteIfExists(partial);
      }
    } catch (FileAlreadyExistsException e) {
      throw exists(file);
    } catch (IOException e) {
      throw CliException.badInput(
          "cannot write %s (%s so far): %s%s"
              .formatted(file, size(written), reason(e), space(folder(file))));
    }
  }

  /** A link, unlike a move, fails if the name has been taken meanwhile. */
  private static void link(Path partial, Path file) throws IOException {
    try {
      Files.createLink(file, partial);
    } catch (UnsupportedOperationException e) {
      Files.move(partial, file);
    }
  }

  private static void allowAll(Path file) throws IOException {
    try {
      Files.setPosixFilePermissions(
          file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
    } catch (UnsupportedOperationException e) {
      // A file system without such permissions.
    }
  }

  private static String space(Path folder) {
    try {
      FileStore store = Files.getFileStore(folder);
      return "; " + size(store.getUsableSpace()) + " are free there";
    } catch (IOException e) {
      return "";
    }
  }

  public static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "no such file";
      case AccessDeniedException denied -> "no permission";
      default -> String.valueOf(e.getMessage());
    };
  }
}
