package dev.zkwasm.table;

import dev.zkwasm.air.Cells;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Interaction;
import dev.zkwasm.air.RowChecker;
import dev.zkwasm.air.RowChecker.Contribution;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.field.Fr;
import dev.zkwasm.prover.ForgingProver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Forged tables as an attacker would fill them: lookups are provided as often as they are now asked
 * for, wherever somebody provides what is asked. So a proof of them fails by what the attack
 * violates and not by a count that was forgotten.
 */
final class Multiplicities {
  private record Place(int instance, int row) {}

  private record Provided(Interaction by, int instance, int row) {}

  /** Rows by what they provide; of fixed tables the same for all witnesses. */
  private static final Map<Interaction, Map<List<Fr>, Integer>> FIXED = new HashMap<>();

  private final List<TableInstance> honest;
  private final Map<Forger.Cell, Fr> changes;
  private final Map<Bus, List<Map<List<Fr>, Provided>>> providers = new HashMap<>();

  private Multiplicities(List<TableInstance> honest, Map<Forger.Cell, Fr> changes) {
    this.honest = honest;
    this.changes = changes;
  }

  /** The tables with the changes made. */
  static List<TableInstance> forge(List<TableInstance> honest, Map<Forger.Cell, Fr> changes) {
    return new Multiplicities(honest, changes).forge();
  }

  private List<TableInstance> forge() {
    Map<Forger.Cell, Fr> all = new LinkedHashMap<>(changes);
    Set<Place> places = new HashSet<>();
    changes.keySet().forEach(c -> places.add(new Place(indexOf(c.instance()), c.row())));
    for (Place place : places) {
      TableInstance instance = honest.get(place.instance);
      ask(instance, new RowChecker(instance.air(), instance), place.row, -1, all);
      ask(instance, new RowChecker(instance.air(), altered(instance)), place.row, 1, all);
    }
    List<TableInstance> forged = honest;
    for (Map.Entry<Forger.Cell, Fr> change : all.entrySet()) {
      Forger.Cell cell = change.getKey();
      forged =
          ForgingProver.alter(
              forged, indexOf(cell.instance()), cell.column(), cell.row(), change.getValue());
    }
    return forged;
  }

  private int indexOf(TableInstance instance) {
    int index = honest.indexOf(instance);
    if (index < 0) {
      throw new IllegalArgumentException("not of this witness: " + instance);
    }
    return index;
  }

  private Cells altered(TableInstance instance) {
    return new Cells() {
      @Override
      public int height() {
        return instance.height();
      }

      @Override
      public Fr cell(Column column, int row) {
        Fr change = changes.get(new Forger.Cell(instance, column, row));
        return change == null ? instance.cell(column, row) : change;
      }
    };
  }

  /** Counts what a row asks for, once more or once less. */
  private void ask(
      TableInstance instance, RowChecker rows, int row, int times, Map<Forger.Cell, Fr> all) {
    for (Interaction interaction : instance.air().interactions()) {
      if (!interaction.bus().lookup() || interaction.sign() < 0) {
        continue;
      }
      Contribution asked = rows.contribution(interaction, row);
      if (asked.multiplicity().isZero()) {
        continue;
      }
      Fr by = asked.multiplicity().mul(Fr.of(times));
      if (!provide(interaction.bus(), asked.tuple(), by, all) && times > 0) {
        listUsedBytes(interaction.bus(), asked.tuple(), by, all);
      }
    }
  }

  /** Whether somebody provides the tuple, and does so now so many times more. */
  private boolean provide(Bus bus, List<Fr> tuple, Fr by, Map<Forger.Cell, Fr> all) {
    for (Map<List<Fr>, Provided> provider : providersOf(bus)) {
      Provided provided = provider.get(tuple);
      if (provided != null) {
        add(
            new Forger.Cell(
                honest.get(provided.instance), (Column) provided.by.multiplicity(), provided.row),
            by,
            all);
        return true;
      }
    }
    return false;
  }

  private static void add(Forger.Cell cell, Fr by, Map<Forger.Cell, Fr> all) {
    Fr now = all.getOrDefault(cell, cell.instance().cell(cell.column(), cell.row()));
    all.put(cell, now.add(by));
  }

