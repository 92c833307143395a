package dev.zkwasm.air;

import dev.zkwasm.bus.Bus;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects what a table declares in {@link Table#constrain}. Labels are unique within a table;
 * order is part of the key.
 */
public final class ConstraintBuilder {
  private final Table table;
  private final List<Constraint> constraints = new ArrayList<>();
  private final List<Interaction> interactions = new ArrayList<>();

  ConstraintBuilder(Table table) {
    this.table = table;
  }

  /** {@code expr = 0} on every row. */
  public void zero(String label, Expr expr) {
    constrain(label, Selector.ALWAYS, expr);
  }

  /** {@code left = right} on every row. */
  public void equal(String label, Expr left, Expr right) {
    zero(label, left.minus(right));
  }

  /** {@code flag} is 0 or 1 on every row. */
  public void bool(Column flag) {
    zero(flag.name() + " is boolean", flag.times(flag.minus(1)));
  }

  /** {@code flag} is 0 or 1, and 0 where {@code gate} (boolean) is 0. */
  public void gatedBool(Column flag, Expr gate) {
    bool(flag);
    zero(flag.name() + " only if active", flag.times(gate.not()));
  }

  public void constrain(String label, Selector selector, Expr expr) {
    if (constraints.stream().anyMatch(c -> c.label().equals(label))) {
      throw new IllegalStateException("table " + table + " has two constraints '" + label + "'");
    }
    constraints.add(new Constraint(label, selector, expr));
  }

  /** Sends a tuple, or asks a lookup for it. */
  public void send(String label, Bus bus, Expr multiplicity, Expr... tuple) {
    interact(label, bus, 1, multiplicity, tuple);
  }

  /** Receives a tuple, or provides it to lookups. */
  public void receive(String label, Bus bus, Expr multiplicity, Expr... tuple) {
    interact(label, bus, -1, multiplicity, tuple);
  }

  private void interact(String label, Bus bus, int sign, Expr multiplicity, Expr... tuple) {
    if (tuple.length != bus.arity()) {
      throw new IllegalStateException(
          "table "
              + table
              + ", '"
              + label
              + "': bus "
              + bus
              + " has arity "
              + bus.arity()
              + ", not "
              + tuple.length);
    }
    if (interactions.stream().anyMatch(i -> i.label().equals(label))) {
      throw new IllegalStateException("table " + table + " has two interactions '" + label + "'");
    }
    interactions.add(new Interaction(label, bus, sign, multiplicity, List.of(tuple)));
  }

  List<Constraint> constraints() {
    return constraints;
  }

  List<Interaction> interactions() {
    return interactions;
  }
}
