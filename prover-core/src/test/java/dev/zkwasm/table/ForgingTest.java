package dev.zkwasm.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.Table;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.field.Fr;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Every committed cell of honest witnesses is altered: in active rows of every kind and in a
 * padding row, to several values. Some constraint or bus must object, unless the cell is listed
 * here as free, with the reason.
 */
class ForgingTest {
  private static final Fr TWO_16 = Fr.of(1 << 16);

  /** Provider tables are high and all their rows alike: so many rows of each are forged. */
  private static final int ROWS_OF_PROVIDERS = 40;

  /** Rows forged per run, table and combination of bits. */
  private static final int ROWS_ALIKE = 3;

  /** Random pairs of cells altered at once, per row. */
  private static final int PAIRS = 60;

  /**
   * Cells that may vary.
   *
   * @param table its table
   * @param columns what its columns begin with; empty for all
   * @param where in which rows
   * @param reason why this harms nobody
   */
  private record Free(String table, List<String> columns, Predicate<Row> where, String reason) {
    boolean covers(Row row, Column column) {
      return row.instance.table().name().equals(table)
          && (columns.isEmpty() || columns.stream().anyMatch(column.name()::startsWith))
          && where.test(row);
    }
  }

  record Row(TableInstance instance, int row) {
    boolean is(String column) {
      Column of =
          instance.table().columns().stream()
              .filter(c -> c.name().equals(column))
              .findFirst()
              .orElseThrow();
      return !instance.cell(of, row).isZero();
    }
  }

  private static final List<Free> FREE = free();

  private static List<Free> free() {
    List<Free> free = new ArrayList<>();
    for (Table table : TableSet.STANDARD.tables()) {
      if (hasPadding(table)) {
        free.add(
            new Free(
                table.name(),
                List.of(),
                r -> !r.is("active"),
                "a padding row has multiplicity 0 everywhere"));
      }
    }
    String unread = "the access is not made: its multiplicity is 0";
    for (String table :
        List.of("alu", "cmp32", "cmp", "bit", "mul", "div", "mem", "memG", "memB", "memX")) {
      free.add(new Free(table, List.of("bPrevious"), r -> !r.is("bReg"), unread));
    }
    for (String table : List.of("cmp32", "cmp")) {
      free.add(
          new Free(
              table,
              List.of("dOldLo", "dOldHi", "dPrevious"),
              r -> r.is("branch") && !r.is("keep") && !r.is("put"),
              unread));
    }
    free.add(
        new Free("bit", List.of("dOldLo", "dOldHi", "dPrevious"), r -> r.is("branch"), unread));
    for (String table : List.of("brSumK", "brSumR")) {
      free.add(new Free(table, List.of("kept"), r -> !r.is("keep"), unread));
    }
    for (String table : List.of("mem", "memG", "memB", "memX")) {
      free.add(new Free(table, List.of("aPrevious"), r -> !r.is("aReg"), unread));
    }
    free.add(
        new Free(
            "move",
            List.of("sourcePrevious"),
            r -> !r.is("fromRegister") && !r.is("fromGlobal"),
            unread));
    free.add(new Free("flow", List.of("old", "new", "cell"), r -> r.is("jump"), unread));
    free.add(new Free("flow", List.of("room"), r -> !r.is("call"), "only a call needs room"));
    free.add(new Free("host", List.of("aLo", "aHi", "aPrevious"), r -> r.is("argument"), unread));
    free.add(new Free("host", List.of("old", "new", "targetP"), r -> r.is("result"), unread));
    free.add(new Free("exit", List.of("aPrevious"), r -> !r.is("code") && !r.is("aReg"), unread));
    free.add(
        new Free(
            "image",
            List.of("final", "time"),
            r -> !r.is("opened"),
            "the cell is not opened: its multiplicity is 0"));
    free.add(
        new Free(
            "private",
            List.of("limb"),
            r -> !r.is("multiplicity"),
            "a word that the run does not read may be any"));
    free.add(
        new Free(
            "usedBytes",
            List.of("x", "y", "both", "sign"),
            r ->
                !r.is("range16Multiplicity")
                    && !r.is("sign16Multiplicity")
                    && !r.is("pairMultiplicity")
                    && !r.is("andMultiplicity"),
            "a row that nobody asks for may hold any nibbles"));
    return free;
  }

