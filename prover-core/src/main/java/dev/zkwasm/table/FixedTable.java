package dev.zkwasm.table;

import dev.zkwasm.air.Table;
import dev.zkwasm.poly.TypedVector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table of fixed columns that provides lookups: universal, part of the key. */
public abstract class FixedTable extends Table {
  private final int height;
  private @Nullable List<TypedVector> columns;

  FixedTable(String name, int height) {
    super(name, Role.FIXED);
    this.height = height;
  }

  @Override
  public final int fixedHeight() {
    return height;
  }

  /** The fixed columns, in order. */
  public final synchronized List<TypedVector> fixedColumns() {
    List<TypedVector> made = columns;
    if (made == null) {
      made = makeFixedColumns();
      columns = made;
    }
    return made;
  }

  /** The normative rule of each fixed column, in terms of the row number and the columns before. */
  abstract List<String> rules();

  abstract List<TypedVector> makeFixedColumns();
}
