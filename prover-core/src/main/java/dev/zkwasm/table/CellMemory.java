package dev.zkwasm.table;

import dev.zkwasm.isa.Space;
import java.util.Arrays;

/**
 * The cells of all spaces while a trace is replayed: value and time of the last access. Sparse, in
 * pages; a cell that was never accessed has its initial value and time 0.
 */
final class CellMemory {
  /** Called for each cell that was accessed. */
  interface Visitor {
    void visit(Space space, long address, long value, long time);
  }

  private static final int PAGE_BITS = 12;
  private static final int PAGE = 1 << PAGE_BITS;

  /** The cells of one space: pages of values, and of times as unsigned 32-bit integers. */
  private static final class Cells {
    private long[][] values = new long[0][];
    private int[][] times = new int[0][];

    private long value(long address) {
      int page = page(address);
      return page < values.length && values[page] != null
          ? values[page][(int) address & (PAGE - 1)]
          : 0;
    }

    private long time(long address) {
      int page = page(address);
      return page < times.length && times[page] != null
          ? times[page][(int) address & (PAGE - 1)] & 0xffffffffL
          : 0;
    }

    private void put(long address, long value, long time) {
      int page = page(address);
      if (page >= values.length) {
        int length = Math.max(page + 1, values.length * 2);
        values = Arrays.copyOf(values, length);
        times = Arrays.copyOf(times, length);
      }
      if (values[page] == null) {
        values[page] = new long[PAGE];
        times[page] = new int[PAGE];
      }
      values[page][(int) address & (PAGE - 1)] = value;
      times[page][(int) address & (PAGE - 1)] = (int) time;
    }

    private static int page(long address) {
      return (int) (address >>> PAGE_BITS);
    }
  }

  /** By space code. */
  private final Cells[] spaces = new Cells[Space.values().length + 1];

  CellMemory() {
    Arrays.setAll(spaces, i -> new Cells());
  }

  long value(Space space, long address) {
    return spaces[space.code()].value(address);
  }

  /** Time of the last access; 0 if there was none. */
  long time(Space space, long address) {
    return spaces[space.code()].time(address);
  }

  void put(Space space, long address, long value, long time) {
    spaces[space.code()].put(address, value, time);
  }

  /** Visits the cells that were accessed, ascending by key. */
  void forEachAccessed(Visitor visitor) {
    for (Space space : Space.values()) {
      Cells cells = spaces[space.code()];
      for (int page = 0; page < cells.values.length; page++) {
        if (cells.values[page] == null) {
          continue;
        }
        for (int i = 0; i < PAGE; i++) {
          if (cells.times[page][i] != 0) {
            visitor.visit(
                space,
                ((long) page << PAGE_BITS) + i,
                cells.values[page][i],
                cells.times[page][i] & 0xffffffffL);
          }
        }
      }
    }
  }
}
