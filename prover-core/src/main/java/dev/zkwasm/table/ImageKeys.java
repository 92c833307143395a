package dev.zkwasm.table;

import dev.zkwasm.isa.ImageCell;
import dev.zkwasm.isa.Program;
import java.util.Arrays;

/** The sorted keys of a program's image and the gaps between them: m cells make m + 1 gaps. */
final class ImageKeys {
  /** Above every key. */
  static final long TOP = 1L << 36;

  private final long[] keys;

  ImageKeys(Program program) {
    keys = program.image().stream().mapToLong(ImageCell::key).toArray();
  }

  /** Position of an image cell, negative if the key is none. */
  int indexOf(long key) {
    return Arrays.binarySearch(keys, key);
  }

  int gaps() {
    return keys.length + 1;
  }

  /** The gap that a key which is no image cell's lies in. */
  int gapOf(long key) {
    return -indexOf(key) - 1;
  }

  /** The gap whose lower end is this key (0 for the first); negative if there is none. */
  int gapAbove(long low) {
    return low == 0 ? 0 : indexOf(low) < 0 ? -1 : indexOf(low) + 1;
  }

  /** Key below gap j; 0 below the first. */
  long gapLow(int j) {
    return j == 0 ? 0 : keys[j - 1];
  }

  /** Key above gap j. */
  long gapHigh(int j) {
    return j == keys.length ? TOP : keys[j];
  }
}
