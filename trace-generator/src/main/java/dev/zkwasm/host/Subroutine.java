package dev.zkwasm.host;

/**
 * Something that can be called: its entry and, once its code is complete, the register cells that
 * its frame needs.
 */
public final class Subroutine {
  private final Label entry = new Label();
  private int frameCells = -1;

  public Label entry() {
    return entry;
  }

  /** Sets the size of the frame: one more than its highest slot. */
  public void setFrameCells(int cells) {
    frameCells = cells;
  }

  public int frameCells() {
    if (frameCells < 0) {
      throw new IllegalStateException("subroutine without code");
    }
    return frameCells;
  }
}
