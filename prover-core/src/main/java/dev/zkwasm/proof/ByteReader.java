package dev.zkwasm.proof;

import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G2;
import dev.zkwasm.field.FieldHints;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the encodings of {@code docs/spec/protocol.md} from bytes that may be hostile: nothing is
 * allocated beyond what the bytes present can fill, and everything that is wrong is a {@link
 * ProofFormatException}.
 */
public final class ByteReader {
  /** Points that are read by one task. */
  private static final int POINTS_TOGETHER = 64;

  private final String object;
  private final byte[] bytes;
  private int at;

  /** A reader from the start of the bytes; {@code object} names them in errors. */
  public ByteReader(String object, byte[] bytes) {
    this.object = object;
    this.bytes = bytes;
  }

  /** Bytes not read yet. */
  public int remaining() {
    return bytes.length - at;
  }

  /** The exception to throw about what has just been read. */
  public ProofFormatException error(String problem) {
    return new ProofFormatException(object + ", before byte " + at + ": " + problem);
  }

  /** Requires the end of the bytes. */
  public void end() throws ProofFormatException {
    if (remaining() != 0) {
      throw error(remaining() + " bytes follow the end");
    }
  }

  /** Requires these ASCII characters. */
  public void magic(String ascii) throws ProofFormatException {
    byte[] expected = ascii.getBytes(StandardCharsets.US_ASCII);
    if (remaining() < expected.length || !Arrays.equals(fixed(expected.length), expected)) {
      throw new ProofFormatException(object + ": does not start with '" + ascii + "'");
    }
  }

  /**
   * Requires an ASCII mark that ends in a version, as {@code "zkwasm key 1"}.
   *
   * @throws ProofFormatException.UnsupportedVersion if the mark is there with another version of
   *     one digit
   */
  public void mark(String name, int version) throws ProofFormatException {
    byte[] prefix = (name + " ").getBytes(StandardCharsets.US_ASCII);
    if (remaining() > prefix.length
        && Arrays.equals(bytes, at, at + prefix.length, prefix, 0, prefix.length)) {
      int found = bytes[at + prefix.length] - '0';
      if (found >= 0 && found <= 9) {
        supported(found, version);
      }
    }
    magic(name + " " + version);
  }

  /**
   * Requires a u16 version.
   *
   * @throws ProofFormatException.UnsupportedVersion if it is another one
   */
  public void version(int version) throws ProofFormatException {
    supported(u16(), version);
  }

  private void supported(int found, int version) throws ProofFormatException.UnsupportedVersion {
    if (found != version) {
      throw new ProofFormatException.UnsupportedVersion(
          "%s of version %d; this program reads version %d".formatted(object, found, version));
    }
  }

  /** An unsigned byte. */
  public int u8() throws ProofFormatException {
    return (int) unsigned(1);
  }

  /** An unsigned 16-bit integer. */
  public int u16() throws ProofFormatException {
    return (int) unsigned(2);
  }

  /** An unsigned 32-bit integer. */
  public long u32() throws ProofFormatException {
    return unsigned(4);
  }

  /** 64 bits. */
  public long u64() throws ProofFormatException {
    return unsigned(8);
  }

  /** A u32 number of elements that take at least {@code elementBytes} each and must be present. */
  public int count(int elementBytes) throws ProofFormatException {
    long count = u32();
    if (count * elementBytes > remaining()) {
      throw error("a count of " + count + " exceeds the bytes present");
    }
    return (int) count;
  }

  /** So many bytes. */
  public byte[] fixed(int length) throws ProofFormatException {
    require(length);
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  /** A u32 length and the bytes. */
  public byte[] bytes() throws ProofFormatException {
    return fixed(count(1));
  }

  /** {@link #bytes()} of well-formed UTF-8. */
  public String text() throws ProofFormatException {
    byte[] utf8 = bytes();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw error("text is not well-formed UTF-8");
    }
  }

  /** A canonical field element. */
  public Fr fr() throws ProofFormatException {
    require(PrimeField.BYTES);
    try {
      Fr value = Fr.fromBytes(bytes, at);
      at += PrimeField.BYTES;
      return value;
    } catch (IllegalArgumentException e) {
      throw error("field element is not below r");
    }
  }

  /** A compressed point. */
  public G1 g1() throws ProofFormatException {
    require(G1.COMPRESSED_BYTES);
    try {
      G1 point = G1.fromCompressed(bytes, at);
      at += G1.COMPRESSED_BYTES;
      return point;
    } catch (IllegalArgumentException e) {
      throw error(String.valueOf(e.getMessage()));
    }
  }

  /** So many compressed points; many of them on all cores. */
  public List<G1> g1s(int count) throws ProofFormatException {
    return g1s(count, FieldHints.NONE);
  }

  /** {@link #g1s(int)} with hints, which are checked. */
  public List<G1> g1s(int count, FieldHints hints) throws ProofFormatException {
    require((long) count * G1.COMPRESSED_BYTES);
    int start = at;
    List<@Nullable G1[]> parts =
        IntStream.range(0, Math.ceilDiv(count, POINTS_TOGETHER))
            .parallel()
            .mapToObj(
                part ->
                    G1.fromCompressed(
                        bytes,
                        start + part * POINTS_TOGETHER * G1.COMPRESSED_BYTES,
                        Math.min(POINTS_TOGETHER, count - part * POINTS_TOGETHER),
                        hints))
            .toList();
    List<G1> all = new ArrayList<>(count);
    for (@Nullable G1[] part : parts) {
      for (G1 point : part) {
        if (point == null) {
          // A bad point, and this says why and where.
          all.add(g1());
        } else {
          all.add(point);
          at += G1.COMPRESSED_BYTES;
        }
      }
    }
    return all;
  }

  /** A point of the second group. */
  public G2 g2() throws ProofFormatException {
    require(G2.BYTES);
    try {
      G2 point = G2.fromBytes(bytes, at);
      at += G2.BYTES;
      return point;
    } catch (IllegalArgumentException e) {
      throw error(String.valueOf(e.getMessage()));
    }
  }

  private long unsigned(int length) throws ProofFormatException {
    require(length);
    long value = 0;
    for (int i = 0; i < length; i++) {
      value = (value << 8) | (bytes[at++] & 0xff);
    }
    return value;
  }

  private void require(long length) throws ProofFormatException {
    if (length > remaining()) {
      throw error("needs " + length + " more bytes, but " + remaining() + " are left");
    }
  }
}
