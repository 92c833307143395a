package dev.zkwasm.table;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Table;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Space;
import dev.zkwasm.table.NarrowTable.Result;
import dev.zkwasm.table.NarrowTable.Second;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * All tables in canonical order. The order, and everything the tables declare, is part of the
 * universal key.
 */
public final class TableSet {
  /** The one table set of this version. */
  public static final TableSet STANDARD = new TableSet();

  private final NarrowAddTable inc = new NarrowAddTable("inc", Result.IN_PLACE);
  private final NarrowAddTable addK = new NarrowAddTable("addK", Result.REGISTER);
  private final NarrowSumTable addR = new NarrowSumTable("addR");
  private final AluTable alu = new AluTable();
  private final NarrowBranchTable brK = new NarrowBranchTable("brK", Second.CONSTANT);
  private final NarrowBranchTable brR = new NarrowBranchTable("brR", Second.REGISTER);
  private final SumBranchTable brSumK = new SumBranchTable("brSumK", Second.CONSTANT);
  private final SumBranchTable brSumR = new SumBranchTable("brSumR", Second.REGISTER);
  private final NarrowCmpTable cmp32 = new NarrowCmpTable("cmp32");
  private final CmpTable cmp = new CmpTable();
  private final NarrowBitTable bitK = new NarrowBitTable("bitK", Second.CONSTANT);
  private final NarrowBitTable bitR = new NarrowBitTable("bitR", Second.REGISTER);
  private final AndBranchTable brAnd = new AndBranchTable("brAnd");
  private final BitTable bit = new BitTable();
  private final NarrowProductTable mulK = new NarrowProductTable("mulK");
  private final MulTable mul = new MulTable();
  private final DivTable div = new DivTable();
  private final ByteTable oneByte = new ByteTable();
  private final MemTable mem = new MemTable("mem", Space.MEMORY);
  private final MemTable memG = new MemTable("memG", Space.GROWN);
  private final ByteMemTable memB = new ByteMemTable("memB", 1);
  private final ByteMemTable memX = new ByteMemTable("memX", 2);
  private final NarrowCopyTable copy = new NarrowCopyTable("copy");
  private final MoveTable move = new MoveTable();
  private final FlowTable flow = new FlowTable();
  private final HostTable host = new HostTable();
  private final GrowTable grow = new GrowTable();
  private final ExitTable exit = new ExitTable();
  private final CellTable cell = new CellTable();
  private final TouchTable touch = new TouchTable();
  private final BoundaryTable boundary = new BoundaryTable();
  private final ImageTable image = new ImageTable();
  private final ProgramTable program = new ProgramTable();
  private final PublicTable publicWords = new PublicTable();
  private final PrivateTable privateWords = new PrivateTable();
  private final UsedBytesTable usedBytes = new UsedBytesTable();
  private final BytesTable bytes = new BytesTable();
  private final NibblesTable nibbles = new NibblesTable();
  private final PowersTable powers = new PowersTable();

  private final List<Air> airs;
  private final Map<Table, Integer> indices = new IdentityHashMap<>();

  /** By shape: {@link #shape(Instruction)}. */
  private final Candidates[] candidates;

  private final List<InstructionTable> exitOnly;

  /**
   * The tables that accept an instruction, in order.
   *
   * @param choices every choice of some of them; of table j if bit j of the index is set. Equal
   *     lists are one object
   */
  private record Candidates(List<InstructionTable> tables, List<List<InstructionTable>> choices) {}

