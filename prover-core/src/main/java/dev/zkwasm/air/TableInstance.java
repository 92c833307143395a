package dev.zkwasm.air;

import dev.zkwasm.field.Fr;
import dev.zkwasm.poly.TypedVector;
import java.util.List;

/**
 * A filled table: the values of all its columns, of every kind, over the rows of one instance.
 *
 * @param air the table with its constraints
 * @param height rows, a power of two, at least {@link #MIN_HEIGHT}
 * @param fixed the fixed columns in order
 * @param program the program columns in order
 * @param main the main columns in order
 * @param instance the public columns in order
 */
public record TableInstance(
    Air air,
    int height,
    List<TypedVector> fixed,
    List<TypedVector> program,
    List<TypedVector> main,
    List<TypedVector> instance)
    implements Cells {

  /** No table is lower. */
  public static final int MIN_HEIGHT = 16;

  public TableInstance {
    fixed = List.copyOf(fixed);
    program = List.copyOf(program);
    main = List.copyOf(main);
    instance = List.copyOf(instance);
    if (height < MIN_HEIGHT || Integer.bitCount(height) != 1) {
      throw new IllegalArgumentException(
          "table " + air.table() + " cannot have " + height + " rows");
    }
    check(air.table(), height, Column.Kind.FIXED, fixed);
    check(air.table(), height, Column.Kind.PROGRAM, program);
    check(air.table(), height, Column.Kind.MAIN, main);
    check(air.table(), height, Column.Kind.INSTANCE, instance);
  }

  private static void check(Table table, int height, Column.Kind kind, List<TypedVector> vectors) {
    int columns = table.columns(kind).size();
    if (columns != vectors.size()) {
      throw new IllegalArgumentException(
          "table %s has %d columns of kind %s, not %d"
              .formatted(table, columns, kind, vectors.size()));
    }
    for (TypedVector vector : vectors) {
      if (vector.size() != height) {
        throw new IllegalArgumentException(
            "table %s: a column of kind %s has %d rows, not %d"
                .formatted(table, kind, vector.size(), height));
      }
    }
  }

  /** The smallest legal height that holds so many rows. */
  public static int heightFor(long rows) {
    if (rows > 1 << 30) {
      throw new IllegalArgumentException(rows + " rows do not fit a table");
    }
    int least = (int) Math.max(rows, MIN_HEIGHT);
    return Integer.bitCount(least) == 1 ? least : Integer.highestOneBit(least) << 1;
  }

  public Table table() {
    return air.table();
  }

  public int logHeight() {
    return Integer.numberOfTrailingZeros(height);
  }

  /** The columns of one kind in order. */
  public List<TypedVector> columns(Column.Kind kind) {
    return switch (kind) {
      case FIXED -> fixed;
      case PROGRAM -> program;
      case MAIN -> main;
      case INSTANCE -> instance;
    };
  }

  /** The values of a column of this table. */
  public TypedVector column(Column column) {
    return columns(column.kind()).get(column.index());
  }

  @Override
  public Fr cell(Column column, int row) {
    return column(column).get(row);
  }

  @Override
  public String toString() {
    return air.table() + " of height " + height;
  }
}
