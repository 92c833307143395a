package dev.zkwasm.store;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Secrets that must outlive the process: private inputs and traces of jobs that have not ended, and
 * uploads under way. Never on the disk in clear; read and written in segments, so in constant
 * memory. Thread-safe; what one {@link Writer} or stream does is for one thread.
 *
 * <p>A file is {@code "zkwasm sealed 01"}, a nonce of 12 bytes, the file's own random key of 32
 * bytes encrypted under the node's key (AES-256-GCM, 48 bytes), and segments of at most 1 MiB: a
 * random nonce of 12 bytes, then AES-256-GCM under the file's key, with the segment's number and
 * whether it is the last as associated data, so that segments cannot be reordered or left out
 * unseen (as in the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015;
 * nonces are random because a segment cut short by a crash is written again). To erase a file its
 * key is overwritten first: without it the rest is noise.
 */
public final class SealedFiles {
  /** Bytes in every segment but the last. */
  public static final int SEGMENT = 1 << 20;

  private static final byte[] MAGIC = "zkwasm sealed 01".getBytes(StandardCharsets.US_ASCII);
  private static final int NONCE = 12;
  private static final int TAG = 16;
  private static final int KEY = 32;
  private static final int OVERHEAD = NONCE + TAG;
  private static final int HEADER = MAGIC.length + NONCE + KEY + TAG;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path folder;
  private final SecretKeySpec key;
  private final byte[] fingerprintKey;
  private final long maxBytes;
  private final AtomicLong bytes = new AtomicLong();

