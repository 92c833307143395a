package dev.zkwasm.exec;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Table;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Program;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.poly.TypedVector;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.Witness;
import dev.zkwasm.table.WitnessBuilder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a value bus would save: a step would publish its result as (value, time), and a later step
 * of the same extended basic block, a known number of steps away, would take it from there. A read
 * is then one interaction instead of three and needs no earlier time; a result that is read nowhere
 * else needs no write, of three interactions and three columns; to publish costs an interaction and
 * a column, the multiplicity. Costs are those of {@code docs/guides/layout.md}.
 *
 * <p>Prints what there is to save if each step had the table that fits it, which is a bound, and
 * what is saved with so many tables as there are. Which results are published is chosen knowing the
 * run, which a lowering does not: no real design gets as far. {@code BusProfile module.wasm export
 * [argument...] [<input]}.
 */
public final class BusProfile {
  private static final double INTERACTION = 3;
  private static final double COLUMN = 0.7;

  /** Share of the work that a polynomial must save, as for the choice of tables. */
  private static final double PRICE = 1.0 / 1000;

  /** A definition is not published; published and written; published only. */
  private static final int MODES = 3;

  /** Kinds of rows: operand a, operand b from the bus or not, and the mode of the result. */
  private static final int KINDS = 2 * 2 * MODES;

  /** Steps with one pc that are rows of one table. */
  private record Steps(int table, long count) {}

  private final Program program;
  private final List<Air> tables = new ArrayList<>();

  /** By pc. */
  private final List<List<Steps>> executed = new ArrayList<>();

  private final Dataflow.@Nullable Definition[] definitions;

  /** By pc and operand: pc of the result that is read, if it is of the same block; else 0. */
  private final int[][] source;

  private final int[] mode;

  /** By table and kind of row: whether there is such a table. */
  private final boolean[] missing;

  private double rowsWork;
  private double wholeWork;
  private double cells;
  private double interactions;
  private int polynomials;

  private BusProfile(Program program, Witness witness) {
    this.program = program;
    int size = program.code().size() + 1;
    for (int pc = 0; pc < size; pc++) {
      executed.add(new ArrayList<>(1));
    }
    for (TableInstance instance : witness.instances()) {
      add(instance);
    }
    definitions = new Dataflow.Definition[size];
    source = new int[size][2];
    mode = new int[size];
    missing = new boolean[tables.size() * KINDS];
    for (Dataflow.Definition definition : new Dataflow(program).definitions()) {
      if (!executed.get(definition.pc()).isEmpty()) {
        definitions[definition.pc()] = definition;
        definition.reads().forEach(r -> source[r.pc()][r.operand()] = definition.pc());
      }
    }
  }

  public static void main(String[] args) throws IOException {
    Program program = Lowering.lower(Files.readAllBytes(Path.of(args[0]))).program();
    Call call = RowProfile.call(program, List.of(args).subList(1, args.length));
    ExecutionTrace trace = Executor.execute(program, call, Limits.DEFAULT, Progress.NONE);
    Witness witness =
        WitnessBuilder.buildCompact(
            TableSet.STANDARD, trace, WitnessBuilder.DEFAULT_MAXIMUM_HEIGHT);
    new BusProfile(program, witness).print(System.out);
  }

  private static double work(Air air) {
    return INTERACTION * air.interactions().size()
        + COLUMN * air.table().columns(Column.Kind.MAIN).size();
  }

