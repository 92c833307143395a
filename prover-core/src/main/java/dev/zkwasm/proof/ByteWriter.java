package dev.zkwasm.proof;

import dev.zkwasm.curve.G1;
import dev.zkwasm.field.Fr;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes the encodings of {@code docs/spec/protocol.md}; the counterpart of {@link ByteReader}. */
public final class ByteWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** What has been written. */
  public byte[] toBytes() {
    return out.toByteArray();
  }

  /** ASCII characters without a length. */
  public ByteWriter magic(String ascii) {
    return fixed(ascii.getBytes(StandardCharsets.US_ASCII));
  }

  /** An unsigned byte. */
  public ByteWriter u8(int value) {
    return unsigned(1, value);
  }

  /** An unsigned 16-bit integer. */
  public ByteWriter u16(int value) {
    return unsigned(2, value);
  }

  /** An unsigned 32-bit integer. */
  public ByteWriter u32(long value) {
    return unsigned(4, value);
  }

  /** 64 bits. */
  public ByteWriter u64(long value) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      out.write((int) (value >>> shift));
    }
    return this;
  }

  /** Bytes without a length. */
  public ByteWriter fixed(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  /** A u32 length and the bytes. */
  public ByteWriter bytes(byte[] bytes) {
    return u32(bytes.length).fixed(bytes);
  }

  /**
   * {@link #bytes} of UTF-8.
   *
   * @throws IllegalArgumentException if the text has an unpaired surrogate
   */
  public ByteWriter text(String text) {
    try {
      ByteBuffer utf8 = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[utf8.remaining()];
      utf8.get(bytes);
      return bytes(bytes);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("text has an unpaired surrogate", e);
    }
  }

  /** Field elements without a count. */
  public ByteWriter frs(List<Fr> values) {
    values.forEach(v -> fixed(v.toBytes()));
    return this;
  }

  /** Compressed points without a count. */
  public ByteWriter g1s(List<G1> points) {
    points.forEach(p -> fixed(p.toCompressed()));
    return this;
  }

  private ByteWriter unsigned(int length, long value) {
    if (value < 0 || value >>> (8 * length) != 0) {
      throw new IllegalArgumentException(value + " does not fit " + length + " bytes");
    }
    for (int shift = 8 * (length - 1); shift >= 0; shift -= 8) {
      out.write((int) (value >>> shift));
    }
    return this;
  }
}