  /**
   * Files in a folder of their own.
   *
   * @param nodeKey the node's storage key, 32 bytes; copied
   * @param maxBytes room for all files together
   */
  public SealedFiles(Path folder, byte[] nodeKey, long maxBytes) {
    this.folder = folder;
    this.key = new SecretKeySpec(derive(nodeKey, "seal"), "AES");
    this.fingerprintKey = derive(nodeKey, "fingerprint");
    this.maxBytes = maxBytes;
    try {
      Files.createDirectories(folder);
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          bytes.addAndGet(Files.size(file));
        }
      }
    } catch (IOException e) {
      throw failure(folder, e);
    }
  }

  private static byte[] derive(byte[] nodeKey, String purpose) {
    return hmac(nodeKey).doFinal(purpose.getBytes(StandardCharsets.US_ASCII));
  }

  private static Mac hmac(byte[] key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * A keyed hash: equal for equal secrets, and says nothing to who does not have the node's key.
   */
  public byte[] fingerprint(byte[] secret) {
    return hmac(fingerprintKey).doFinal(secret);
  }

  /** {@link #fingerprint(byte[])} of what a file holds. */
  public byte[] fingerprint(String name) {
    Mac mac = hmac(fingerprintKey);
    byte[] part = new byte[SEGMENT];
    try (InputStream in = read(name)) {
      for (int n = in.read(part); n != -1; n = in.read(part)) {
        mac.update(part, 0, n);
      }
    } catch (IOException e) {
      throw failure(folder.resolve(name), e);
    } finally {
      Arrays.fill(part, (byte) 0);
    }
    return mac.doFinal();
  }

  /**
   * Writes a file that is on the disk when this returns.
   *
   * @return its name; empty for an empty secret, which needs no file
   * @throws StoreFullException if there is no room
   */
  public String seal(byte[] secret) {
    if (secret.length == 0) {
      return "";
    }
    String name = newName();
    boolean done = false;
    try (Writer writer = create(name)) {
      writer.write(secret, 0, secret.length);
      writer.finish();
      done = true;
    } finally {
      if (!done) {
        erase(name);
      }
    }
    return name;
  }

  private static String newName() {
    byte[] random = new byte[16];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /** Gives a finished file a name that nobody else has. */
  public String rename(String name) {
    String renamed = newName();
    try {
      Files.move(folder.resolve(name), folder.resolve(renamed), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw failure(folder.resolve(name), e);
    }
    return renamed;
  }

  /** The whole of a file; of none if the name is empty. */
  public byte[] open(String name) {
    if (name.isEmpty()) {
      return new byte[0];
    }
    try (InputStream in = read(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw failure(folder.resolve(name), e);
    }
  }

  /**
   * Reads a finished file. The stream throws {@link IOException} where the file has been altered or
   * cut short.
   */
  public InputStream read(String name) throws IOException {
    FileChannel channel = FileChannel.open(folder.resolve(name), StandardOpenOption.READ);
    try {
      return new Reader(channel, fileKey(channel));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Begins a file.
   *
   * @throws StoreException if there is one of that name
   */
  public Writer create(String name) {
    Path file = folder.resolve(name);
    try {
      FileChannel channel =
          FileChannel.open(
              file,
              Set.of(
                  StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.READ),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      byte[] fileKey = new byte[KEY];
      RANDOM.nextBytes(fileKey);
      byte[] nonce = new byte[NONCE];
      RANDOM.nextBytes(nonce);
      ByteBuffer header = ByteBuffer.allocate(HEADER).put(MAGIC).put(nonce);
      header.put(cipher(Cipher.ENCRYPT_MODE, key, nonce).doFinal(fileKey)).flip();
      writeAll(channel, header);
      bytes.addAndGet(HEADER);
      return new Writer(name, channel, new SecretKeySpec(fileKey, "AES"), 0);
    } catch (FileAlreadyExistsException e) {
      throw new StoreException(file + " is there already", e);
    } catch (IOException | GeneralSecurityException e) {
      throw failure(file, e);
    }
  }

  /**
   * Goes on with a file that was not finished, at the end of its last whole segment.
   *
   * @throws StoreException if there is none of that name
   */
  public Writer append(String name) {
    Path file = folder.resolve(name);
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
      SecretKeySpec fileKey = fileKey(channel);
      long segments = (channel.size() - HEADER) / (SEGMENT + OVERHEAD);
      long end = HEADER + segments * (SEGMENT + OVERHEAD);
      bytes.addAndGet(end - channel.size());
      channel.truncate(end).position(end);
      return new Writer(name, channel, fileKey, segments);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /** Bytes that {@link #append} would find; -1 if there is no file of that name. */
  public long committed(String name) {
    try {
      long size = Files.size(folder.resolve(name));
      return Math.max(0, (size - HEADER) / (SEGMENT + OVERHEAD)) * SEGMENT;
    } catch (NoSuchFileException e) {
      return -1;
    } catch (IOException e) {
      throw failure(folder.resolve(name), e);
    }
  }

  /** Bytes of all files. */
  public long bytes() {
    return bytes.get();
  }

  /** Makes what a file held unreadable, and removes it. */
  public void erase(String name) {
    if (name.isEmpty()) {
      return;
    }
    Path file = folder.resolve(name);
    synchronized (this) {
      if (!Files.exists(file)) {
        return;
      }
      eraseExisting(file);
    }
  }

  private void eraseExisting(Path file) {
    // Not a channel: one closes when its thread is interrupted, and a secret must go all the same.
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.addAndGet(-opened.length());
      opened.write(new byte[HEADER]);
      opened.getFD().sync();
      Files.delete(file);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /** Erases all files but these. */
  public void eraseAllBut(Set<String> kept) {
    try (Stream<Path> files = Files.list(folder)) {
      files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> !kept.contains(name))
          .forEach(this::erase);
    } catch (IOException e) {
      throw failure(folder, e);
    }
  }

  /** Names of all files that begin so, not written to since a time. */
  public Stream<String> olderThan(String prefix, java.time.Instant time) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(
              file -> {
                try {
                  return String.valueOf(file.getFileName()).startsWith(prefix)
                      && Files.getLastModifiedTime(file).toInstant().isBefore(time);
                } catch (IOException e) {
                  // Erased meanwhile.
                  return false;
                }
              })
          .map(file -> String.valueOf(file.getFileName()))
          .toList()
          .stream();
    } catch (IOException e) {
      throw failure(folder, e);
    }
  }

  private SecretKeySpec fileKey(FileChannel channel) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    while (header.hasRemaining() && channel.read(header) != -1) {}
    byte[] magic = new byte[MAGIC.length];
    byte[] nonce = new byte[NONCE];
    byte[] wrapped = new byte[KEY + TAG];
    header.flip();
    if (header.remaining() != HEADER) {
      throw new EOFException("a sealed file is cut short");
    }
    header.get(magic).get(nonce).get(wrapped);
    if (!Arrays.equals(magic, MAGIC)) {
      throw new IOException("no sealed file, or an erased one");
    }
    try {
      return new SecretKeySpec(cipher(Cipher.DECRYPT_MODE, key, nonce).doFinal(wrapped), "AES");
    } catch (GeneralSecurityException e) {
      throw new IOException("sealed under another node's key, or altered", e);
    }
  }

  private static Cipher cipher(int mode, SecretKeySpec key, byte[] nonce) {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, key, new GCMParameterSpec(8 * TAG, nonce));
      return cipher;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What binds a segment to its place. */
  private static byte[] place(long segment, boolean last) {
    return ByteBuffer.allocate(Long.BYTES + 1).putLong(segment).put((byte) (last ? 1 : 0)).array();
  }

  private static void writeAll(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static StoreException failure(Path file, Exception e) {
    return new StoreException(file + ": " + e.getMessage(), e);
  }

  /** Writes one file. Closed without {@link #finish} it stays, to be gone on with or erased. */
  public final class Writer implements AutoCloseable {
    private final String name;
    private final FileChannel channel;
    private final SecretKeySpec fileKey;
    private final byte[] segment = new byte[SEGMENT];
    private int filled;
    private long segments;

    private Writer(String name, FileChannel channel, SecretKeySpec fileKey, long segments) {
      this.name = name;
      this.channel = channel;
      this.fileKey = fileKey;
      this.segments = segments;
    }

    /** Bytes written, those not yet on the disk included. */
    public long size() {
      return segments * SEGMENT + filled;
    }

    /**
     * @throws StoreFullException if there is no room
     */
    public void write(byte[] from, int offset, int length) {
      int at = offset;
      int left = length;
      while (left > 0) {
        if (filled == SEGMENT) {
          writeSegment(false);
        }
        int part = Math.min(left, SEGMENT - filled);
        System.arraycopy(from, at, segment, filled, part);
        filled += part;
        at += part;
        left -= part;
      }
    }

    /** Writes the end; the file is on the disk when this returns. */
    public void finish() {
      // The last segment is never a full one, so that a full one is never the last.
      if (filled == SEGMENT) {
        writeSegment(false);
      }
      writeSegment(true);
      try {
        channel.force(true);
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
          directory.force(true);
        }
      } catch (IOException e) {
        throw failure(folder.resolve(name), e);
      }
    }

    private void writeSegment(boolean last) {
      long size = filled + OVERHEAD;
      if (bytes.get() + size > maxBytes) {
        throw new StoreFullException(
            "no room for %d more bytes of private inputs and traces: %d of %d are taken"
                .formatted(size, bytes.get(), maxBytes));
      }
      try {
        byte[] nonce = new byte[NONCE];
        RANDOM.nextBytes(nonce);
        Cipher cipher = cipher(Cipher.ENCRYPT_MODE, fileKey, nonce);
        cipher.updateAAD(place(segments, last));
        byte[] sealed = cipher.doFinal(segment, 0, filled);
        writeAll(channel, ByteBuffer.allocate((int) size).put(nonce).put(sealed).flip());
        bytes.addAndGet(size);
        segments++;
        filled = 0;
      } catch (IOException | GeneralSecurityException e) {
        throw failure(folder.resolve(name), e);
      }
    }

    @Override
    public void close() {
      Arrays.fill(segment, (byte) 0);
      try {
        channel.close();
      } catch (IOException e) {
        throw failure(folder.resolve(name), e);
      }
    }
  }

  /** Reads one file, a segment at a time. */
  private static final class Reader extends InputStream {
    private final FileChannel channel;
    private final SecretKeySpec fileKey;
    private final long size;
    private byte[] segment = new byte[0];
    private int at;
    private long segments;
    private boolean ended;

    Reader(FileChannel channel, SecretKeySpec fileKey) throws IOException {
      this.channel = channel;
      this.fileKey = fileKey;
      this.size = channel.size();
    }

    private boolean more() throws IOException {
      while (at == segment.length) {
        if (ended) {
          return false;
        }
        Arrays.fill(segment, (byte) 0);
        ByteBuffer sealed =
            ByteBuffer.allocate((int) Math.min(SEGMENT + OVERHEAD, size - channel.position()));
        while (sealed.hasRemaining() && channel.read(sealed) != -1) {}
        ended = channel.position() >= size;
        try {
          if (sealed.position() < OVERHEAD) {
            throw new GeneralSecurityException("too short");
          }
          Cipher cipher =
              cipher(Cipher.DECRYPT_MODE, fileKey, Arrays.copyOf(sealed.array(), NONCE));
          cipher.updateAAD(place(segments, ended));
          segment = cipher.doFinal(sealed.array(), NONCE, sealed.position() - NONCE);
        } catch (GeneralSecurityException e) {
          throw new IOException(
              "segment " + segments + " of a sealed file is altered or cut short", e);
        }
        at = 0;
        segments++;
      }
      return true;
    }

    @Override
    public int read() throws IOException {
      return more() ? segment[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (!more()) {
        return -1;
      }
      int part = Math.min(length, segment.length - at);
      System.arraycopy(segment, at, into, offset, part);
      at += part;
      return part;
    }

    @Override
    public void close() throws IOException {
      Arrays.fill(segment, (byte) 0);
      channel.close();
    }
  }
}