  @Test
  void everyCellIsBound() {
    Map<String, Integer> altered = new LinkedHashMap<>();
    Map<String, Integer> paired = new TreeMap<>();
    Map<String, Integer> accepted = new TreeMap<>();
    TableSet.STANDARD.tables().forEach(t -> altered.put(t.name(), 0));
    Set<Free> used = new LinkedHashSet<>();
    List<String> unbound = new ArrayList<>();
    Random random = new Random(7);
    Map<String, Witness> witnesses = new LinkedHashMap<>();
    Programs.all()
        .forEach((name, run) -> witnesses.put(name, WitnessBuilder.build(TableSet.STANDARD, run)));
    witnesses.put(
        "with all bytes",
        WitnessBuilder.buildWithAllBytes(TableSet.STANDARD, Programs.fibonacci(3)));
    for (Map.Entry<String, Witness> run : witnesses.entrySet()) {
      Forger forger = new Forger(run.getValue());
      for (TableInstance instance : forger.witness().instances()) {
        String table = instance.table().name();
        for (int row : rows(instance)) {
          List<Column> bound = new ArrayList<>();
          for (Column column : instance.table().columns(Column.Kind.MAIN)) {
            Free free = freeRule(new Row(instance, row), column);
            if (free == null) {
              bound.add(column);
            }
            for (Fr value : otherValues(instance, column, row, random)) {
              Map<Forger.Cell, Fr> change = Map.of(new Forger.Cell(instance, column, row), value);
              altered.merge(table, 1, Integer::sum);
              if (unnoticed(forger, instance, change)) {
                accepted.merge(table, 1, Integer::sum);
                if (free == null) {
                  unbound.add(
                      "%s: %s row %d, %s: %s for %s"
                          .formatted(
                              run.getKey(), table, row, column, value, instance.cell(column, row)));
                } else {
                  used.add(free);
                }
              }
            }
          }
          for (int i = 0;
              i < PAIRS && bound.size() > 1 && !(instance.table() instanceof FixedTable);
              i++) {
            Map<Forger.Cell, Fr> change = randomPair(instance, row, bound, random);
            paired.merge(table, 1, Integer::sum);
            if (unnoticed(forger, instance, change)) {
              unbound.add(run.getKey() + ": " + table + " row " + row + ", " + change.values());
            }
          }
        }
      }
    }
    altered.forEach(
        (table, count) ->
            System.out.printf(
                "%-9s %7d cells altered, %6d of them free; %6d pairs%n",
                table, count, accepted.getOrDefault(table, 0), paired.getOrDefault(table, 0)));
    System.out.printf(
        "assurance: %d cells altered one by one, %d of them listed as free; %d pairs of cells%n",
        sum(altered), sum(accepted), sum(paired));
    assertEquals(List.of(), unbound.stream().limit(20).toList(), "cells that nothing binds");
    altered.forEach((table, count) -> assertTrue(count > 0, "nothing forged in " + table));
    List<String> unused =
        FREE.stream().filter(f -> !used.contains(f)).map(f -> f.table + " " + f.columns).toList();
    assertEquals(List.of(), unused, "cells listed as free that are not");
  }