  private TableSet() {
    List<Table> tables =
        List.of(
            inc,
            addK,
            addR,
            alu,
            brK,
            brR,
            brSumK,
            brSumR,
            cmp32,
            cmp,
            bitK,
            bitR,
            brAnd,
            bit,
            mulK,
            mul,
            div,
            oneByte,
            mem,
            memG,
            memB,
            memX,
            copy,
            move,
            flow,
            host,
            grow,
            exit,
            cell,
            touch,
            boundary,
            image,
            program,
            publicWords,
            privateWords,
            usedBytes,
            bytes,
            nibbles,
            powers);
    tables.forEach(table -> indices.put(table, indices.size()));
    airs = tables.stream().map(Air::of).toList();
    candidates = new Candidates[4 * Opcode.values().length];
    Map<List<InstructionTable>, List<InstructionTable>> lists = new HashMap<>();
    exitOnly = List.of(exit);
    lists.put(exitOnly, exitOnly);
    for (Opcode opcode : Opcode.values()) {
      for (int registers = 0; registers < 4; registers++) {
        Instruction instruction =
            new Instruction(opcode, 0, 0, 0, 0, registers >= 2, registers % 2 == 1);
        candidates[shape(instruction)] = candidates(tables, instruction, lists);
      }
    }
  }

  /** What decides which tables accept an instruction, as a small number. */
  private static int shape(Instruction i) {
    return 4 * i.opcode().ordinal() + (i.aRegister() ? 2 : 0) + (i.bRegister() ? 1 : 0);
  }

  private static Candidates candidates(
      List<Table> tables,
      Instruction instruction,
      Map<List<InstructionTable>, List<InstructionTable>> lists) {
    List<InstructionTable> accepting = new ArrayList<>();
    for (Table table : tables) {
      if (table instanceof InstructionTable t && t.accepts(instruction)) {
        accepting.add(t);
      }
    }
    List<List<InstructionTable>> choices = new ArrayList<>();
    for (int choice = 0; choice < 1 << accepting.size(); choice++) {
      List<InstructionTable> some = new ArrayList<>();
      for (int j = 0; j < accepting.size(); j++) {
        if ((choice >> j & 1) == 1) {
          some.add(accepting.get(j));
        }
      }
      choices.add(lists.computeIfAbsent(List.copyOf(some), list -> list));
    }
    return new Candidates(List.copyOf(accepting), choices);
  }

  /** All tables with their constraints, in canonical order. */
  public List<Air> airs() {
    return airs;
  }

  /** All tables, in canonical order. */
  public List<Table> tables() {
    return airs.stream().map(Air::table).toList();
  }

  /** Position of a table in the order. */
  public int indexOf(Table table) {
    Integer index = indices.get(table);
    if (index == null) {
      throw new IllegalArgumentException("table " + table + " is not of this set");
    }
    return index;
  }

  public Air air(Table table) {
    return airs.get(indexOf(table));
  }

  /** The table of that name. */
  public Table table(String name) {
    return tables().stream()
        .filter(t -> t.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no table '" + name + "'"));
  }

  TouchTable touch() {
    return touch;
  }

  BoundaryTable boundary() {
    return boundary;
  }

  public ImageTable image() {
    return image;
  }

  public ProgramTable program() {
    return program;
  }

  public PublicTable publicWords() {
    return publicWords;
  }

  PrivateTable privateWords() {
    return privateWords;
  }

  UsedBytesTable usedBytes() {
    return usedBytes;
  }

  BytesTable bytes() {
    return bytes;
  }

  NibblesTable nibbles() {
    return nibbles;
  }

  /** The fixed tables, in canonical order. */
  public List<FixedTable> fixedTables() {
    return List.of(bytes, nibbles, powers);
  }

  /**
   * The tables that serve an executed instruction, at least one. Those for a common case come
   * before those that serve the rest of their class. Equal lists are one object.
   */
  List<InstructionTable> tablesFor(Step step) {
    Candidates possible = candidates[shape(step.instruction())];
    int serving = 0;
    for (int j = 0; j < possible.tables.size(); j++) {
      if (possible.tables.get(j).serves(step)) {
        serving |= 1 << j;
      }
    }
    if (serving == 0) {
      if (!exit.serves(step)) {
        throw step.error("is served by no table");
      }
      return exitOnly;
    }
    return possible.choices.get(serving);
  }
}
