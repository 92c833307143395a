package dev.zkwasm.prover;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Table;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.SourceLocation;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.poly.TypedVector;
import dev.zkwasm.proof.Statement;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A run of {@link ToySystem}'s machine: a program of a given number of byte steps between host
 * steps, its statement, and its tables as plain numbers that a test may change before they become a
 * witness.
 */
final class ToyProgram {
  static final byte[] PUBLIC_INPUT = "The quick brown fox".getBytes(StandardCharsets.US_ASCII);
  static final List<Value> ARGUMENTS =
      List.of(new Value(ValueType.I32, 7), new Value(ValueType.I64, 0xfedcba9876543210L));
  static final List<Value> RESULTS = List.of(new Value(ValueType.F64, 0x123456789abcdef0L));
  static final byte[] OUTPUT = {1, (byte) 200, 3};

  final ToySystem toy;
  final Program program;

  /** Rows by table; a row has a value per main column. */
  final Map<Table, List<Map<Column, Long>>> rows = new HashMap<>();

  private final int[] logs;

  /**
   * A run.
   *
   * @param byteSteps steps of the step table
   * @param logs heights of the instances of the step table, descending; rows fill them in order
   */
  ToyProgram(ToySystem toy, int byteSteps, int... logs) {
    this.toy = toy;
    this.logs = logs;
    List<Instruction> code = new ArrayList<>();
    for (int i = 0; i < ARGUMENTS.size(); i++) {
      code.add(instruction(Opcode.ARGUMENT, i, 0));
    }
    for (int i = 0; i < byteSteps; i++) {
      code.add(instruction(Opcode.CONST, 0, i % (1 << ToySystem.BYTES_LOG)));
    }
    code.add(instruction(Opcode.PUBLIC_WORD, 0, 0));
    code.add(instruction(Opcode.PUBLIC_WORD, 2, 0));
    for (int i = 0; i < OUTPUT.length; i++) {
      code.add(instruction(Opcode.OUTPUT_BYTE, i, 0));
    }
    for (int i = 0; i < RESULTS.size(); i++) {
      code.add(instruction(Opcode.RESULT, i, 0));
    }
    code.add(instruction(Opcode.HALT, OUTPUT.length, 0));
    List<ValueType> parameters = ARGUMENTS.stream().map(Value::type).toList();
    List<ValueType> results = RESULTS.stream().map(Value::type).toList();
    byte[] id = new byte[32];
    id[0] = (byte) byteSteps;
    program =
        new Program(
            id,
            1,
            code,
            Collections.nCopies(code.size(), new SourceLocation(0, "toy", 0, "toy")),
            List.of(
                new Program.Export("run", parameters, results, 1),
                new Program.Export("elsewhere", parameters, results, 2)),
            3,
            List.of());
    run();
  }

  private static Instruction instruction(Opcode opcode, int d, long k) {
    return new Instruction(opcode, d, 0, 0, k, false, false);
  }

  static int operation(Instruction instruction) {
    return switch (instruction.opcode()) {
      case CONST -> 1;
      case HALT -> 2;
      case ARGUMENT -> 3;
      case RESULT -> 4;
      case OUTPUT_BYTE -> 5;
      case PUBLIC_WORD -> 6;
      default -> throw new IllegalArgumentException("not a toy instruction: " + instruction);
    };
  }

  /** Public word i: the length, then the bytes, little-endian. */
  static long word(byte[] input, int i) {
    if (i == 0) {
      return input.length;
    }
    byte[] padded = Arrays.copyOf(input, 8 * i);
    return ByteBuffer.wrap(padded).order(ByteOrder.LITTLE_ENDIAN).getLong(8 * (i - 1));
  }

  private void run() {
    for (int i = 0; i < program.code().size(); i++) {
      Instruction instruction = program.code().get(i);
      Steps at = new Steps(i + 1, instruction);
      int d = instruction.d();
      switch (instruction.opcode()) {
        case CONST -> {
          long v = instruction.k();
          Map<Column, Long> row = at.row(toy.step);
          row.put(toy.step.v, v);
          row.put(toy.step.cube, v * v * v);
        }
        case HALT -> at.row(toy.end).put(toy.end.outputs, (long) d);
        case ARGUMENT -> at.host(toy.host.isArgument, ARGUMENTS.get(d).bits());
        case RESULT -> at.host(toy.host.isResult, RESULTS.get(d).bits());
        case OUTPUT_BYTE -> at.host(toy.host.isOutput, OUTPUT[d] & 0xff);
        case PUBLIC_WORD -> at.host(toy.host.isPublic, word(PUBLIC_INPUT, d));
        default -> throw new IllegalStateException();
      }
    }
    List<Map<Column, Long>> sums = rows(toy.sums);
    long sum = 0;
    for (long x = 15; x >= 0; x--) {
      sum += x;
      sums.add(new HashMap<>(Map.of(toy.sums.x, x, toy.sums.sum, sum)));
    }
    rows(toy.notes).add(new HashMap<>(Map.of(toy.notes.b, 1L)));
  }

  private final class Steps {
    private final int pc;
    private final Instruction instruction;

    Steps(int pc, Instruction instruction) {
      this.pc = pc;
      this.instruction = instruction;
    }

