package dev.zkwasm.table;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Interaction;
import dev.zkwasm.air.Table;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.bus.VerifierTerms;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.ImageCell;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.poly.TypedVector;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fills the tables from a trace: one pass over the steps with a model of all cells, then the
 * boundary, then the multiplicities of the lookups. Results, addresses and reads are recomputed,
 * and a trace that contradicts them is refused.
 */
public final class WitnessBuilder {
  /**
   * Greatest height of an instance unless told otherwise: the prover has a dozen vectors as long as
   * the highest table, and higher ones make proofs hardly shorter.
   */
  public static final int DEFAULT_MAXIMUM_HEIGHT = 1 << 19;

  private final TableSet tables;
  private final ExecutionTrace trace;
  private final Program program;
  private final int maximumHeight;
  private final boolean allBytes;
  private final LayoutChoice choice;
  private final Set<InstructionTable> without;

  /** Which of the tables that serve a step is used; its keys are what {@link TableSet} gives. */
  private final Map<List<InstructionTable>, InstructionTable> chosen = new IdentityHashMap<>();

  private final CellMemory cells = new CellMemory();

  private WitnessBuilder(
      TableSet tables,
      ExecutionTrace trace,
      int maximumHeight,
      boolean everyTable,
      boolean allBytes) {
    if (maximumHeight < TableInstance.MIN_HEIGHT || Integer.bitCount(maximumHeight) != 1) {
      throw new IllegalArgumentException("no table can have height " + maximumHeight);
    }
    this.tables = tables;
    this.trace = trace;
    this.program = trace.program();
    this.maximumHeight = maximumHeight;
    this.allBytes = allBytes;
    this.choice = new LayoutChoice(tables);
    this.without = everyTable ? Set.of() : choice.withoutTables(trace);
  }

  /** Fills with {@link #DEFAULT_MAXIMUM_HEIGHT}. */
  public static Witness build(TableSet tables, ExecutionTrace trace) {
    return build(tables, trace, DEFAULT_MAXIMUM_HEIGHT);
  }

  /**
   * Fills the tables, each step in the most special one that serves it, however few such steps are.
   *
   * @param tables the tables
   * @param trace a complete run
   * @param maximumHeight a power of two; an instruction table with more rows gets several
   *     instances, as does one whose rows would leave much of a high instance empty, and a wide one
   *     before it is so high
   * @throws InvalidTraceException if the trace contradicts its program or itself
   */
  public static Witness build(TableSet tables, ExecutionTrace trace, int maximumHeight) {
    return new WitnessBuilder(tables, trace, maximumHeight, true, false).build();
  }

  /** The same with the table of all bytes, however few of them are used: for tests. */
  static Witness buildWithAllBytes(TableSet tables, ExecutionTrace trace) {
    return new WitnessBuilder(tables, trace, DEFAULT_MAXIMUM_HEIGHT, true, true).build();
  }

  /**
   * The same without the special tables that would serve few steps only: they save less than they
   * add to the proof.
   */
  public static Witness buildCompact(TableSet tables, ExecutionTrace trace, int maximumHeight) {
    return new WitnessBuilder(tables, trace, maximumHeight, false, false).build();
  }

