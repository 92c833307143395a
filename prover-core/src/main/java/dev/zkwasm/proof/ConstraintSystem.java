package dev.zkwasm.proof;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Table;
import dev.zkwasm.isa.Program;
import dev.zkwasm.poly.TypedVector;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The tables of a proof system in order, and the digest that stands for all their constraints in
 * the universal key. There is one for real proofs; tests make others.
 */
public final class ConstraintSystem {
  /** The table of role PROGRAM that holds the code. */
  public static final String PROGRAM = "program";

  /** The table of role PROGRAM that holds the image. */
  public static final String IMAGE = "image";

  private static final int MAX_TABLES = 255;

  /** The columns that everyone can compute. Each list is in the order of the columns' indices. */
  public interface KnownColumns {
    /** The fixed columns of a table of role FIXED, of its height. */
    List<TypedVector> fixed(Table table);

    /** The program columns of a table of role PROGRAM, of the height that the program gives it. */
    List<TypedVector> program(Table table, Program program);

    /**
     * The instance columns of a table of role PUBLIC, each as the values of the first rows; the
     * rows that follow are zero.
     */
    List<TypedVector> instance(Table table, byte[] publicInput);
  }

  private final List<TableLayout> tables;
  private final byte[] digest;
  private final KnownColumns known;

  /**
   * A system of these tables.
   *
   * @param airs the tables in order
   * @param digest keccak256 of the normative text of the constraints
   * @param known the columns that everyone can compute
   */
  public ConstraintSystem(List<Air> airs, byte[] digest, KnownColumns known) {
    if (airs.size() > MAX_TABLES) {
      throw new IllegalArgumentException("more than " + MAX_TABLES + " tables");
    }
    this.tables = airs.stream().map(TableLayout::new).toList();
    this.digest = digest.clone();
    this.known = known;
    requireProgramTables();
    for (TableLayout layout : tables) {
      Table table = layout.table();
      requireOnly(table, Column.Kind.FIXED, Table.Role.FIXED);
      requireOnly(table, Column.Kind.PROGRAM, Table.Role.PROGRAM);
      requireOnly(table, Column.Kind.INSTANCE, Table.Role.PUBLIC);
      if (layout.air().nextRowColumns().size() != layout.next().size()) {
        throw new IllegalArgumentException(
            "table " + table + " uses an instance column's next row");
      }
    }
  }

  private void requireProgramTables() {
    List<String> names =
        tablesOf(Table.Role.PROGRAM).stream().map(i -> table(i).table().name()).sorted().toList();
    if (!names.equals(List.of(IMAGE, PROGRAM))) {
      throw new IllegalArgumentException(
          "the tables of role PROGRAM are %s, not %s and %s".formatted(names, PROGRAM, IMAGE));
    }
  }

  private static void requireOnly(Table table, Column.Kind kind, Table.Role role) {
    if (table.role() != role && !table.columns(kind).isEmpty()) {
      throw new IllegalArgumentException(
          "table " + table + " of role " + table.role() + " has columns of kind " + kind);
    }
  }

  /** The tables in order. */
  public List<TableLayout> tables() {
    return tables;
  }

  /** A table by index. */
  public TableLayout table(int index) {
    return tables.get(index);
  }

  /** The indices of the tables of a role, in order. */
  public List<Integer> tablesOf(Table.Role role) {
    return IntStream.range(0, tables.size())
        .filter(i -> tables.get(i).table().role() == role)
        .boxed()
        .toList();
  }

  /** Whether the rules treat a table as the one that holds the code or the image. */
  public boolean isNamed(int table, String name) {
    return tables.get(table).table().name().equals(name);
  }

  /** The columns that everyone can compute. */
  public KnownColumns known() {
    return known;
  }

  /** Digest of the constraints, 32 bytes. */
  public byte[] digest() {
    return digest.clone();
  }
}
