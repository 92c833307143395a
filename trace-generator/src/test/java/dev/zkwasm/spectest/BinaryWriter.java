package dev.zkwasm.spectest;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Bytes of a module or of a part of one. */
final class BinaryWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  BinaryWriter u8(int value) {
    out.write(value);
    return this;
  }

  BinaryWriter u32(int value) {
    for (; value >>> 7 != 0; value >>>= 7) {
      out.write(value & 0x7f | 0x80);
    }
    out.write(value);
    return this;
  }

  BinaryWriter signed(long value) {
    for (; value != (byte) (value << 1) >> 1; value >>= 7) {
      out.write((int) value & 0x7f | 0x80);
    }
    out.write((int) value & 0x7f);
    return this;
  }

  /** The low bytes of a number. */
  BinaryWriter littleEndian(long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >>> 8 * i));
    }
    return this;
  }

  BinaryWriter raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  /** Bytes with their number before them. */
  BinaryWriter sized(byte[] bytes) {
    return u32(bytes.length).raw(bytes);
  }

  BinaryWriter name(String name) {
    return sized(name.getBytes(StandardCharsets.UTF_8));
  }

  BinaryWriter vector(List<byte[]> entries) {
    u32(entries.size());
    entries.forEach(this::raw);
    return this;
  }

  /** A section of entries, left out if there are none. */
  BinaryWriter section(int id, List<byte[]> entries) {
    return entries.isEmpty() ? this : u8(id).sized(new BinaryWriter().vector(entries).bytes());
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
