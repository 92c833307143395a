package dev.zkwasm.table;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Cells;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Constraint;
import dev.zkwasm.air.Expr;
import dev.zkwasm.air.Interaction;
import dev.zkwasm.air.RowChecker;
import dev.zkwasm.air.RowChecker.Contribution;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.field.Fr;
import dev.zkwasm.poly.TypedVector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Alters cells of an honest witness and says who objects.
 *
 * <p>The attacker may set the multiplicities of lookups as he likes. So an asked tuple is objected
 * to only if nobody can provide it; on the other buses everything must balance as it did before.
 */
final class Forger {
  /** A place in a witness. */
  record Cell(TableInstance instance, Column column, int row) {
    // The values of an instance are large; it is equal only to itself, as in Place.
    @Override
    public boolean equals(Object other) {
      return other instanceof Cell c
          && c.instance == instance
          && c.column == column
          && c.row == row;
    }

    @Override
    public int hashCode() {
      return 31 * (31 * System.identityHashCode(instance) + column.hashCode()) + row;
    }
  }

  private record Tuple(Bus bus, List<Fr> entries) {}

  /** What fixed tables provide: to every attacker, whatever tables the honest run has. */
  private static final Map<Bus, List<Set<List<Fr>>>> FIXED = fixed();

  private final Witness witness;
  private final Map<Bus, List<Set<List<Fr>>>> provided = new EnumMap<>(Bus.class);

  /** The columns that expressions read, in their own row or the next. */
  private final Map<Expr, Set<Column>> read = new IdentityHashMap<>();

  private final Map<Expr, Set<Column>> readNext = new IdentityHashMap<>();

  Forger(Witness witness) {
    this.witness = witness;
    FIXED.forEach((bus, tuples) -> provided.put(bus, new ArrayList<>(tuples)));
    for (TableInstance instance : witness.instances()) {
      if (!(instance.table() instanceof FixedTable)) {
        addProvided(instance, provided);
      }
    }
  }

  private static Map<Bus, List<Set<List<Fr>>>> fixed() {
    Map<Bus, List<Set<List<Fr>>>> fixed = new EnumMap<>(Bus.class);
    for (FixedTable table : TableSet.STANDARD.fixedTables()) {
      int height = table.fixedHeight();
      List<TypedVector> main =
          table.columns(Column.Kind.MAIN).stream()
              .<TypedVector>map(c -> new TypedVector.U32(new int[height]))
              .toList();
      addProvided(
          new TableInstance(
              TableSet.STANDARD.air(table),
              height,
              table.fixedColumns(),
              List.of(),
              main,
              List.of()),
          fixed);
    }
    return fixed;
  }

  private static void addProvided(TableInstance instance, Map<Bus, List<Set<List<Fr>>>> to) {
    for (Interaction interaction : instance.air().interactions()) {
      if (provides(interaction)) {
        to.computeIfAbsent(interaction.bus(), b -> new ArrayList<>())
            .add(tuples(instance, interaction));
      }
    }
  }

  private static Set<List<Fr>> tuples(TableInstance instance, Interaction interaction) {
    RowChecker rows = new RowChecker(instance.air(), instance);
    Set<List<Fr>> tuples = new HashSet<>();
    for (int row = 0; row < instance.height(); row++) {
      tuples.add(rows.contribution(interaction, row).tuple());
    }
    return tuples;
  }

  Witness witness() {
    return witness;
  }

  private static boolean provides(Interaction interaction) {
    return interaction.bus().lookup() && interaction.sign() < 0;
  }

  /**
   * Who objects if these cells are altered: labels of constraints and interactions. Empty if nobody
   * does.
   */
  List<String> objections(Map<Cell, Fr> changes) {
    return objections(changes, false);
  }

  /**
   * The same if other rows may be altered as they need to be: what a row takes from others stays,
   * the values and the next state that it sends to others may change. So its own constraints and
   * lookups must show that what it sends follows from what it takes.
   */
  List<String> localObjections(Map<Cell, Fr> changes) {
    return objections(changes, true);
  }

  private List<String> objections(Map<Cell, Fr> changes, boolean local) {
    List<String> objections = new ArrayList<>();
    Map<Tuple, Fr> balance = new HashMap<>();
    Set<Place> places = new LinkedHashSet<>();
    changes.keySet().forEach(c -> places.add(new Place(c.instance, c.row)));
    Set<Place> before = new LinkedHashSet<>(places);
    for (Place place : places) {
      int height = place.instance.height();
      before.add(new Place(place.instance, (place.row + height - 1) & (height - 1)));
    }
    for (Place place : before) {
      Air air = place.instance.air();
      Set<Column> changed = new HashSet<>();
      changes.keySet().stream()
          .filter(c -> c.instance == place.instance)
          .forEach(c -> changed.add(c.column));
      RowChecker forged = new RowChecker(air, Forged.of(place.instance, changes));
      // In the row before the first one altered, only what reads the next row can change.
      boolean own = places.contains(place);
      for (Constraint constraint : air.constraints()) {
        if ((own ? uses(constraint.expr(), changed) : usesNext(constraint.expr(), changed))
            && !forged.value(constraint, place.row).isZero()) {
          objections.add(constraint.label());
        }
      }
    }
    for (Place place : places) {
      interactions(place, changes, local, balance, objections);
    }
    balance.forEach(
        (tuple, sum) -> {
          if (!sum.isZero()) {
            objections.add("bus " + tuple.bus);
          }
        });
    return objections;
  }

