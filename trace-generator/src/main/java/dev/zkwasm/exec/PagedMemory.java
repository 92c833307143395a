package dev.zkwasm.exec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Linear memory of up to 4 GiB, of which only the pages written to exist; the others read as 0. No
 * bounds are checked.
 */
final class PagedMemory {
  private static final int PAGE = 65536;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  /** Stands for a page never written to. */
  private static final byte[] ABSENT = new byte[0];

  private byte[][] pages = absent(16);
  private int touched;

  private static byte[][] absent(int count) {
    byte[][] pages = new byte[count][];
    Arrays.fill(pages, ABSENT);
    return pages;
  }

  /** Pages that exist. */
  int touched() {
    return touched;
  }

  private byte[] page(long address) {
    int index = (int) (address >>> 16);
    return index < pages.length ? pages[index] : ABSENT;
  }

  private byte[] touch(long address) {
    int index = (int) (address >>> 16);
    if (index >= pages.length) {
      byte[][] more = absent(Math.max(index + 1, Math.min(PAGE, 2 * pages.length)));
      System.arraycopy(pages, 0, more, 0, pages.length);
      pages = more;
    }
    byte[] page = pages[index];
    if (page == ABSENT) {
      page = new byte[PAGE];
      pages[index] = page;
      touched++;
    }
    return page;
  }

  /** {@code size} (1, 2, 4 or 8) bytes, zero-extended. */
  long load(long address, int size) {
    int offset = (int) address & (PAGE - 1);
    if (offset + size > PAGE) {
      long value = 0;
      for (int i = 0; i < size; i++) {
        value |= load(address + i, 1) << (8 * i);
      }
      return value;
    }
    byte[] page = page(address);
    if (page == ABSENT) {
      return 0;
    }
    return switch (size) {
      case 1 -> page[offset] & 0xff;
      case 2 -> (short) SHORT.get(page, offset) & 0xffff;
      case 4 -> (int) INT.get(page, offset) & 0xffffffffL;
      default -> (long) LONG.get(page, offset);
    };
  }

  void store(long address, int size, long value) {
    int offset = (int) address & (PAGE - 1);
    if (offset + size > PAGE) {
      for (int i = 0; i < size; i++) {
        store(address + i, 1, value >>> (8 * i));
      }
      return;
    }
    byte[] page = touch(address);
    switch (size) {
      case 1 -> page[offset] = (byte) value;
      case 2 -> SHORT.set(page, offset, (short) value);
      case 4 -> INT.set(page, offset, (int) value);
      default -> LONG.set(page, offset, value);
    }
  }
}
