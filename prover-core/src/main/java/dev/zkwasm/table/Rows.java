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
 */
final class Rows {
  private final Air air;
  private final Column[] columns;
  private final int maximumHeight;
  private final List<Object[]> full = new ArrayList<>();
  private Object[] data;
  private int capacity;

  /** Index of the current row in the current instance; -1 before the first. */
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
    if (row + 1 == capacity) {
      if (capacity == maximumHeight) {
        full.add(data);
        row = -1;
        capacity = TableInstance.MIN_HEIGHT;
        data = allocate(capacity);
      } else {
        capacity *= 2;
        for (Column column : columns) {
          data[column.index()] = resize(column.width(), data[column.index()], capacity);
        }
      }
    }
    row++;
    count++;
  }

  /**
   * Sets a cell of the current row.
   *
   * @throws IllegalStateException if the value, read as unsigned, does not fit the column
   */
  void set(Column column, long value) {
    Object cells = data[column.index()];
    switch (column.width()) {
      case BIT -> {
        fits(column, value, 1);
        ((byte[]) cells)[row] = (byte) value;
      }
      case U8 -> {
        fits(column, value, 8);
        ((byte[]) cells)[row] = (byte) value;
      }
      case U16 -> {
        fits(column, value, 16);
        ((char[]) cells)[row] = (char) value;
      }
      case U32 -> {
        fits(column, value, 32);
        ((int[]) cells)[row] = (int) value;
      }
      case U64 -> ((long[]) cells)[row] = value;
      case FIELD -> throw new IllegalStateException("main columns hold integers");
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
              + row
              + ": "
              + Long.toUnsignedString(value)
              + " does not fit limbs "
              + Arrays.toString(limbs));
    }
  }

  private void fits(Column column, long value, int bits) {
    if (value >>> bits != 0) {
      throw new IllegalStateException(
          "table "
              + air.table()
              + ", row "
              + row
              + ", column "
              + column
              + " cannot hold "
              + Long.toUnsignedString(value));
    }
  }

  /**
   * The main columns of each instance, heights descending; none if no row was added.
   *
   * @param cut heights of the instances for the rows beyond the full ones, given their number
   */
  List<List<TypedVector>> finish(IntFunction<List<Integer>> cut) {
    List<List<TypedVector>> instances = new ArrayList<>();
    for (Object[] instance : full) {
      instances.add(vectors(instance));
    }
    int from = 0;
    for (int height : cut.apply(row + 1)) {
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