  /** Lists a pair of bytes in a row that was padding, if the tuple is true of it. */
  private void listUsedBytes(Bus bus, List<Fr> tuple, Fr by, Map<Forger.Cell, Fr> all) {
    if (!UsedBytesTable.PROVIDED.contains(bus)) {
      return;
    }
    boolean word = bus == Bus.RANGE16 || bus == Bus.SIGN16;
    Fr number = word ? tuple.get(0) : tuple.get(0).mul(Fr.of(256)).add(tuple.get(1));
    if (number.toBigInteger().bitLength() > 16) {
      return;
    }
    int pair = number.toBigInteger().intValue();
    int both = (pair >> 8) & pair & 0xff;
    List<Fr> truth =
        switch (bus) {
          case RANGE16 -> List.of(number);
          case SIGN16 -> List.of(number, Fr.of(pair >> 15));
          case PAIR -> List.of(Fr.of(pair >> 8), Fr.of(pair & 0xff));
          default -> List.of(Fr.of(pair >> 8), Fr.of(pair & 0xff), Fr.of(both));
        };
    for (TableInstance used : honest) {
      if (!tuple.equals(truth) || !(used.table() instanceof UsedBytesTable)) {
        continue;
      }
      List<Column> columns = used.table().columns(Column.Kind.MAIN);
      for (int row = 0; row < used.height(); row++) {
        int at = row;
        if (columns.stream()
            .allMatch(
                c -> !all.containsKey(new Forger.Cell(used, c, at)) && used.cell(c, at).isZero())) {
          long[] nibbles = {
            pair >> 12,
            pair >> 8 & 0xf,
            pair >> 4 & 0xf,
            pair & 0xf,
            both >> 4,
            both & 0xf,
            pair >> 15
          };
          for (int i = 0; i < nibbles.length; i++) {
            all.put(new Forger.Cell(used, columns.get(i), row), Fr.of(nibbles[i]));
          }
          provide(Bus.NIBBLES, tuple(0, 0, 0), Fr.of(-1), all);
          provide(Bus.TOP_NIBBLES, tuple(0, 0, 0, 0), Fr.of(-1), all);
          provide(Bus.NIBBLES, tuple(nibbles[1], nibbles[3], nibbles[5]), Fr.ONE, all);
          provide(
              Bus.TOP_NIBBLES, tuple(nibbles[0], nibbles[2], nibbles[4], nibbles[6]), Fr.ONE, all);
          for (Interaction provides : used.air().interactions()) {
            if (provides.bus() == bus) {
              add(new Forger.Cell(used, (Column) provides.multiplicity(), row), by, all);
            }
          }
          return;
        }
      }
    }
  }

  private static List<Fr> tuple(long... entries) {
    return Arrays.stream(entries).mapToObj(Fr::of).toList();
  }

  private List<Map<List<Fr>, Provided>> providersOf(Bus bus) {
    List<Map<List<Fr>, Provided>> known = providers.get(bus);
    if (known != null) {
      return known;
    }
    List<Map<List<Fr>, Provided>> found = new ArrayList<>();
    for (int i = 0; i < honest.size(); i++) {
      TableInstance instance = honest.get(i);
      for (Interaction interaction : instance.air().interactions()) {
        if (interaction.bus() == bus && interaction.sign() < 0) {
          Map<List<Fr>, Integer> rows =
              instance.table() instanceof FixedTable
                  ? FIXED.computeIfAbsent(interaction, x -> rows(instance, x))
                  : rows(instance, interaction);
          int index = i;
          Map<List<Fr>, Provided> provided = new HashMap<>();
          rows.forEach((tuple, row) -> provided.put(tuple, new Provided(interaction, index, row)));
          found.add(provided);
        }
      }
    }
    providers.put(bus, found);
    return found;
  }

  private static Map<List<Fr>, Integer> rows(TableInstance instance, Interaction interaction) {
    RowChecker checker = new RowChecker(instance.air(), instance);
    Map<List<Fr>, Integer> rows = new HashMap<>();
    for (int row = 0; row < instance.height(); row++) {
      rows.putIfAbsent(checker.contribution(interaction, row).tuple(), row);
    }
    return rows;
  }
}
