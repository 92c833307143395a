package dev.zkwasm.spectest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A cursor over a valid binary. */
final class BinaryReader {
  private final byte[] bytes;
  private int position;

  BinaryReader(byte[] bytes, int position) {
    this.bytes = bytes;
    this.position = position;
  }

  boolean atEnd() {
    return position == bytes.length;
  }

  int position() {
    return position;
  }

  int u8() {
    return bytes[position++] & 0xff;
  }

  int u32() {
    return (int) leb();
  }

  /** Signed LEB128 of any width. */
  long signed() {
    int start = position;
    long value = leb();
    int bits = 7 * (position - start);
    return bits >= 64 ? value : value << (64 - bits) >> (64 - bits);
  }

  private long leb() {
    long value = 0;
    int shift = 0;
    byte next;
    do {
      next = bytes[position++];
      value |= (long) (next & 0x7f) << shift;
      shift += 7;
    } while (next < 0);
    return value;
  }

  byte[] take(int size) {
    byte[] part = Arrays.copyOfRange(bytes, position, position + size);
    position += size;
    return part;
  }

  /** The bytes from an earlier position to the current one. */
  byte[] since(int start) {
    return Arrays.copyOfRange(bytes, start, position);
  }

  String name() {
    return new String(take(u32()), StandardCharsets.UTF_8);
  }
}
