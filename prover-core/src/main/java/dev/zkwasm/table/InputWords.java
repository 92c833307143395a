package dev.zkwasm.table;

import dev.zkwasm.air.TableInstance;

/**
 * An input as the words that programs read: word 0 is its length in bytes, word 1 + i its bytes
 * from 8 i, little-endian, zero-padded.
 */
final class InputWords {
  private final String name;
  private final byte[] input;

  InputWords(String name, byte[] input) {
    this.name = name;
    this.input = input;
  }

  /** Words with content. */
  int count() {
    return 1 + Math.ceilDiv(input.length, 8);
  }

  /** Rows of the table of these words; words beyond {@link #count()} are 0. */
  int height() {
    return TableInstance.heightFor(count());
  }

  /** Word i, below {@link #height()}. */
  long word(int i) {
    if (i == 0) {
      return input.length;
    }
    long word = 0;
    for (int j = 0; j < 8; j++) {
      long at = 8L * (i - 1) + j;
      if (at < input.length) {
        word |= (input[(int) at] & 0xffL) << (8 * j);
      }
    }
    return word;
  }

  /** Word i as a step reads it. */
  long word(Step step, long i) {
    if (Long.compareUnsigned(i, height()) >= 0) {
      throw step.error(
          "reads word "
              + Long.toUnsignedString(i)
              + " of the "
              + name
              + " input, which has "
              + count());
    }
    return word((int) i);
  }
}
