package dev.zkwasm.exec;

import java.util.HashMap;
import java.util.Map;

/**
 * Cells of the space TABLE, of which only those written to exist; the others read as 0. Addresses
 * are below 2^32; growth that the program does not write costs nothing.
 */
final class TableCells {
  private static final int PAGE_BITS = 9;
  private static final int PAGE = 1 << PAGE_BITS;

  private final Map<Integer, long[]> pages = new HashMap<>();

  long load(long address) {
    long[] page = pages.get((int) (address >>> PAGE_BITS));
    return page == null ? 0 : page[(int) address & (PAGE - 1)];
  }

  void store(long address, long value) {
    pages
            .computeIfAbsent((int) (address >>> PAGE_BITS), p -> new long[PAGE])[
            (int) address & (PAGE - 1)] =
        value;
  }
}
