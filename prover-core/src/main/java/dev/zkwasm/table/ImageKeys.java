package dev.zkwasm.table;

import dev.zkwasm.isa.ImageCell;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Space;
import java.util.Arrays;

/**
 * Where the boundary may open cells: in the gaps between the keys of a program's image and ranges
 * in which there are no cells at all, so that every word of linear memory is a cell of one space
 * only. Those are {@link Space#MEMORY} beyond the initial memory and {@link Space#GROWN} within it.
 * And {@link Space#MEMORY} below 0: the key of such a cell is a global's from {@link #GLOBALS} on,
 * which no program has.
 */
final class ImageKeys {
  /** Above every key. */
  private static final long TOP = 1L << 36;

  /** Globals are below: the keys from here on are words of memory from -2^29 on. */
  static final long GLOBALS = (1L << 32) - (1L << 29);

  /** Image cells, sorted. */
  private final long[] keys;

  /** Ends of the gaps, both excluded; ascending. */
  private final long[] lows;

  private final long[] highs;

  ImageKeys(Program program) {
    keys = program.image().stream().mapToLong(ImageCell::key).toArray();
    long words = program.initialMemoryWords();
    long[] from = Arrays.copyOf(keys, gaps(program) - 1);
    long[] to = from.clone();
    from[keys.length] = Space.GLOBAL.key(GLOBALS);
    to[keys.length] = Space.MEMORY.key(-1);
    from[keys.length + 1] = Space.MEMORY.key(words);
    to[keys.length + 1] = Space.MEMORY.key((1L << 32) - 1);
    if (words > 0) {
      from[keys.length + 2] = Space.GROWN.key(0);
      to[keys.length + 2] = Space.GROWN.key(words - 1);
    }
    // They do not overlap, so both ends have the same order.
    Arrays.sort(from);
    Arrays.sort(to);
    lows = new long[from.length + 1];
    highs = new long[from.length + 1];
    System.arraycopy(to, 0, lows, 1, to.length);
    System.arraycopy(from, 0, highs, 0, from.length);
    highs[from.length] = TOP;
  }

  /** Number of gaps. */
  static int gaps(Program program) {
    return program.image().size() + (program.initialMemoryPages() > 0 ? 4 : 3);
  }

  /** Position of an image cell, negative if the key is none. */
  int indexOf(long key) {
    return Arrays.binarySearch(keys, key);
  }

  int gaps() {
    return lows.length;
  }

  /** The gap that a key lies in which may be opened and is no image cell's. */
  int gapOf(long key) {
    return -Arrays.binarySearch(lows, key) - 2;
  }

  /** The gap whose lower end is this key (0 for the first); negative if there is none. */
  int gapAbove(long low) {
    return Arrays.binarySearch(lows, low);
  }

  /** Key below gap j; 0 below the first. */
  long gapLow(int j) {
    return lows[j];
  }

  /** Key above gap j. */
  long gapHigh(int j) {
    return highs[j];
  }
}
