package dev.zkwasm.proof;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Table;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The numbering of a table's polynomials. A <em>slot</em> is a committed polynomial of the table:
 * first its fixed, program and main columns in order of declaration, then its helper columns.
 * Instance columns have none.
 */
public final class TableLayout {
  private final Air air;
  private final List<Column> committed;
  private final List<Column> main;
  private final List<Column> next;
  private final Map<Column, Integer> slots = new HashMap<>();
  private final Map<Column, Integer> nextPositions = new HashMap<>();

  /** The layout of a table. */
  TableLayout(Air air) {
    this.air = air;
    this.committed =
        air.table().columns().stream().filter(c -> c.kind() != Column.Kind.INSTANCE).toList();
    this.main = air.table().columns(Column.Kind.MAIN);
    this.next =
        air.nextRowColumns().stream().filter(c -> c.kind() != Column.Kind.INSTANCE).toList();
    committed.forEach(c -> slots.put(c, slots.size()));
    next.forEach(c -> nextPositions.put(c, nextPositions.size()));
  }

  /** The constraints and interactions. */
  public Air air() {
    return air;
  }

  /** The table. */
  public Table table() {
    return air.table();
  }

  /** Fixed, program and main columns in order of declaration: the first slots. */
  public List<Column> committed() {
    return committed;
  }

  /** The main columns. */
  public List<Column> main() {
    return main;
  }

  /** The committed columns of which a constraint uses the next row. */
  public List<Column> next() {
    return next;
  }

  /** Number of helper columns: the last slots. */
  public int helpers() {
    return air.helpers();
  }

  /** Number of slots. */
  public int slots() {
    return committed.size() + helpers();
  }

  /** Slot of a committed column. */
  public int slot(Column column) {
    Integer slot = slots.get(column);
    if (slot == null) {
      throw new IllegalArgumentException("column " + column + " of " + table() + " has no slot");
    }
    return slot;
  }

  /** Slot of a helper column. */
  public int helperSlot(int helper) {
    return committed.size() + helper;
  }

  /** Whether the polynomial of a slot is opened at two points. */
  public boolean usesNext(int slot) {
    return slot < committed.size() && nextPositions.containsKey(committed.get(slot));
  }

  /** Number of constraints, those of the helpers included. */
  public int constraints() {
    return air.constraints().size() + helpers();
  }

  /** Number of evaluations of an instance. */
  public int evaluations() {
    return slots() + next.size();
  }

  /** Position of a slot's evaluation among those of its instance. */
  public int evaluation(int slot) {
    return slot < committed.size() ? slot : slot + next.size();
  }

  /** Position of the evaluation in the next row of a slot that {@link #usesNext}. */
  public int nextEvaluation(int slot) {
    Integer position = nextPositions.get(committed.get(slot));
    if (position == null) {
      throw new IllegalArgumentException("slot " + slot + " is not opened at the next row");
    }
    return committed.size() + position;
  }
}