  private Witness build() {
    ProgramColumns programColumns = ProgramColumns.of(program);
    int entryPc = checkStart();
    for (ImageCell cell : program.image()) {
      cells.put(cell.space(), cell.address(), cell.value(), 0);
    }
    Map<Table, Rows> filled = fillInstructions();
    ImageKeys keys = new ImageKeys(program);
    tables.boundary().fill(start(filled, tables.boundary()), cells, keys);
    tables.image().fill(start(filled, tables.image()), cells, program);

    LookupCounter lookups = lookups(keys);
    Map<Table, List<List<TypedVector>>> main = new IdentityHashMap<>();
    Map<Table, Rows> all = Map.copyOf(filled);
    all.forEach((table, rows) -> finish(main, lookups, table, rows, all));
    if (lookups.asked(Bus.PRIVATE)) {
      InputWords words = new InputWords("private", trace.call().privateInput());
      Rows rows = start(filled, tables.privateWords());
      tables.privateWords().fill(rows, words);
      finish(main, lookups, tables.privateWords(), rows, all);
    }
    int usedBytes = lookups.rowsAsked(UsedBytesTable.PROVIDED);
    if (!allBytes && choice.listsUsedBytes(usedBytes)) {
      int highest =
          main.values().stream().mapToInt(of -> of.getFirst().getFirst().size()).max().orElse(0);
      Rows rows = start(filled, tables.usedBytes(), choice.heightOfUsedBytes(usedBytes, highest));
      tables.usedBytes().fill(rows, lookups);
      finish(main, lookups, tables.usedBytes(), rows, all);
    }

    List<TableInstance> instances = new ArrayList<>();
    for (Air air : tables.airs()) {
      Table table = air.table();
      List<TypedVector> fixed =
          table instanceof FixedTable fixedTable ? fixedTable.fixedColumns() : List.of();
      List<TypedVector> instance =
          table == tables.publicWords() ? PublicColumns.of(trace.call().publicInput()) : List.of();
      for (List<TypedVector> columns : mainColumns(air, main.get(table), lookups)) {
        instances.add(
            new TableInstance(
                air,
                columns.getFirst().size(),
                fixed,
                programColumns.of(table),
                columns,
                instance));
      }
    }
    return new Witness(
        instances,
        VerifierTerms.of(
            entryPc,
            program.initialMemoryPages(),
            trace.call().arguments(),
            trace.exit(),
            trace.results(),
            trace.output(),
            trace.steps()));
  }

  /** Checks that the trace begins where the call does; returns the entry. */
  private int checkStart() {
    Call call = trace.call();
    Program.Export export =
        program
            .export(call.export())
            .orElseThrow(
                () ->
                    new InvalidTraceException("the program has no export '" + call.export() + "'"));
    List<ValueType> types = call.arguments().stream().map(Value::type).toList();
    if (!types.equals(export.parameters())) {
      throw new InvalidTraceException(
          "export '"
              + export.name()
              + "' takes "
              + export.parameters()
              + ", the call has "
              + types);
    }
    if (trace.steps() == 0) {
      throw new InvalidTraceException("the trace has no steps");
    }
    if (trace.pc(0) != export.entryPc()
        || trace.fp(0) != Program.FRAME_BASE
        || trace.pages(0) != program.initialMemoryPages()) {
      throw new InvalidTraceException(
          "the trace begins with pc %d, fp %d, %d pages, not with pc %d, fp %d, %d pages"
              .formatted(
                  trace.pc(0),
                  trace.fp(0),
                  trace.pages(0),
                  export.entryPc(),
                  Program.FRAME_BASE,
                  program.initialMemoryPages()));
    }
    return export.entryPc();
  }

  private Map<Table, Rows> fillInstructions() {
    Map<Table, Rows> filled = new IdentityHashMap<>();
    TouchTable touch = tables.touch();
    Step step =
        new Step(
            trace,
            cells,
            (space, address, value, last, at) ->
                touch.fill(addRow(filled, touch), space, address, value, last, at));
    while (step.advance()) {
      InstructionTable table = tableFor(step);
      table.fill(addRow(filled, table), step);
      step.checkSuccessor();
    }
    return filled;
  }

  private InstructionTable tableFor(Step step) {
    return chosen.computeIfAbsent(tables.tablesFor(step), this::choose);
  }

  private InstructionTable choose(List<InstructionTable> serving) {
    return serving.stream()
        .filter(table -> !without.contains(table))
        .findFirst()
        .orElse(serving.getLast());
  }

  private Rows addRow(Map<Table, Rows> filled, Table table) {
    Rows rows = filled.get(table);
    if (rows == null) {
      rows = start(filled, table);
    }
    rows.add();
    return rows;
  }

