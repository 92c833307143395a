package dev.zkwasm.table;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Table;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
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

  private final AluTable alu = new AluTable();
  private final CmpTable cmp = new CmpTable();
  private final BitTable bit = new BitTable();
  private final MulTable mul = new MulTable();
  private final DivTable div = new DivTable();
  private final MemTable mem = new MemTable();
  private final ByteMemTable memB = new ByteMemTable("memB", 1);
  private final ByteMemTable memX = new ByteMemTable("memX", 2);
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
  private final BytesTable bytes = new BytesTable();
  private final PowersTable powers = new PowersTable();

  private final List<Air> airs;
  private final Map<Table, Integer> indices = new IdentityHashMap<>();

  private TableSet() {
    List<Table> tables =
        List.of(
            alu,
            cmp,
            bit,
            mul,
            div,
            mem,
            memB,
            memX,
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
            bytes,
            powers);
    tables.forEach(table -> indices.put(table, indices.size()));
    airs = tables.stream().map(Air::of).toList();
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

  /** The fixed tables, in canonical order. */
  public List<FixedTable> fixedTables() {
    return List.of(bytes, powers);
  }

  /** The table for an executed instruction. */
  InstructionTable tableFor(Step step) {
    Instruction instruction = step.instruction();
    OpClass opClass = instruction.opcode().opClass();
    return switch (opClass) {
      case ALU -> alu;
      case CMP -> cmp;
      case BIT -> bit;
      case MUL -> mul;
      case DIV -> div;
      case MEM -> {
        if (!LoadStoreTable.inBounds(step)) {
          yield exit;
        }
        if (MemTable.serves(step)) {
          yield mem;
        }
        yield ByteMemTable.crosses(step) ? memX : memB;
      }
      case MOVE -> move;
      case FLOW -> isCallWithoutStack(step) ? exit : flow;
      case HOST -> host;
      case GROW -> grow;
      case EXIT -> exit;
      case CELL -> cell;
    };
  }

  private static boolean isCallWithoutStack(Step step) {
    return step.instruction().opcode() == Opcode.CALL && FlowTable.room(step) < 0;
  }
}