  private void add(TableInstance instance) {
    Air air = instance.air();
    wholeWork += work(air) * instance.height();
    interactions += (double) air.interactions().size() * instance.height();
    cells +=
        (double) (air.table().columns(Column.Kind.MAIN).size() + air.helpers()) * instance.height();
    polynomials +=
        (int) air.table().columns().stream().filter(c -> c.kind() != Column.Kind.INSTANCE).count()
            + air.helpers();
    if (air.table().role() != Table.Role.INSTRUCTION) {
      return;
    }
    if (!tables.contains(air)) {
      tables.add(air);
    }
    int table = tables.indexOf(air);
    long[] counts = new long[program.code().size() + 1];
    TypedVector.Integers active = column(instance, "active");
    TypedVector.Integers pc = column(instance, "pc");
    for (int row = 0; row < instance.height(); row++) {
      counts[(int) pc.getLong(row)] += active.getLong(row);
    }
    for (int at = 1; at < counts.length; at++) {
      if (counts[at] > 0) {
        executed.get(at).add(new Steps(table, counts[at]));
        rowsWork += counts[at] * work(air);
      }
    }
  }

  private static TypedVector.Integers column(TableInstance instance, String name) {
    List<Column> columns = instance.table().columns(Column.Kind.MAIN);
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).toString().equals(name)) {
        return (TypedVector.Integers) instance.main().get(i);
      }
    }
    throw new IllegalArgumentException(instance.table() + " has no column " + name);
  }

  // ---- model

  /** The kind of the rows of a pc, given what is published. */
  private int kind(int pc) {
    int a = mode[source[pc][0]] > 0 ? 1 : 0;
    int b = mode[source[pc][1]] > 0 ? 1 : 0;
    return (a * 2 + b) * MODES + mode[pc];
  }

  /** Interactions (0) and columns (1) that a row of a kind has more than a row of the table now. */
  private int[] more(int table, int kind) {
    int operands = kind / (2 * MODES) + kind / MODES % 2;
    int result = kind % MODES;
    int publish = result > 0 ? 1 : 0;
    if (tables.get(table).table().name().equals("inc")) {
      // One access reads and writes; from the bus, the result alone is written, or not even that.
      return operands == 0
          ? new int[] {publish, publish}
          : result == 2 ? new int[] {-1, 0} : new int[] {1 + publish, 1 + publish};
    }
    int written = result == 2 ? 3 : 0;
    return new int[] {publish - 2 * operands - written, publish - operands - written};
  }

  private double saved(int table, int kind) {
    int[] more = more(table, kind);
    return -INTERACTION * more[0] - COLUMN * more[1];
  }

  /** Microseconds saved in all rows of a pc; those without a table count as a great loss. */
  private double saved(int pc) {
    int kind = kind(pc);
    double sum = 0;
    for (Steps steps : executed.get(pc)) {
      boolean none = missing[steps.table * KINDS + kind];
      int buses = kind / (2 * MODES) + kind / MODES % 2 + (kind % MODES > 0 ? 1 : 0);
      sum += steps.count * (none ? -1000.0 * buses : saved(steps.table, kind));
    }
    return sum;
  }

  /** Chooses what is published, one result after the other until nothing changes. */
  private void choose() {
    boolean changed = true;
    for (int round = 0; changed && round < 20; round++) {
      changed = false;
      for (Dataflow.Definition definition : definitions) {
        changed |= definition != null && choose(definition);
      }
    }
  }

  private boolean choose(Dataflow.Definition definition) {
    int pc = definition.pc();
    int before = mode[pc];
    double most = Double.NEGATIVE_INFINITY;
    int best = 0;
    for (int candidate = 0; candidate < (definition.dies() ? MODES : MODES - 1); candidate++) {
      mode[pc] = candidate;
      double sum = saved(pc);
      for (Dataflow.Read read : definition.reads()) {
        sum += saved(read.pc());
      }
      if (sum > most + 1e-6) {
        most = sum;
        best = candidate;
      }
    }
    mode[pc] = best;
    return best != before;
  }

  /** Publishes nothing that would need a row without a table. */
  private void withdraw() {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int pc = 1; pc < executed.size(); pc++) {
        int kind = kind(pc);
        if (kind > 0 && executed.get(pc).stream().anyMatch(s -> missing[s.table * KINDS + kind])) {
          mode[pc] = 0;
          mode[source[pc][0]] = 0;
          mode[source[pc][1]] = 0;
          changed = true;
        }
      }
    }
  }

  /** Microseconds saved, and rows, by table and kind of row. */
  private record Use(int index, long rows, double saved) {}

  private List<Use> uses() {
    long[] rows = new long[missing.length];
    for (int pc = 1; pc < executed.size(); pc++) {
      int kind = kind(pc);
      executed.get(pc).forEach(s -> rows[s.table * KINDS + kind] += s.count);
    }
    List<Use> uses = new ArrayList<>();
    for (int i = 0; i < rows.length; i++) {
      if (i % KINDS > 0 && rows[i] > 0) {
        uses.add(new Use(i, rows[i], rows[i] * saved(i / KINDS, i % KINDS)));
      }
    }
    return uses;
  }

  private int polynomials(Use use) {
    int[] more = more(use.index / KINDS, use.index % KINDS);
    Air air = tables.get(use.index / KINDS);
    int interactions = air.interactions().size() + more[0];
    return air.table().columns(Column.Kind.MAIN).size() + more[1] + Math.ceilDiv(interactions, 3);
  }

  // ---- print

  private void print(PrintStream out) {
    out.printf(
        Locale.ROOT,
        "work of the rows %.2f s, with padding and other tables %.2f s; %.1f M cells, %.1f M"
            + " interactions, %d polynomials%n",
        rowsWork / 1e6,
        wholeWork / 1e6,
        cells / 1e6,
        interactions / 1e6,
        polynomials);
    out.printf(
        "%-8s %9s %9s %9s %9s %9s%n", "table", "rows", "reads", "in block", "results", "die");
    for (int table = 0; table < tables.size(); table++) {
      int only = table;
      out.printf(
          "%-8s %9d %9d %9d %9d %9d%n",
          tables.get(table).table(),
          count(only, pc -> true),
          count(only, pc -> reads(pc, 0)) + count(only, pc -> reads(pc, 1)),
          count(only, pc -> source[pc][0] > 0) + count(only, pc -> source[pc][1] > 0),
          count(only, pc -> definitions[pc] != null),
          count(only, this::dies));
    }
    printSavings(out);
  }

  private boolean reads(int pc, int operand) {
    return Dataflow.reads(program.at(pc))[operand] >= 0;
  }

  private boolean dies(int pc) {
    Dataflow.Definition definition = definitions[pc];
    return definition != null && definition.dies();
  }

  private long count(int table, IntPredicate which) {
    return IntStream.range(1, executed.size())
        .filter(which)
        .boxed()
        .flatMap(pc -> executed.get(pc).stream())
        .filter(s -> s.table == table)
        .mapToLong(Steps::count)
        .sum();
  }

  /** Takes a quarter of the tables away, those of the fewest rows, and so on. */
  private void printSavings(PrintStream out) {
    choose();
    double best = 0;
    String bestText = "no table at all";
    for (List<Use> uses = uses(); !uses.isEmpty(); uses = uses()) {
      double saved = uses.stream().mapToDouble(Use::saved).sum();
      int more = uses.stream().mapToInt(this::polynomials).sum();
      String text =
          String.format(
              Locale.ROOT,
              "%d tables, %d polynomials more: %.2f s, %.1f %% of the rows' work, %.1f %% of all",
              uses.size(),
              more,
              saved / 1e6,
              100 * saved / rowsWork,
              100 * saved / wholeWork);
      out.println(text);
      if (saved - PRICE * wholeWork * more > best) {
        best = saved - PRICE * wholeWork * more;
        bestText = text;
      }
      uses.stream()
          .sorted(Comparator.comparingLong(Use::rows))
          .limit(Math.ceilDiv(uses.size(), 4))
          .forEach(use -> missing[use.index] = true);
      withdraw();
      choose();
    }
    out.println("worth their polynomials: " + bestText);
  }
}
