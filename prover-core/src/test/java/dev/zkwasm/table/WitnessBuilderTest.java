package dev.zkwasm.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.RowChecker;
import dev.zkwasm.air.Table;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Space;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.poly.TypedVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Honest runs satisfy every constraint and balance every bus; traces that are not honest are
 * refused.
 */
class WitnessBuilderTest {
  @TestFactory
  Stream<DynamicTest> honestRunsHold() {
    return Programs.all().entrySet().stream()
        .map(
            e ->
                dynamicTest(
                    e.getKey(),
                    () -> WitnessBuilder.build(TableSet.STANDARD, e.getValue()).check()));
  }

  @TestFactory
  Stream<DynamicTest> operationsHoldAtEdgeValues() {
    return Arrays.stream(Opcode.values())
        .filter(
            op ->
                switch (op.opClass()) {
                  case ALU, CMP, BIT, MUL, DIV -> true;
                  case MEM, MOVE, FLOW, HOST, GROW, EXIT, CELL -> false;
                })
        // A register times a register is no rotation by a constant.
        .filter(op -> op != Opcode.MULROT32 && op != Opcode.MULROT64)
        .map(
            op ->
                dynamicTest(
                    op.name(),
                    () ->
                        RowChecker.require(
                            WitnessBuilder.build(TableSet.STANDARD, Programs.edges(op))
                                .instances())));
  }

  /** Narrow tables serve what they serve whatever the operands. */
  @TestFactory
  Stream<DynamicTest> narrowOperationsHoldAtEdgeValues() {
    return Programs.NARROW.stream()
        .map(
            op ->
                dynamicTest(
                    op.name(),
                    () -> {
                      Witness witness =
                          WitnessBuilder.build(TableSet.STANDARD, Programs.narrowEdges(op));
                      witness.check();
                      assertTrue(
                          witness.instances().stream()
                              .map(TableInstance::table)
                              .anyMatch(
                                  t -> t instanceof NarrowTable || t instanceof NarrowCmpTable));
                    }));
  }

  /** Between them the runs use every opcode and fill every table. */
  @Test
  void runsUseEverything() {
    Set<Opcode> opcodes = new HashSet<>(List.of(Opcode.values()));
    Set<String> tables = new HashSet<>();
    TableSet.STANDARD.tables().forEach(t -> tables.add(t.name()));
    for (ExecutionTrace trace : Programs.all().values()) {
      for (int i = 0; i < trace.steps(); i++) {
        opcodes.remove(trace.instruction(i).opcode());
      }
      WitnessBuilder.build(TableSet.STANDARD, trace)
          .instances()
          .forEach(i -> tables.remove(i.table().name()));
    }
    WitnessBuilder.buildWithAllBytes(TableSet.STANDARD, Programs.fibonacci(3))
        .instances()
        .forEach(i -> tables.remove(i.table().name()));
    assertEquals(Set.of(), opcodes);
    assertEquals(Set.of(), tables);
  }

  @Test
  void splitsHighTables() {
    Witness witness = WitnessBuilder.build(TableSet.STANDARD, Programs.operands(), 16);
    List<TableInstance> cmp =
        witness.instances().stream().filter(i -> i.table().name().equals("cmp")).toList();
    assertTrue(cmp.size() > 1);
    assertTrue(cmp.stream().allMatch(i -> i.height() == 16));
    witness.check();
  }

  /** A long run: instances of several heights per table, every row kept once. */
  @Test
  void splitsToSavePadding() {
    Witness witness = WitnessBuilder.build(TableSet.STANDARD, Programs.fibonacci(40_000));
    List<Integer> alu =
        witness.instances().stream()
            .filter(i -> i.table().name().equals("alu"))
            .map(TableInstance::height)
            .toList();
    // 80000 rows
    assertEquals(List.of(1 << 16, 1 << 14), alu);
    RowChecker.require(witness.instances());
  }

