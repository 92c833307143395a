package dev.zkwasm.air;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A table of the proof system: its columns and, in {@link #constrain}, its constraints and bus
 * interactions. A concrete table is one file with three sections: columns, constrain, fill.
 */
public abstract class Table {
  /** How many instances of a table a proof may have, and where its height comes from. */
  public enum Role {
    /** Rows are executed steps; any number of instances of any height. */
    INSTRUCTION,
    /** Rows are no steps; any number of instances of any height. */
    AUXILIARY,
    /** Exactly one instance whose height the prover chooses. */
    SINGLE,
    /** At most one instance whose height the prover chooses. */
    OPTIONAL,
    /** Exactly one instance; height from the program. */
    PROGRAM,
    /** Exactly one instance; height from the statement. */
    PUBLIC,
    /** At most one instance; height fixed by the key ({@link #fixedHeight}). */
    FIXED
  }

  private final String name;
  private final Role role;
  private final List<Column> columns = new ArrayList<>();

  protected Table(String name, Role role) {
    this.name = name;
    this.role = role;
  }

  /** Declares the constraints and interactions; called once by {@link Air#of}. */
  public abstract void constrain(ConstraintBuilder cs);

  /** Height of a table of role FIXED. */
  public int fixedHeight() {
    throw new IllegalStateException("table " + name + " has no fixed height");
  }

  public final String name() {
    return name;
  }

  public final Role role() {
    return role;
  }

  /** All columns in order of declaration. */
  public final List<Column> columns() {
    return Collections.unmodifiableList(columns);
  }

  /** The columns of one kind; {@link Column#index()} is the position in this list. */
  public final List<Column> columns(Column.Kind kind) {
    return columns.stream().filter(c -> c.kind() == kind).toList();
  }

  protected final Column main(String columnName, Column.Width width) {
    return declare(columnName, Column.Kind.MAIN, width);
  }

  protected final Column fixed(String columnName, Column.Width width) {
    return declare(columnName, Column.Kind.FIXED, width);
  }

  protected final Column program(String columnName, Column.Width width) {
    return declare(columnName, Column.Kind.PROGRAM, width);
  }

  protected final Column instance(String columnName, Column.Width width) {
    return declare(columnName, Column.Kind.INSTANCE, width);
  }

  private Column declare(String columnName, Column.Kind kind, Column.Width width) {
    if (columns.stream().anyMatch(c -> c.name().equals(columnName))) {
      throw new IllegalStateException(
          "table " + name + " declares column " + columnName + " twice");
    }
    int index = (int) columns.stream().filter(c -> c.kind() == kind).count();
    Column column = new Column(columnName, kind, width, index);
    columns.add(column);
    return column;
  }

  @Override
  public final String toString() {
    return name;
  }
}