  private Rows start(Map<Table, Rows> filled, Table table) {
    return start(filled, table, splits(table) ? choice.maximumHeight(table) : 1 << 30);
  }

  private Rows start(Map<Table, Rows> filled, Table table, int limit) {
    Rows rows = new Rows(tables.air(table), splits(table) ? Math.min(maximumHeight, limit) : limit);
    filled.put(table, rows);
    return rows;
  }

  /** Whether a table may have several instances. */
  private static boolean splits(Table table) {
    return table.role() == Table.Role.INSTRUCTION || table.role() == Table.Role.AUXILIARY;
  }

  /** Cuts the rows of a table into instances and counts what they ask. */
  private void finish(
      Map<Table, List<List<TypedVector>>> main,
      LookupCounter lookups,
      Table table,
      Rows rows,
      Map<Table, Rows> all) {
    if (rows.count() == 0) {
      rows.add();
    }
    List<List<TypedVector>> columns =
        rows.finish(
            rest ->
                splits(table)
                    ? choice.heights(table, rest, all)
                    : List.of(TableInstance.heightFor(rest)));
    main.put(table, columns);
    for (List<TypedVector> instance : columns) {
      lookups.count(tables.air(table), instance);
    }
  }

  private LookupCounter lookups(ImageKeys keys) {
    LookupCounter lookups = new LookupCounter();
    lookups.provide(Bus.PROGRAM, ProgramTable.height(program), pc -> pc - 1, 1);
    lookups.provide(Bus.RANGE16, BytesTable.HEIGHT, 1);
    lookups.provide(Bus.SIGN16, BytesTable.HEIGHT, 1);
    lookups.provide(Bus.PAIR, BytesTable.HEIGHT, 256, 1);
    lookups.provide(Bus.AND, BytesTable.HEIGHT, 256, 1);
    lookups.provide(Bus.NIBBLES, NibblesTable.HEIGHT, 16, 1);
    lookups.provide(Bus.TOP_NIBBLES, NibblesTable.HEIGHT, 16, 1);
    lookups.provide(Bus.POWER, PowersTable.HEIGHT, 1, 256, 512);
    lookups.provide(Bus.GAP, ImageTable.height(program), keys::gapAbove, 1);
    lookups.provide(Bus.PUBLIC, PublicColumns.height(trace.call().publicInput()), 1);
    lookups.provide(
        Bus.PRIVATE, new InputWords("private", trace.call().privateInput()).height(), 1);
    return lookups;
  }

  /**
   * The main columns of the instances of a table, multiplicities included.
   *
   * @param filled its filled columns, if it has rows of its own
   */
  private static List<List<TypedVector>> mainColumns(
      Air air, @Nullable List<List<TypedVector>> filled, LookupCounter lookups) {
    Map<Column, Bus> provided = new LinkedHashMap<>();
    for (Interaction interaction : air.interactions()) {
      if (interaction.bus().lookup() && interaction.sign() < 0) {
        provided.put((Column) interaction.multiplicity(), interaction.bus());
      }
    }
    // Auxiliary tables fill their own multiplicities.
    if (provided.isEmpty() || air.table().role() == Table.Role.AUXILIARY) {
      return filled == null ? List.of() : filled;
    }
    boolean optional =
        air.table().role() == Table.Role.FIXED || air.table().role() == Table.Role.OPTIONAL;
    if (optional && provided.values().stream().noneMatch(lookups::asked)) {
      return List.of();
    }
    List<TypedVector> columns = new ArrayList<>();
    for (Column column : air.table().columns(Column.Kind.MAIN)) {
      Bus bus = provided.get(column);
      if (bus != null) {
        columns.add(lookups.multiplicities(bus));
      } else if (filled != null) {
        columns.add(filled.getFirst().get(column.index()));
      } else {
        throw new IllegalStateException("table " + air.table() + ": nothing fills " + column);
      }
    }
    return List.of(columns);
  }
}
