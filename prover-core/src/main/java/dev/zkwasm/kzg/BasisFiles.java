package dev.zkwasm.kzg;

import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.curve.G2;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Supplier;

/**
 * The vectors of points of one reference string as files in a directory of its own, named by its
 * id.
 *
 * <p>A file is: 16 bytes {@code "zkwasm g1 file 0"}; the id, 32 bytes; kind (0 powers, 1 Lagrange)
 * and logarithm of the height, two bytes; the points, each 64 bytes, affine x and y in Montgomery
 * form, little-endian (the packed form in memory); SHA-256 of all this. The checksum is against
 * accidents: who can write to the directory is trusted. Files appear by atomic renaming, so several
 * processes may share the directory.
 */
final class BasisFiles {
  private static final Logger LOG = System.getLogger(BasisFiles.class.getName());
  private static final byte[] MAGIC = "zkwasm g1 file 0".getBytes(StandardCharsets.US_ASCII);
  private static final int HASH_BYTES = 32;
  private static final int HEADER_BYTES = MAGIC.length + HASH_BYTES + 2;
  private static final int POINT_BYTES = G1Vector.LIMBS * Long.BYTES;
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int DIGEST_BYTES = 1 << 12;

  private final Path directory;
  private final String id;

  BasisFiles(Path root, G2 tauG2) {
    id = Srs.id(tauG2);
    directory = root.resolve(id);
  }

  Path directory() {
    return directory;
  }

  boolean contains(Basis basis) {
    return Files.exists(directory.resolve(basis.fileName()));
  }

  /** The vector of a file, or else computed, and then kept if the directory can be written. */
  G1Vector readOr(Basis basis, Supplier<G1Vector> compute) {
    if (contains(basis)) {
      try {
        return read(basis);
      } catch (IOException e) {
        LOG.log(Level.WARNING, "computing the " + basis + " again: " + e.getMessage());
      }
    }
    G1Vector points = compute.get();
    try {
      write(basis, points);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the " + basis + " is not kept: " + e);
    }
    return points;
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, or is not whole and the one asked for; the message
   *     names it
   */
  G1Vector read(Basis basis) throws IOException {
    Path file = directory.resolve(basis.fileName());
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long expected = HEADER_BYTES + (long) basis.size() * POINT_BYTES + HASH_BYTES;
      if (channel.size() != expected) {
        throw new IOException(file + " has " + channel.size() + " bytes instead of " + expected);
      }
      MessageDigest sha = sha256();
      if (!readPart(channel, HEADER_BYTES, sha).equals(header(basis))) {
        throw new IOException(file + " is not a file of the " + basis);
      }
      G1Vector points = new G1Vector(basis.size());
      int limb = 0;
      while (limb < points.limbs().length) {
        int count = Math.min(points.limbs().length - limb, BUFFER_BYTES / Long.BYTES);
        readPart(channel, count * Long.BYTES, sha).asLongBuffer().get(points.limbs(), limb, count);
        limb += count;
      }
      byte[] actual = sha.digest();
      if (!readPart(channel, HASH_BYTES, sha).equals(ByteBuffer.wrap(actual))) {
        throw new IOException(file + " has a wrong checksum");
      }
      return points;
    }
  }

  /** Writes a file; it is there wholly or not at all. */
  void write(Basis basis, G1Vector points) throws IOException {
    if (points.size() != basis.size()) {
      throw new IllegalArgumentException(points.size() + " points for the " + basis);
    }
    Files.createDirectories(directory);
    Path partial = Files.createTempFile(directory, basis.fileName(), ".partial");
    try {
      try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
        MessageDigest sha = sha256();
        writePart(channel, header(basis), sha);
        int limb = 0;
        while (limb < points.limbs().length) {
          int count = Math.min(points.limbs().length - limb, BUFFER_BYTES / Long.BYTES);
          ByteBuffer buffer =
              ByteBuffer.allocate(count * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
          buffer.asLongBuffer().put(points.limbs(), limb, count);
          writePart(channel, buffer, sha);
          limb += count;
        }
        writePart(channel, ByteBuffer.wrap(sha.digest()), sha);
        channel.force(true);
      }
      Files.move(partial, directory.resolve(basis.fileName()), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private ByteBuffer header(Basis basis) {
    return ByteBuffer.allocate(HEADER_BYTES)
        .put(MAGIC)
        .put(HexFormat.of().parseHex(id))
        .put((byte) basis.kind().ordinal())
        .put((byte) basis.log())
        .flip();
  }

  private static ByteBuffer readPart(FileChannel channel, int length, MessageDigest sha)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("the file ended while it was read");
      }
    }
    buffer.flip();
    digest(buffer.duplicate(), sha);
    return buffer;
  }

  private static void writePart(FileChannel channel, ByteBuffer buffer, MessageDigest sha)
      throws IOException {
    sha.update(buffer.duplicate());
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** In pieces, so that the compiler soon has the processor's own instructions do it. */
  private static void digest(ByteBuffer bytes, MessageDigest sha) {
    byte[] array = bytes.array();
    for (int at = bytes.position(); at < bytes.limit(); at += DIGEST_BYTES) {
      sha.update(array, at, Math.min(DIGEST_BYTES, bytes.limit() - at));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
