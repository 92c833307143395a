package dev.zkwasm.air;

import dev.zkwasm.field.Fr;
import java.util.ArrayList;
import java.util.List;

/**
 * Evaluates constraints exactly, row by row. For tests and for finding out what is wrong with a
 * witness; the prover never needs it.
 */
public final class RowChecker {
  /**
   * A constraint that does not hold.
   *
   * @param table its table
   * @param row the row
   * @param label the constraint
   * @param value what should have been 0
   */
  public record Violation(Table table, int row, String label, Fr value) {
    @Override
    public String toString() {
      return "table " + table + ", row " + row + ": '" + label + "' does not hold, it is " + value;
    }
  }

  /**
   * What one interaction contributes in one row.
   *
   * @param interaction the interaction
   * @param multiplicity its multiplicity times its sign
   * @param tuple its tuple
   */
  public record Contribution(Interaction interaction, Fr multiplicity, List<Fr> tuple) {}

  private final Air air;
  private final Cells cells;
  private final RowAlgebra algebra;

  public RowChecker(Air air, Cells cells) {
    this.air = air;
    this.cells = cells;
    this.algebra = new RowAlgebra(cells);
  }

  /** All violations of an instance. */
  public static List<Violation> check(TableInstance instance) {
    RowChecker checker = new RowChecker(instance.air(), instance);
    List<Violation> violations = new ArrayList<>();
    if (!instance.air().constraints().isEmpty()) {
      for (int row = 0; row < instance.height(); row++) {
        violations.addAll(checker.violations(row));
      }
    }
    return violations;
  }

  /**
   * Checks all instances.
   *
   * @throws IllegalStateException if a constraint does not hold; names table, row and label of the
   *     first few
   */
  public static void require(List<TableInstance> instances) {
    List<Violation> violations = instances.stream().flatMap(i -> check(i).stream()).toList();
    if (!violations.isEmpty()) {
      StringBuilder text = new StringBuilder(violations.size() + " constraints do not hold");
      violations.stream().limit(10).forEach(v -> text.append("\n  ").append(v));
      throw new IllegalStateException(text.toString());
    }
  }

  /** The constraints that do not hold in a row. */
  public List<Violation> violations(int row) {
    List<Violation> violations = new ArrayList<>();
    for (Constraint constraint : air.constraints()) {
      Fr value = value(constraint, row);
      if (!value.isZero()) {
        violations.add(new Violation(air.table(), row, constraint.label(), value));
      }
    }
    return violations;
  }

  /** What a constraint requires to be 0 in a row: its expression, or 0 where it is not selected. */
  public Fr value(Constraint constraint, int row) {
    boolean selected =
        switch (constraint.selector()) {
          case ALWAYS -> true;
          case FIRST -> row == 0;
          case LAST -> row == cells.height() - 1;
          case TRANSITION -> row != cells.height() - 1;
        };
    return selected ? algebra.evaluate(constraint.expr(), row) : Fr.ZERO;
  }

  /** The value of an expression in a row; the row after the last is the first. */
  public Fr evaluate(Expr expr, int row) {
    return algebra.evaluate(expr, row);
  }

  /** What the interactions contribute in a row, those of multiplicity 0 left out. */
  public List<Contribution> contributions(int row) {
    List<Contribution> contributions = new ArrayList<>();
    for (Interaction interaction : air.interactions()) {
      Fr multiplicity = algebra.evaluate(interaction.multiplicity(), row);
      if (!multiplicity.isZero()) {
        contributions.add(
            new Contribution(
                interaction,
                interaction.sign() > 0 ? multiplicity : multiplicity.negate(),
                tuple(interaction, row)));
      }
    }
    return contributions;
  }

  /** What an interaction contributes in a row, even if its multiplicity is 0. */
  public Contribution contribution(Interaction interaction, int row) {
    Fr multiplicity = algebra.evaluate(interaction.multiplicity(), row);
    return new Contribution(
        interaction,
        interaction.sign() > 0 ? multiplicity : multiplicity.negate(),
        tuple(interaction, row));
  }

  private List<Fr> tuple(Interaction interaction, int row) {
    List<Fr> tuple = new ArrayList<>();
    for (Expr entry : interaction.tuple()) {
      tuple.add(algebra.evaluate(entry, row));
    }
    return List.copyOf(tuple);
  }
}
