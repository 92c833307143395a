package dev.zkwasm.table;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.poly.TypedVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The main columns of a table while they are filled, row by row. Storage is as narrow as the
 * columns' widths. When an instance is full the next one begins; unfilled rows are 0.
 *
 * <p>Some rows are gathered as plain 64-bit values first, and then checked and stored column by
 * column: a loop per column takes less time than a decision per cell.
 */
final class Rows {
  private static final int GATHERED = 64;

  private final Air air;
  private final Column[] columns;
  private final int maximumHeight;
  private final List<Object[]> full = new ArrayList<>();
  private Object[] data;
  private int capacity;

  /** Rows stored in the current instance. */
  private int stored;

  /** Rows gathered at most. */
  private final int most;

  /** By column, the rows that follow those stored. */
  private final long[][] gathered;

  /** Index of the current row among those gathered; -1 if there are none. */
  private int row = -1;

  private int count;

  /**
   * No rows yet.
   *
   * @param air the table
   * @param maximumHeight greatest height of an instance
   */
  Rows(Air air, int maximumHeight) {
    this.air = air;
    this.maximumHeight = maximumHeight;
    this.columns = air.table().columns(Column.Kind.MAIN).toArray(Column[]::new);
    this.capacity = TableInstance.MIN_HEIGHT;
    this.data = allocate(capacity);
    this.most = Math.min(GATHERED, maximumHeight);
    this.gathered = new long[columns.length][most];
  }

  private Object[] allocate(int height) {
    return Arrays.stream(columns).map(c -> resize(c.width(), null, height)).toArray();
  }

  private static Object resize(Column.Width width, @Nullable Object old, int height) {
    return switch (width) {
      case BIT, U8 -> old == null ? new byte[height] : Arrays.copyOf((byte[]) old, height);
      case U16 -> old == null ? new char[height] : Arrays.copyOf((char[]) old, height);
      case U32 -> old == null ? new int[height] : Arrays.copyOf((int[]) old, height);
      case U64 -> old == null ? new long[height] : Arrays.copyOf((long[]) old, height);
      case FIELD -> throw new IllegalStateException("main columns hold integers");
    };
  }

  /** Rows added so far, over all instances. */
  int count() {
    return count;
  }

  /** Starts a new row; its cells are 0. */
  void add() {
    if (row + 1 == most) {
      store();
    }
    row++;
    count++;
  }

  /**
   * Sets a cell of the current row. A value that, read as unsigned, does not fit the column shows
   * later, as an {@link IllegalStateException}.
   */
  void set(Column column, long value) {
    gathered[column.index()][row] = value;
  }

  /** Stores the rows gathered. */
  private void store() {
    if (row < 0) {
      return;
    }
    if (stored == maximumHeight) {
      full.add(data);
      stored = 0;
      capacity = TableInstance.MIN_HEIGHT;
      data = allocate(capacity);
    }
    int rows = row + 1;
    int height = Math.max(capacity, TableInstance.heightFor(stored + rows));
    for (Column column : columns) {
      int index = column.index();
      if (height > capacity) {
        data[index] = resize(column.width(), data[index], height);
      }
      store(column, gathered[index], rows, data[index]);
      Arrays.fill(gathered[index], 0, rows, 0);
    }
    capacity = height;
    stored += rows;
    row = -1;
  }

  private void store(Column column, long[] values, int rows, Object cells) {
    long all = 0;
    for (int i = 0; i < rows; i++) {
      all |= values[i];
    }
    if (all >>> bits(column.width()) != 0 && column.width() != Column.Width.U64) {
      throw tooGreat(column, values);
    }
    switch (cells) {
      case byte[] bytes -> {
        for (int i = 0; i < rows; i++) {
          bytes[stored + i] = (byte) values[i];
        }
      }
      case char[] chars -> {
        for (int i = 0; i < rows; i++) {
          chars[stored + i] = (char) values[i];
        }
      }
      case int[] ints -> {
        for (int i = 0; i < rows; i++) {
          ints[stored + i] = (int) values[i];
        }
      }
      case long[] longs -> System.arraycopy(values, 0, longs, stored, rows);
      default -> throw new IllegalStateException("no column is a " + cells.getClass());
    }
  }

  /** Sets a cell to 0 or 1. */
  void set(Column column, boolean value) {
    set(column, value ? 1 : 0);
  }

  /** Sets the low and the high half of a 64-bit value. */
  void setHalves(Column lo, Column hi, long value) {
    set(lo, value & 0xffffffffL);
    set(hi, value >>> 32);
  }

  /** Sets limbs of a value, least significant first; what does not fit into them must be 0. */
  void setLimbs(int bits, long value, Column... limbs) {
    long mask = (1L << bits) - 1;
    long rest = value;
    for (Column limb : limbs) {
      set(limb, rest & mask);
      rest >>>= bits;
    }
    if (rest != 0) {
      throw new IllegalStateException(
          "table "
              + air.table()
              + ", row "
              + (stored + row)
              + ": "
              + Long.toUnsignedString(value)
              + " does not fit limbs "
              + Arrays.toString(limbs));
    }
  }

  private static int bits(Column.Width width) {
    return switch (width) {
      case BIT -> 1;
      case U8 -> 8;
      case U16 -> 16;
      case U32 -> 32;
      case U64 -> 64;
      case FIELD -> throw new IllegalStateException("main columns hold integers");
    };
  }

  private IllegalStateException tooGreat(Column column, long[] values) {
    int first = 0;
    while (values[first] >>> bits(column.width()) == 0) {
      first++;
    }
    return new IllegalStateException(
        "table "
            + air.table()
            + ", row "
            + (stored + first)
            + ", column "
            + column
            + " cannot hold "
            + Long.toUnsignedString(values[first]));
  }

  /**
   * The main columns of each instance, heights descending; none if no row was added.
   *
   * @param cut heights of the instances for the rows beyond the full ones, given their number
   */
  List<List<TypedVector>> finish(IntFunction<List<Integer>> cut) {
    store();
    List<List<TypedVector>> instances = new ArrayList<>();
    for (Object[] instance : full) {
      instances.add(vectors(instance));
    }
    int from = 0;
    for (int height : cut.apply(stored)) {
      int start = from;
      Object[] part =
          height == capacity
              ? data
              : Arrays.stream(columns).map(c -> part(data[c.index()], start, height)).toArray();
      instances.add(vectors(part));
      from += height;
    }
    return instances;
  }

  private static Object part(Object cells, int from, int height) {
    int to = from + height;
    return switch (cells) {
      case byte[] bytes -> Arrays.copyOfRange(bytes, from, to);
      case char[] chars -> Arrays.copyOfRange(chars, from, to);
      case int[] ints -> Arrays.copyOfRange(ints, from, to);
      case long[] longs -> Arrays.copyOfRange(longs, from, to);
      default -> throw new IllegalStateException("no column is a " + cells.getClass());
    };
  }

  private List<TypedVector> vectors(Object[] of) {
    List<TypedVector> vectors = new ArrayList<>();
    for (Column column : columns) {
      Object cells = of[column.index()];
      vectors.add(
          switch (column.width()) {
            case BIT -> new TypedVector.Bits((byte[]) cells);
            case U8 -> new TypedVector.U8((byte[]) cells);
            case U16 -> new TypedVector.U16((char[]) cells);
            case U32 -> new TypedVector.U32((int[]) cells);
            case U64 -> new TypedVector.U64((long[]) cells);
            case FIELD -> throw new IllegalStateException("main columns hold integers");
          });
    }
    return vectors;
  }
}
