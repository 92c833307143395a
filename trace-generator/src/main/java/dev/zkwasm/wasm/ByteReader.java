package dev.zkwasm.wasm;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A cursor over part of a binary, with the encodings of the WebAssembly binary format. Every read
 * past the end or malformed number is a {@link ModuleException} with the byte offset.
 */
class ByteReader {
  final byte[] bytes;
  final int end;
  int position;

  ByteReader(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  boolean atEnd() {
    return position == end;
  }

  ModuleException malformed(int offset, String what) {
    return new ModuleException("malformed WebAssembly module: " + what + " at byte " + offset);
  }

  int u8(String what) {
    if (position >= end) {
      throw malformed(position, "unexpected end in " + what);
    }
    return bytes[position++] & 0xff;
  }

  /** Unsigned LEB128 of at most 32 bits, as a nonnegative long. */
  long u32(String what) {
    int start = position;
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      int b = u8(what);
      if (shift == 28 && b > 0x0f) {
        throw malformed(start, "integer of more than 32 bits in " + what);
      }
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        return value;
      }
    }
  }

  /** An index or a size: a u32 that must fit an int, as every valid one here does. */
  int index(String what) {
    int start = position;
    long value = u32(what);
    if (value > Integer.MAX_VALUE) {
      throw malformed(start, what + " out of range");
    }
    return (int) value;
  }

  /**
   * The number of elements of a vector, each of which takes at least one byte: more than there are
   * bytes is refused.
   */
  int count(String what) {
    int start = position;
    long value = u32(what);
    if (value > end - position) {
      throw malformed(start, "number of " + what + " exceeds the bytes present");
    }
    return (int) value;
  }

  /** Signed LEB128 of {@code bits} bits. */
  long signed(int bits, String what) {
    int start = position;
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      int b = u8(what);
      int left = bits - shift;
      if (left < 7) {
        int sign = (byte) (b << 1) >> 1 >> (left - 1);
        if (b >= 0x80 || (sign != 0 && sign != -1)) {
          throw malformed(start, "integer of more than " + bits + " bits in " + what);
        }
      }
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        int width = shift + 7;
        return width >= 64 ? value : value << (64 - width) >> (64 - width);
      }
    }
  }

  /** The bits of a little-endian number of {@code size} bytes. */
  long littleEndian(int size, String what) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (long) u8(what) << 8 * i;
    }
    return value;
  }

  ByteReader part(int size, String what) {
    if (size > end - position) {
      throw malformed(position, "unexpected end in " + what);
    }
    ByteReader reader = new ByteReader(bytes, position, position + size);
    position += size;
    return reader;
  }

  void skip(int size, String what) {
    part(size, what);
  }

  String name(String what) {
    int size = index("length of " + what);
    ByteReader part = part(size, what);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, part.position, size))
          .toString();
    } catch (CharacterCodingException e) {
      throw new ModuleException(
          "malformed WebAssembly module: " + what + " is not UTF-8 at byte " + part.position, e);
    }
  }
}
