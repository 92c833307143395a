package dev.zkwasm.air;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The algebraic intermediate representation of a table: what {@link Table#constrain} declared,
 * checked for degree and grouped into helper columns.
 *
 * @param table the table
 * @param constraints its constraints in order
 * @param interactions its interactions in order
 * @param nextRowColumns columns of which some constraint uses the next row, in order of declaration
 */
public record Air(
    Table table,
    List<Constraint> constraints,
    List<Interaction> interactions,
    List<Column> nextRowColumns) {

  /** Greatest degree of a constraint, its selector included. */
  public static final int MAX_DEGREE = 4;

  /**
   * Interactions that share a helper column: its constraint then has degree {@code 1 + 3 =
   * MAX_DEGREE}.
   */
  public static final int INTERACTIONS_PER_HELPER = 3;

  public Air {
    constraints = List.copyOf(constraints);
    interactions = List.copyOf(interactions);
    nextRowColumns = List.copyOf(nextRowColumns);
  }

  /**
   * Runs {@link Table#constrain} and checks degrees: constraints at most {@link #MAX_DEGREE},
   * interactions affine.
   */
  public static Air of(Table table) {
    ConstraintBuilder builder = new ConstraintBuilder(table);
    table.constrain(builder);
    DegreeAlgebra degrees = new DegreeAlgebra();
    Set<Column> next = new LinkedHashSet<>();
    for (Constraint constraint : builder.constraints()) {
      int degree = constraint.expr().in(degrees) + constraint.selector().degree();
      if (degree > MAX_DEGREE) {
        throw new IllegalStateException(
            "table " + table + ", constraint '" + constraint.label() + "' has degree " + degree);
      }
      Set<Column> used = new LinkedHashSet<>();
      collectNext(constraint.expr(), used);
      if (!used.isEmpty() && constraint.selector() != Selector.TRANSITION) {
        throw new IllegalStateException(
            "table "
                + table
                + ", constraint '"
                + constraint.label()
                + "' uses the next row on the last row");
      }
      next.addAll(used);
    }
    for (Interaction interaction : builder.interactions()) {
      List<Expr> affine = new ArrayList<>(interaction.tuple());
      affine.add(interaction.multiplicity());
      for (Expr expr : affine) {
        Set<Column> used = new LinkedHashSet<>();
        collectNext(expr, used);
        if (expr.in(degrees) > 1 || !used.isEmpty()) {
          throw new IllegalStateException(
              "table "
                  + table
                  + ", interaction '"
                  + interaction.label()
                  + "' is not affine in its row");
        }
      }
    }
    List<Column> ordered = table.columns().stream().filter(next::contains).toList();
    return new Air(table, builder.constraints(), builder.interactions(), ordered);
  }

  /** Helper columns: interactions {@code 3 g .. 3 g + 2} share helper g. */
  public int helpers() {
    return (interactions.size() + INTERACTIONS_PER_HELPER - 1) / INTERACTIONS_PER_HELPER;
  }

  /** The interactions of helper g, one to three. */
  public List<Interaction> helperGroup(int g) {
    int from = g * INTERACTIONS_PER_HELPER;
    return interactions.subList(
        from, Math.min(from + INTERACTIONS_PER_HELPER, interactions.size()));
  }

  private static void collectNext(Expr expr, Set<Column> into) {
    switch (expr) {
      case Expr.Next next -> into.add(next.column());
      case Expr.Binary binary -> {
        collectNext(binary.left(), into);
        collectNext(binary.right(), into);
      }
      case Column column -> {}
      case Expr.Constant constant -> {}
    }
  }
}
