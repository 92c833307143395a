package dev.zkwasm.table;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Table;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Space;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the prover is free to choose: which of the tables that serve an instruction are used, and
 * how the rows of a table are cut into instances. Specialised tables and low instances save work;
 * each of their polynomials costs proof bytes and verification. The exchange rate is {@link
 * #PRICE}.
 *
 * <p>The work is a model: so much per helper, interaction and column of a row, padding rows
 * included.
 */
final class LayoutChoice {
  /** Share of the whole work that a polynomial more must save. */
  private static final double PRICE = 1.0 / 1000;

  /**
   * Work per row, in microseconds of one core: a helper column is committed with full scalars, a
   * main column with short ones, both are transformed four times; what an interaction adds to its
   * helper is its part in the pointwise programs.
   */
  private static final double HELPER = 3;

  private static final double INTERACTION = 0.2;
  private static final double COLUMN = 0.8;

  /**
   * Work for each row of the greatest height: accumulator, quotient and openings are seven sums of
   * points with full scalars, two thirds of what a helper takes each.
   */
  private static final double GREATEST_HEIGHT = 7 * 2.0 / 3 * HELPER;

  /**
   * Cells of an instance at most, if its table may have several. The prover works on an instance at
   * a time, with all its polynomials by coefficients and by values: half a gigabyte each.
   */
  private static final int MAX_CELLS = 1 << 24;

  private final TableSet tables;

  LayoutChoice(TableSet tables) {
    this.tables = tables;
  }

  private double work(Table table) {
    Air air = tables.air(table);
    return HELPER * air.helpers()
        + INTERACTION * air.interactions().size()
        + COLUMN * table.columns(Column.Kind.MAIN).size();
  }

  /** Polynomials that an instance has in a proof. */
  private int polynomials(Table table) {
    long committed = table.columns().stream().filter(c -> c.kind() != Column.Kind.INSTANCE).count();
    return (int) committed + tables.air(table).helpers();
  }

  /**
   * Added to the work of a run before its share is asked for: what a table of all bytes takes. So
   * short runs, whose own work is small, do not buy it down with many polynomials.
   */
  private double fixedWork() {
    return work(tables.bytes()) * BytesTable.HEIGHT;
  }

  /**
   * Whether a table of the used pairs of bytes is cheaper than the one of all.
   *
   * @param rows how many pairs are used
   */
  boolean listsUsedBytes(int rows) {
    int height = heights(tables.usedBytes(), rows, Map.of()).stream().mapToInt(h -> h).sum();
    return work(tables.usedBytes()) * height + work(tables.nibbles()) * NibblesTable.HEIGHT
        < fixedWork();
  }

  /**
   * The greatest height of an instance of the used pairs of bytes. They come last and would often
   * be higher than all other tables; then more instances may be cheaper than what the proof does at
   * its greatest height.
   *
   * @param rows how many pairs are used
   * @param highest the greatest height of the other tables
   */
  int heightOfUsedBytes(int rows, int highest) {
    int height = TableInstance.heightFor(rows);
    double instance = PRICE * fixedWork() * polynomials(tables.usedBytes());
    while (height > highest
        && GREATEST_HEIGHT * (height - Math.max(highest, height / 2))
            > instance * Math.ceilDiv(rows, height)) {
      height /= 2;
    }
    return Math.min(maximumHeight(tables.usedBytes()), height);
  }

  /**
   * The tables that a run had better do without: others serve their rows, at a cost that is below
   * the price of their polynomials.
   */
  Set<InstructionTable> withoutTables(ExecutionTrace trace) {
    Map<List<InstructionTable>, int[]> rows = rowsByTables(trace);
    Set<InstructionTable> without = new HashSet<>();
    double price = PRICE * (fixedWork() + workWithout(rows, without));
    while (true) {
      double least = workWithout(rows, without) + price * polynomialsWithout(rows, without);
      @Nullable InstructionTable worst = null;
      for (InstructionTable table : used(rows, without)) {
        Set<InstructionTable> more = new HashSet<>(without);
        more.add(table);
        if (rows.keySet().stream().allMatch(some -> !more.containsAll(some))) {
          double cost = workWithout(rows, more) + price * polynomialsWithout(rows, more);
          if (cost < least) {
            least = cost;
            worst = table;
          }
        }
      }
      if (worst == null) {
        return without;
      }
      without.add(worst);
    }
  }

  private static Set<InstructionTable> used(
      Map<List<InstructionTable>, int[]> rows, Set<InstructionTable> without) {
    Set<InstructionTable> used = new HashSet<>();
    rows.keySet().forEach(some -> used.add(first(some, without)));
    return used;
  }

  private static InstructionTable first(
      List<InstructionTable> some, Set<InstructionTable> without) {
    return some.stream().filter(t -> !without.contains(t)).findFirst().orElseThrow();
  }

  private double workWithout(
      Map<List<InstructionTable>, int[]> rows, Set<InstructionTable> without) {
    double sum = 0;
    for (Map.Entry<List<InstructionTable>, int[]> entry : rows.entrySet()) {
      sum += work(first(entry.getKey(), without)) * entry.getValue()[0];
    }
    return sum;
  }

  private int polynomialsWithout(
      Map<List<InstructionTable>, int[]> rows, Set<InstructionTable> without) {
    return used(rows, without).stream().mapToInt(this::polynomials).sum();
  }

  /** For each combination of tables that serve a step, in order of preference, the steps. */
  private Map<List<InstructionTable>, int[]> rowsByTables(ExecutionTrace trace) {
    Map<List<InstructionTable>, int[]> rows = new IdentityHashMap<>();
    CellMemory registers = new CellMemory();
    Step step = new Step(trace, registers, (space, address, value, last, at) -> {});
    while (step.advance()) {
      rows.computeIfAbsent(tables.tablesFor(step), k -> new int[1])[0]++;
      int written = step.instruction().destination();
      if (written >= 0) {
        // Times are of no interest here.
        registers.put(Space.REGISTER, step.register(written), step.result(), 1);
      }
    }
    return rows;
  }

  /** The greatest height of an instance of a table that may have several. */
  int maximumHeight(Table table) {
    return Integer.highestOneBit(MAX_CELLS / polynomials(table));
  }

  /**
   * Heights of the instances for the rows of a table, descending: one, cut in two as long as that
   * saves more than the further instance costs.
   *
   * @param rows rows by table, of all tables of the proof with rows of their own
   */
  List<Integer> heights(Table table, int count, Map<Table, Rows> rows) {
    double whole = fixedWork();
    for (Map.Entry<Table, Rows> entry : rows.entrySet()) {
      whole += work(entry.getKey()) * entry.getValue().count();
    }
    double least = PRICE * whole * polynomials(table);
    List<Integer> heights = new ArrayList<>();
    int rest = count;
    while (rest > 0) {
      int height = TableInstance.heightFor(rest);
      int half = height / 2;
      int saved = rest <= half ? 0 : half - TableInstance.heightFor(rest - half);
      boolean cut = half >= TableInstance.MIN_HEIGHT && saved * work(table) >= least && saved > 0;
      int taken = cut ? half : height;
      heights.add(taken);
      rest -= taken;
    }
    return heights;
  }
}