  private void interactions(
      Place place,
      Map<Cell, Fr> changes,
      boolean local,
      Map<Tuple, Fr> balance,
      List<String> objections) {
    Air air = place.instance.air();
    RowChecker honest = new RowChecker(air, place.instance);
    RowChecker forged = new RowChecker(air, Forged.of(place.instance, changes));
    Set<Column> changed = new HashSet<>();
    changes.keySet().stream()
        .filter(c -> c.instance == place.instance && c.row == place.row)
        .forEach(c -> changed.add(c.column));
    for (Interaction interaction : air.interactions()) {
      if (!uses(interaction.multiplicity(), changed)
          && interaction.tuple().stream().noneMatch(e -> uses(e, changed))) {
        continue;
      }
      Contribution old = honest.contribution(interaction, place.row);
      Contribution now = forged.contribution(interaction, place.row);
      if (provides(interaction)) {
        // Setting a multiplicity to another value than the one asked for is an error even for the
        // attacker, and so is
        // no longer providing what is asked for.
        boolean same = old.multiplicity().equals(now.multiplicity());
        if (!same || (!old.multiplicity().isZero() && !old.tuple().equals(now.tuple()))) {
          objections.add("bus " + interaction.bus());
        }
      } else if (interaction.bus().lookup()) {
        if (!now.multiplicity().isZero()
            && provided.getOrDefault(interaction.bus(), List.of()).stream()
                .noneMatch(tuples -> tuples.contains(now.tuple()))) {
          objections.add(interaction.label());
        }
      } else if (local) {
        if (!old.multiplicity().equals(now.multiplicity())
            || (!now.multiplicity().isZero() && !received(old).equals(received(now)))) {
          objections.add("bus " + interaction.bus());
        }
      } else {
        balance.merge(
            new Tuple(interaction.bus(), old.tuple()), old.multiplicity().negate(), Fr::add);
        balance.merge(new Tuple(interaction.bus(), now.tuple()), now.multiplicity(), Fr::add);
      }
    }
  }

  /** The part of a tuple that is not the row's to choose. */
  private static List<Fr> received(Contribution contribution) {
    List<Fr> tuple = contribution.tuple();
    if (contribution.interaction().sign() < 0) {
      return tuple;
    }
    return switch (contribution.interaction().bus()) {
      case MEMORY -> List.of(tuple.get(0), tuple.get(1), tuple.get(4));
      case EXEC -> List.of(tuple.get(2));
      default -> List.of();
    };
  }

  private record Place(TableInstance instance, int row) {
    // The values of an instance are large; two places are equal only in the same object.
    @Override
    public boolean equals(Object other) {
      return other instanceof Place p && p.instance == instance && p.row == row;
    }

    @Override
    public int hashCode() {
      return 31 * System.identityHashCode(instance) + row;
    }
  }

  private record Forged(TableInstance instance, Map<Integer, Map<Column, Fr>> rows)
      implements Cells {
    static Forged of(TableInstance instance, Map<Cell, Fr> changes) {
      Map<Integer, Map<Column, Fr>> rows = new HashMap<>();
      changes.forEach(
          (cell, value) -> {
            if (cell.instance == instance) {
              rows.computeIfAbsent(cell.row, r -> new HashMap<>()).put(cell.column, value);
            }
          });
      return new Forged(instance, rows);
    }

    @Override
    public int height() {
      return instance.height();
    }

    @Override
    public Fr cell(Column column, int row) {
      Map<Column, Fr> changed = rows.get(row);
      Fr value = changed == null ? null : changed.get(column);
      return value == null ? instance.cell(column, row) : value;
    }
  }

  private boolean uses(Expr expr, Set<Column> columns) {
    return !Collections.disjoint(
        read.computeIfAbsent(expr, e -> columns(e, false, new HashSet<>())), columns);
  }

  private boolean usesNext(Expr expr, Set<Column> columns) {
    return !Collections.disjoint(
        readNext.computeIfAbsent(expr, e -> columns(e, true, new HashSet<>())), columns);
  }

  private static Set<Column> columns(Expr expr, boolean nextOnly, Set<Column> into) {
    switch (expr) {
      case Column column -> {
        if (!nextOnly) {
          into.add(column);
        }
      }
      case Expr.Next next -> into.add(next.column());
      case Expr.Constant constant -> {}
      case Expr.Binary binary -> {
        columns(binary.left(), nextOnly, into);
        columns(binary.right(), nextOnly, into);
      }
    }
    return into;
  }
}