  /**
   * One of the tables of bytes provides all lookups of bytes: that of those used, or that of all.
   */
  @Test
  void listsUsedBytesIfTheyAreFew() {
    Witness few = WitnessBuilder.build(TableSet.STANDARD, Programs.fibonacci(1_000));
    assertEquals(Set.of("usedBytes", "nibbles"), tablesOfBytes(few));
    few.check();
    Witness all = WitnessBuilder.buildWithAllBytes(TableSet.STANDARD, Programs.fibonacci(1_000));
    assertEquals(Set.of("bytes"), tablesOfBytes(all));
    all.check();
    LayoutChoice choice = new LayoutChoice(TableSet.STANDARD);
    assertTrue(choice.listsUsedBytes(1 << 15));
    assertFalse(choice.listsUsedBytes(1 << 16));
    // Two instances, so that the proof is not higher than the other tables; not for a few rows.
    assertEquals(1 << 13, choice.heightOfUsedBytes(1 << 14, 1 << 13));
    assertEquals(1 << 14, choice.heightOfUsedBytes(1 << 14, 1 << 14));
    assertEquals(1 << 13, choice.heightOfUsedBytes(25_000, 1 << 13));
    assertEquals(64, choice.heightOfUsedBytes(64, 16));
  }

  private static Set<String> tablesOfBytes(Witness witness) {
    return witness.instances().stream()
        .map(i -> i.table().name())
        .filter(Set.of("usedBytes", "bytes", "nibbles")::contains)
        .collect(Collectors.toSet());
  }

  /** Instances of several heights, and no pair twice. */
  @Test
  void cutsUsedBytes() {
    Witness witness = WitnessBuilder.build(TableSet.STANDARD, Programs.fibonacci(50), 64);
    List<TableInstance> used =
        witness.instances().stream().filter(i -> i.table().name().equals("usedBytes")).toList();
    assertTrue(used.size() > 1, used.toString());
    witness.check();
  }

  /** Tables that serve few steps are left out, unless no other serves them. */
  @Test
  void leavesOutWhatSavesLittle() {
    ExecutionTrace trace = Programs.narrow();
    Witness witness = WitnessBuilder.buildCompact(TableSet.STANDARD, trace, 1 << 20);
    assertTrue(
        witness.instances().size()
            < WitnessBuilder.build(TableSet.STANDARD, trace).instances().size());
    witness.check();
    Witness longer =
        WitnessBuilder.buildCompact(TableSet.STANDARD, Programs.fibonacci(40_000), 1 << 20);
    assertTrue(longer.instances().stream().anyMatch(i -> i.table().name().equals("brK")));
  }

  @Test
  void heights() {
    assertEquals(16, TableInstance.heightFor(0));
    assertEquals(16, TableInstance.heightFor(16));
    assertEquals(32, TableInstance.heightFor(17));
    assertEquals(1 << 20, TableInstance.heightFor((1 << 20) - 1));
    LayoutChoice choice = new LayoutChoice(TableSet.STANDARD);
    Table alu = TableSet.STANDARD.table("alu");
    assertEquals(List.of(), choice.heights(alu, 0, Map.of()));
    assertEquals(List.of(16), choice.heights(alu, 1, Map.of()));
    assertEquals(List.of(1 << 9), choice.heights(alu, (1 << 8) + 1, Map.of()));
    assertEquals(
        List.of(1 << 18, 1 << 15, 1 << 12, 1 << 10), choice.heights(alu, 300_000, Map.of()));
    assertEquals(List.of(1 << 20), choice.heights(alu, 1_000_000, Map.of()));
  }

  /** What the prover works on at a time is bounded: all polynomials of an instance. */
  @Test
  void wideTablesAreLow() {
    LayoutChoice choice = new LayoutChoice(TableSet.STANDARD);
    for (Table table : TableSet.STANDARD.tables()) {
      long columns =
          table.columns().stream().filter(c -> c.kind() != Column.Kind.INSTANCE).count()
              + TableSet.STANDARD.air(table).helpers();
      long height = choice.maximumHeight(table);
      assertEquals(1, Long.bitCount(height));
      assertTrue(columns * height <= 1 << 24, table.name());
      assertTrue(2 * columns * height > 1 << 24, table.name());
    }
  }