    Map<Column, Long> row(ToySystem.Steps table) {
      Map<Column, Long> row = new HashMap<>();
      row.put(table.e, 1L);
      row.put(table.pc, (long) pc);
      row.put(table.fp, 0L);
      row.put(table.time, 4L * pc);
      row.put(table.pages, 3L);
      rows(table).add(row);
      return row;
    }

    void host(Column flag, long value) {
      Map<Column, Long> row = row(toy.host);
      row.put(flag, 1L);
      row.put(toy.host.index, (long) instruction.d());
      row.put(toy.host.lo, value & 0xffffffffL);
      row.put(toy.host.hi, value >>> 32);
    }
  }

  List<Map<Column, Long>> rows(Table table) {
    return rows.computeIfAbsent(table, t -> new ArrayList<>());
  }

  Statement statement(ProgramHeader header) {
    byte[] context = new byte[32];
    Arrays.fill(context, (byte) 0x5a);
    return new Statement(
        header.digest(),
        "run",
        ARGUMENTS,
        RESULTS,
        PUBLIC_INPUT,
        OUTPUT,
        Exit.returned(),
        program.code().size(),
        context);
  }

  /** The filled tables in the order of the proof. */
  List<TableInstance> tables() {
    countLookups();
    List<TableInstance> instances = new ArrayList<>();
    for (Air air : toy.airs) {
      Table table = air.table();
      if (table == toy.spare) {
        continue;
      }
      List<TypedVector> fixed =
          table.role() == Table.Role.FIXED ? toy.system.known().fixed(table) : List.of();
      List<TypedVector> known =
          table.role() == Table.Role.PROGRAM
              ? toy.system.known().program(table, program)
              : List.of();
      List<TypedVector> words = table == toy.words ? words() : List.of();
      int from = 0;
      for (int height : heights(table, fixed, known, words)) {
        int start = from;
        List<TypedVector> main =
            table.columns(Column.Kind.MAIN).stream()
                .map(c -> column(c, table, start, height))
                .toList();
        instances.add(new TableInstance(air, height, fixed, known, main, words));
        from += height;
      }
    }
    return instances;
  }

  private List<TypedVector> words() {
    int height = TableInstance.heightFor(1 + Math.ceilDiv(PUBLIC_INPUT.length, 8));
    return toy.system.known().instance(toy.words, PUBLIC_INPUT).stream()
        .<TypedVector>map(
            c -> new TypedVector.U32(Arrays.copyOf(((TypedVector.U32) c).values(), height)))
        .toList();
  }

  private List<Integer> heights(
      Table table, List<TypedVector> fixed, List<TypedVector> known, List<TypedVector> words) {
    if (table == toy.step) {
      return Arrays.stream(logs).mapToObj(log -> 1 << log).toList();
    }
    for (List<TypedVector> columns : List.of(fixed, known, words)) {
      if (!columns.isEmpty()) {
        return List.of(columns.getFirst().size());
      }
    }
    return List.of(TableInstance.heightFor(rows(table).size()));
  }

  private TypedVector column(Column column, Table table, int from, int height) {
    long[] values = new long[height];
    List<Map<Column, Long>> all = rows(table);
    for (int i = 0; i < height && from + i < all.size(); i++) {
      values[i] = all.get(from + i).getOrDefault(column, 0L);
    }
    return switch (column.width()) {
      case BIT -> new TypedVector.Bits(bytes(values));
      case U8 -> new TypedVector.U8(bytes(values));
      case U16 -> {
        char[] narrow = new char[height];
        for (int i = 0; i < height; i++) {
          narrow[i] = (char) values[i];
        }
        yield new TypedVector.U16(narrow);
      }
      case U32 -> new TypedVector.U32(Arrays.stream(values).mapToInt(v -> (int) v).toArray());
      case U64 -> new TypedVector.U64(values);
      case FIELD -> new TypedVector.Field(new TypedVector.U64(values).toField());
    };
  }

  private static byte[] bytes(long[] values) {
    byte[] narrow = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = (byte) values[i];
    }
    return narrow;
  }

  /** Multiplicities of the providers, from what active rows ask. */
  private void countLookups() {
    long[] code = new long[program.code().size()];
    long[] bytes = new long[1 << ToySystem.BYTES_LOG];
    long[] words = new long[1 + Math.ceilDiv(PUBLIC_INPUT.length, 8)];
    for (ToySystem.Steps table : List.of(toy.step, toy.host, toy.end)) {
      for (Map<Column, Long> row : rows(table)) {
        code[(int) (row.getOrDefault(table.pc, 0L) - 1)]++;
      }
    }
    rows(toy.step).forEach(row -> bytes[(int) (long) row.getOrDefault(toy.step.v, 0L)]++);
    for (Map<Column, Long> row : rows(toy.host)) {
      if (row.containsKey(toy.host.isPublic)) {
        words[(int) (long) row.getOrDefault(toy.host.index, 0L)]++;
      }
    }
    provide(toy.code, toy.code.multiplicity, code);
    provide(toy.bytes, toy.bytes.multiplicity, bytes);
    provide(toy.words, toy.words.multiplicity, words);
  }

  private void provide(Table table, Column multiplicity, long[] counts) {
    rows.put(
        table,
        Arrays.stream(counts)
            .mapToObj(n -> (Map<Column, Long>) new HashMap<>(Map.of(multiplicity, n)))
            .toList());
  }
}
