package dev.zkwasm.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.field.Fr;
import dev.zkwasm.isa.ExecutionTrace;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An attack on one witness: the cells that the attacker alters together are collected, then
 * somebody must object. Whoever wants to see more of each attack, such as its proof refused, sets
 * {@link #watch}.
 */
final class Attack {
  private static @Nullable Consumer<Attack> watcher;
  private static int made;

  private final ExecutionTrace trace;
  private final Forger forger;
  private final Map<Forger.Cell, Fr> changes = new HashMap<>();
  private TableInstance instance;
  private int row;

  Attack(ExecutionTrace trace) {
    this.trace = trace;
    forger = new Forger(WitnessBuilder.build(TableSet.STANDARD, trace));
    instance = forger.witness().instances().getFirst();
  }

  /** Shows each attack from now on to somebody, or to nobody. */
  static void watch(@Nullable Consumer<Attack> by) {
    watcher = by;
  }

  /** Attacks made so far. */
  static int made() {
    return made;
  }

  /** The honest run. */
  ExecutionTrace trace() {
    return trace;
  }

  /** The forged tables, with the multiplicities of lookups that the attacker would give them. */
  List<TableInstance> tables() {
    return Multiplicities.forge(forger.witness().instances(), changes);
  }

  /** Goes to a row of a table. */
  Attack at(String table, int atRow) {
    instance =
        forger.witness().instances().stream()
            .filter(i -> i.table().name().equals(table))
            .findFirst()
            .orElseThrow();
    row = atRow;
    return this;
  }

  /** Goes to the first row of the table for which something holds. */
  Attack find(String table, Predicate<Attack> wanted) {
    at(table, 0);
    while (!wanted.test(this)) {
      row++;
      assertTrue(row < instance.height(), "no such row in " + table);
    }
    return this;
  }

  /** Rows of the table. */
  int height() {
    return instance.height();
  }

  private Column column(String name) {
    return instance.table().columns().stream()
        .filter(c -> c.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  Fr get(String name) {
    Forger.Cell cell = new Forger.Cell(instance, column(name), row);
    return changes.getOrDefault(cell, instance.cell(cell.column(), row));
  }

  /** Whether a cell has a value. */
  boolean is(String name, long value) {
    return get(name).equals(Fr.of(value));
  }

  Attack set(String name, Fr value) {
    changes.put(new Forger.Cell(instance, column(name), row), value);
    return this;
  }

  Attack set(String name, long value) {
    return set(name, Fr.of(value));
  }

  Attack shift(String name, long by) {
    return set(name, get(name).add(Fr.of(by)));
  }

  /** Copies all cells of another row here. */
  Attack copyOf(int other) {
    for (Column column : instance.table().columns(Column.Kind.MAIN)) {
      set(column.name(), instance.cell(column, other));
    }
    return this;
  }

  /** Makes padding of the row. */
  Attack clear() {
    for (Column column : instance.table().columns(Column.Kind.MAIN)) {
      set(column.name(), 0);
    }
    return this;
  }

  /** Sets limbs {@code name0..} of 16 bits to a value; the last takes all that is left. */
  Attack limbs(String name, int count, Fr value) {
    BigInteger rest = value.toBigInteger();
    for (int i = 0; i < count; i++) {
      boolean last = i == count - 1;
      set(name + i, last ? Fr.of(rest) : Fr.of(rest.intValue() & 0xffff));
      rest = rest.shiftRight(16);
    }
    return this;
  }

  void isStoppedBy(String objection) {
    List<String> objections = judged();
    assertTrue(objections.contains(objection), () -> "objections: " + objections);
  }

  /** Stopped by this and nothing else: then the rest of the attack is consistent. */
  void isStoppedOnlyBy(String... expected) {
    assertEquals(
        List.of(expected).stream().sorted().toList(),
        judged().stream().distinct().sorted().toList());
  }

  private List<String> judged() {
    List<String> objections = forger.objections(changes);
    made++;
    if (watcher != null) {
      Objects.requireNonNull(watcher).accept(this);
    }
    return objections;
  }
}