  /** Chunks of a trace are of no consequence. */
  @Test
  void tracesKeepTheirRecords() {
    ExecutionTrace trace = Programs.fibonacci(1);
    ExecutionTrace copy = new ExecutionTrace(trace.program(), trace.call());
    int steps = 20_000;
    for (int i = 0; i < steps; i++) {
      copy.add(i + 1, 2 * i, 3 * i, 4L * i, 5L * i, 6L * i);
    }
    assertEquals(steps, copy.steps());
    for (int i = 0; i < steps; i++) {
      assertEquals(i + 1, copy.pc(i));
      assertEquals(2 * i, copy.fp(i));
      assertEquals(3 * i, copy.pages(i));
      assertEquals(4L * i, copy.a(i));
      assertEquals(5L * i, copy.b(i));
      assertEquals(6L * i, copy.result(i));
    }
  }

  private static ExecutionTrace altered(ExecutionTrace trace, int step, int part, long by) {
    ExecutionTrace copy = new ExecutionTrace(trace.program(), trace.call());
    for (int i = 0; i < trace.steps(); i++) {
      long[] delta = new long[6];
      if (i == step) {
        delta[part] = by;
      }
      copy.add(
          trace.pc(i) + (int) delta[0],
          trace.fp(i) + (int) delta[1],
          trace.pages(i) + (int) delta[2],
          trace.a(i) + delta[3],
          trace.b(i) + delta[4],
          trace.result(i) + delta[5]);
    }
    copy.end(trace.exit(), trace.results(), trace.output());
    return copy;
  }

  /** One altered value anywhere in a trace is noticed, or it makes no difference to the witness. */
  @TestFactory
  Stream<DynamicTest> alteredTracesAreRefused() {
    Map<String, ExecutionTrace> runs = Programs.all();
    return runs.entrySet().stream()
        .map(
            e ->
                dynamicTest(
                    e.getKey(),
                    () -> {
                      ExecutionTrace trace = e.getValue();
                      Witness honest = WitnessBuilder.build(TableSet.STANDARD, trace);
                      int stride = 1 + trace.steps() / 50;
                      for (int step = 0; step < trace.steps(); step += stride) {
                        for (int part = 0; part < 6; part++) {
                          refusedOrTheSame(honest, trace, step, part);
                        }
                      }
                    }));
  }

  private static void refusedOrTheSame(Witness honest, ExecutionTrace trace, int step, int part) {
    Witness witness;
    try {
      witness = WitnessBuilder.build(TableSet.STANDARD, altered(trace, step, part, 1));
    } catch (InvalidTraceException refused) {
      assertTrue(message(refused).contains("step") || step == 0, refused.getMessage());
      return;
    }
    // Fields that the instruction does not have.
    assertTrue(part >= 3, () -> "state altered in step " + step + " of " + trace.instruction(step));
    for (int i = 0; i < honest.instances().size(); i++) {
      List<TypedVector> of = honest.instances().get(i).main();
      for (int c = 0; c < of.size(); c++) {
        TypedVector other = witness.instances().get(i).main().get(c);
        assertArrayEquals(
            of.get(c).toField().limbs(),
            other.toField().limbs(),
            "step " + step + ", part " + part);
      }
    }
  }

  @Test
  void errorsNameThePlace() {
    ExecutionTrace trace = Programs.fibonacci(3);
    InvalidTraceException error =
        assertThrows(
            InvalidTraceException.class,
            () -> WitnessBuilder.build(TableSet.STANDARD, altered(trace, 5, 5, 1)));
    assertEquals(
        "step 5, pc 8 (ADD64), function 0 (test) at byte 7: ADD64: the result is 0x1, the trace"
            + " says 0x2",
        error.getMessage());
  }

  @Test
  void endsAreChecked() {
    ExecutionTrace trace = Programs.host();
    refused(trace, Exit.trapped(TrapReason.ABORT), List.of(), trace.output(), "as result 0");
    refused(
        Programs.trap(), Exit.trapped(TrapReason.ABORT), List.of(), new byte[0], "the run ends");
    refused(trace, trace.exit(), trace.results().subList(0, 1), trace.output(), "as result 1");
    List<Value> more = new ArrayList<>(trace.results());
    more.add(Assembler.i32(1));
    refused(trace, trace.exit(), more, trace.output(), "set 2 results");
    refused(trace, trace.exit(), trace.results(), new byte[] {'h'}, "of the output at 1");
    refused(trace, trace.exit(), trace.results(), new byte[] {'h', -1, 0}, "wrote 2 bytes");
  }