  private static int sum(Map<String, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * Whether nobody objects. In an instruction table the row itself must: a bus alone would not,
   * once the rows that take the altered value are altered too.
   */
  private static boolean unnoticed(
      Forger forger, TableInstance instance, Map<Forger.Cell, Fr> change) {
    return instance.table() instanceof InstructionTable
        ? forger.localObjections(change).isEmpty()
        : forger.objections(change).isEmpty();
  }

  /** Whether a cell is listed as free. */
  static boolean isFree(TableInstance instance, int row, Column column) {
    return freeRule(new Row(instance, row), column) != null;
  }

  /** The columns whose cells in a row are listed as free. */
  static Set<Column> free(TableInstance instance, int row) {
    return instance.table().columns(Column.Kind.MAIN).stream()
        .filter(c -> isFree(instance, row, c))
        .collect(Collectors.toSet());
  }

  private static @Nullable Free freeRule(Row row, Column column) {
    return FREE.stream().filter(f -> f.covers(row, column)).findFirst().orElse(null);
  }

  /**
   * Active rows, at most {@link #ROWS_ALIKE} of those that agree in all their bits, and one padding
   * row; of tables that provide, some rows.
   */
  static List<Integer> rows(TableInstance instance) {
    Table table = instance.table();
    boolean flagged = hasPadding(table);
    List<Column> bits =
        table.columns(Column.Kind.MAIN).stream().filter(c -> c.width() == Width.BIT).toList();
    Map<List<Fr>, Integer> alike = new HashMap<>();
    List<Integer> rows = new ArrayList<>();
    for (int i = 0; i < instance.height(); i++) {
      int row = i;
      if (flagged) {
        List<Fr> kind = bits.stream().map(c -> instance.cell(c, row)).toList();
        boolean padding = kind.getFirst().isZero();
        if (alike.merge(kind, 1, Integer::sum) <= (padding ? 1 : ROWS_ALIKE)) {
          rows.add(row);
        }
      } else if (instance.height() <= ROWS_OF_PROVIDERS
          || row % (instance.height() / ROWS_OF_PROVIDERS) == 0) {
        rows.add(row);
      }
    }
    return rows;
  }

  /** Whether the first column tells active rows from padding. */
  private static boolean hasPadding(Table table) {
    return table.columns(Column.Kind.MAIN).getFirst().name().equals("active");
  }

  /** Values that a cell does not have: near ones, edges, a random one, one of another row. */
  static List<Fr> otherValues(TableInstance instance, Column column, int row, Random random) {
    Fr value = instance.cell(column, row);
    Set<Fr> values = new LinkedHashSet<>();
    values.add(value.add(Fr.ONE));
    values.add(value.sub(Fr.ONE));
    values.add(Fr.ZERO);
    values.add(Fr.ONE);
    values.add(Fr.of(2));
    values.add(Fr.of(-1));
    values.add(value.add(TWO_16));
    values.add(value.sub(TWO_16));
    values.add(Fr.of(new BigInteger(253, random)));
    IntStream.range(1, instance.height())
        .mapToObj(i -> instance.cell(column, (row + i) & (instance.height() - 1)))
        .filter(v -> !v.equals(value))
        .findFirst()
        .ifPresent(values::add);
    values.remove(value);
    return List.copyOf(values);
  }

  /**
   * Two cells of a row shifted such that a sum with weights 1, 2^8, 2^16 or 2^32 may stay the same.
   */
  private static Map<Forger.Cell, Fr> randomPair(
      TableInstance instance, int row, List<Column> columns, Random random) {
    int first = random.nextInt(columns.size());
    int second = (first + 1 + random.nextInt(columns.size() - 1)) % columns.size();
    int[] shifts = {0, 0, 8, 16, 32};
    Fr small = Fr.of(random.nextBoolean() ? 1 : -1);
    Fr large = Fr.of(1L << shifts[random.nextInt(shifts.length)]);
    if (random.nextBoolean()) {
      large = large.negate();
    }
    Map<Forger.Cell, Fr> change = new HashMap<>();
    Column a = columns.get(first);
    Column b = columns.get(second);
    change.put(new Forger.Cell(instance, a, row), instance.cell(a, row).add(small));
    change.put(new Forger.Cell(instance, b, row), instance.cell(b, row).add(large));
    return change;
  }
}
