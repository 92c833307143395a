package dev.zkwasm.host;

import java.util.Arrays;

/** A place in the code that instructions refer to, before or after it is known. */
public final class Label {
  int pc;
  private int[] uses = {};
  private int used;

  void addUse(int index) {
    if (used == uses.length) {
      uses = Arrays.copyOf(uses, Math.max(4, 2 * used));
    }
    uses[used++] = index;
  }

  void removeUse(int index) {
    for (int i = used - 1; i >= 0; i--) {
      if (uses[i] == index) {
        uses[i] = uses[--used];
        return;
      }
    }
    throw new IllegalStateException("no use of the label at " + index);
  }

  int[] uses() {
    return Arrays.copyOf(uses, used);
  }

  /** True if an instruction that was emitted before the label was bound refers to it. */
  public boolean isUsed() {
    return used > 0;
  }
}