  private static void refused(
      ExecutionTrace trace, Exit exit, List<Value> results, byte[] output, String message) {
    ExecutionTrace copy = altered(trace, 0, 0, 0);
    copy.end(exit, results, output);
    InvalidTraceException error =
        assertThrows(
            InvalidTraceException.class, () -> WitnessBuilder.build(TableSet.STANDARD, copy));
    assertTrue(message(error).contains(message), error.getMessage());
  }

  @Test
  void truncatedTraceIsRefused() {
    ExecutionTrace trace = Programs.fibonacci(3);
    ExecutionTrace copy = new ExecutionTrace(trace.program(), trace.call());
    for (int i = 0; i < trace.steps() - 1; i++) {
      copy.add(trace.pc(i), trace.fp(i), trace.pages(i), trace.a(i), trace.b(i), trace.result(i));
    }
    copy.end(trace.exit(), trace.results(), trace.output());
    InvalidTraceException error =
        assertThrows(
            InvalidTraceException.class, () -> WitnessBuilder.build(TableSet.STANDARD, copy));
    assertTrue(message(error).contains("the trace ends, the run does not"), error.getMessage());
  }

  @Test
  void programsThatTheTablesCannotTrustAreRefused() {
    IllegalArgumentException rotation =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                ProgramColumns.of(
                    new Assembler()
                        .rk(Opcode.MULROT32, 1, 2, 3)
                        .none(Opcode.HALT, 0, 0, 0)
                        .program()));
    assertTrue(
        message(rotation).startsWith("pc 1 (MULROT32), function 0 (test) at byte 0"),
        rotation.getMessage());
    Instruction load = new Instruction(Opcode.LOAD8, 0, 0, 0, 0, false, false);
    assertThrows(
        IllegalArgumentException.class,
        () -> ProgramColumns.of(new Assembler().add(load).program()));
  }

  /** Cells of the image that would lie where the boundary must open none. */
  @Test
  void imagesWithImpossibleCellsAreRefused() {
    assertImageRefused(
        Space.MEMORY, 8192, "space MEMORY at 8192, where it may have none from 8192 on");
    assertImageRefused(Space.GROWN, 9000, "space GROWN at 9000, where it may have none from 0 on");
    assertImageRefused(
        Space.GLOBAL,
        0xe0000000L,
        "space GLOBAL at 3758096384, where it may have none from 3758096384 on");
    ProgramColumns.of(
        new Assembler()
            .pages(1)
            .image(Space.MEMORY, 8191, 5)
            .image(Space.GLOBAL, 0xdfffffffL, 5)
            .none(Opcode.HALT, 0, 0, 0)
            .program());
  }

  private static void assertImageRefused(Space space, long address, String expected) {
    Program program =
        new Assembler().pages(1).image(space, address, 5).none(Opcode.HALT, 0, 0, 0).program();
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> ProgramColumns.of(program));
    assertTrue(message(refused).contains(expected), refused.getMessage());
  }

  @Test
  void unusedFieldsAreEncodedAsZero() {
    Instruction load = new Instruction(Opcode.LOAD8, 77, 0, 1, 0, false, true);
    new Assembler().pages(1).image(Space.MEMORY, 0, 5).add(load).none(Opcode.HALT, 0, 0, 0).run();
    ExecutionTrace trace = new Assembler().pages(1).add(load).none(Opcode.HALT, 0, 0, 0).run();
    WitnessBuilder.build(TableSet.STANDARD, trace).check();
  }

  @Test
  void reportsSayWhatIsLeftOver() {
    Witness witness = WitnessBuilder.build(TableSet.STANDARD, Programs.trap());
    List<TableInstance> withoutExit =
        witness.instances().stream().filter(i -> !i.table().name().equals("exit")).toList();
    IllegalStateException error =
        assertThrows(
            IllegalStateException.class,
            () -> new Witness(withoutExit, witness.verifierTerms()).check());
    assertTrue(
        message(error).contains("EXEC [1, 0, 4, 0] times 1: [sent by the verifier]"),
        error.getMessage());
    assertTrue(message(error).contains("sent by boundary row 0 'open'"), error.getMessage());
  }

  private static String message(Throwable error) {
    return Objects.requireNonNull(error.getMessage());
  }
}
