package dev.zkwasm.table;

import static dev.zkwasm.isa.Opcode.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.field.Fr;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Space;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.prover.ForgingProver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Whole runs that did not happen, with the false statement that the attacker wants to be believed:
 * everything agrees with everything else but in the one place that the attack needs. Each is proven
 * by a prover that checks nothing, and the verifier says no; where a change is harmless, it says
 * yes.
 */
class ForgedRunTest {
  private static int proven;

  @AfterAll
  static void report() {
    System.out.println("assurance: " + proven + " forged runs proven, all proofs refused");
    Court.agree();
  }

  private static Assembler returningI64() {
    return new Assembler().types(List.of(), List.of(ValueType.I64));
  }

  private static List<Value> results(long bits) {
    return List.of(new Value(ValueType.I64, bits));
  }

  private static List<TableInstance> tables(ExecutionTrace trace) {
    return WitnessBuilder.build(TableSet.STANDARD, trace).instances();
  }

  private static Set<Bus> unbalanced(
      Program program, Statement statement, List<TableInstance> tables) {
    return ForgingProver.unbalanced(Court.header(program), statement, tables);
  }

  /** Only this bus stands against the tables, and the proof of them is refused. */
  private static void onlyRefusedBy(
      Bus bus, Program program, Statement statement, List<TableInstance> tables) {
    assertEquals(EnumSet.of(bus), unbalanced(program, statement, tables));
    Court.refuses(program, statement, tables);
    proven++;
  }

  /**
   * A run of one program passed off as a run of another: the columns of code and image are those of
   * the program that is claimed, as the verifier knows them.
   */
  private static void passOff(Bus stoppedBy, ExecutionTrace run, Program claimed) {
    passOff(stoppedBy, run, tables(run), claimed);
  }

  private static void passOff(
      Bus stoppedBy, ExecutionTrace run, List<TableInstance> tables, Program claimed) {
    Statement statement = Court.statement(run);
    Statement lie =
        new Statement(
            Court.header(claimed).digest(),
            statement.export(),
            statement.arguments(),
            statement.results(),
            statement.publicInput(),
            statement.output(),
            statement.exit(),
            statement.steps(),
            statement.context());
    List<TableInstance> passed = new ArrayList<>();
    ProgramColumns known = ProgramColumns.of(claimed);
    for (TableInstance table : tables) {
      passed.add(
          new TableInstance(
              table.air(),
              table.height(),
              table.fixed(),
              known.of(table.table()),
              table.main(),
              table.instance()));
    }
    onlyRefusedBy(stoppedBy, claimed, lie, passed);
  }

  // ---- calls and returns

  @Test
  void callIntoTheMiddleOfAnotherFunction() {
    passOff(Bus.PROGRAM, guarded("behind the check"), guarded("f").program());
  }

  /** Calls f; function g puts 7 only after a check, which jumping behind it leaves out. */
  private static ExecutionTrace guarded(String called) {
    return guardedCall(called).run();
  }

  private static Assembler guardedCall(String called) {
    return returningI64()
        .call(called, 4, 10)
        .a(RESULT, 0, 4, 0)
        .none(HALT, 0, 0, 0)
        .label("f")
        .constant(0, 1)
        .none(RETURN, 0, 0, 0)
        .label("g")
        .branchConstant(BR_EQ, 1, 0, "f")
        .label("behind the check")
        .constant(0, 7)
        .none(RETURN, 0, 0, 0);
  }

  @Test
  void returnToAWrongAddress() {
    ExecutionTrace run =
        returningI64()
            .constant(0, 1)
            .constant(1, 99)
            .call("f", 4, 10)
            .a(RESULT, 0, 0, 0)
            .none(HALT, 0, 0, 0)
            .a(RESULT, 0, 1, 0)
            .none(HALT, 0, 0, 0)
            .label("f")
            .none(RETURN, 0, 0, 0)
            .run();
    // Back to pc 6, where slot 1 is handed over in place of slot 0.
    Attack attack = new Attack(run);
    attack.find("flow", a -> a.is("return", 1)).set("oldLo", 6).set("newLo", 6).set("nextPc", 6);
    Fr written = attack.at("move", 1).get("time").add(Fr.of(3));
    Fr first = attack.at("move", 0).get("time").add(Fr.of(3));
    Fr read = attack.at("host", 0).get("time");
    attack.set("pc", 6).set("a", 1).set("aLo", 99).set("aPrevious", written);
    attack.at("exit", 0).set("pc", 7);
    attack.find("boundary", a -> register(a, 0)).set("time", first);
    attack.find("boundary", a -> register(a, 1)).set("time", read);
    onlyRefusedBy(
        Bus.MEMORY,
        run.program(),
        Court.returning(Court.statement(run), results(99)),
        attack.tables());
  }

  private static boolean register(Attack at, long address) {
    return at.is("space", Space.REGISTER.code()) && at.is("address", address);
  }

  /** Of two functions, the one that is not jumped to: behind its check lies what it guards. */
  private static Assembler guardedJump(String target) {
    return returningI64()
        .jump(target)
        .label("g")
        .branchConstant(BR_EQ, 1, 0, "out")
        .label("behind the check")
        .constant(0, 7)
        .label("out")
        .a(RESULT, 0, 0, 0)
        .none(HALT, 0, 0, 0);
  }

  @Test
  void jumpIntoTheMiddleOfAnotherFunction() {
    passOff(Bus.PROGRAM, guardedJump("behind the check").run(), guardedJump("out").program());
  }

  /** Jumps by the index in slot 5: over nothing, or over the check. */
  private static ExecutionTrace indexed(long index) {
    return returningI64()
        .constant(5, index)
        .a(JUMP_INDEXED, 0, 5, 0)
        .jump("out")
        .constant(0, 7)
        .label("out")
        .a(RESULT, 0, 0, 0)
        .none(HALT, 0, 0, 0)
        .run();
  }

  @Test
  void indexedJumpByAnotherIndex() {
    // The run by index 1, but for the row that puts the index, which is that of the program.
    ExecutionTrace claimed = indexed(0);
    ExecutionTrace run = indexed(1);
    List<TableInstance> tables = tables(run);
    for (String cell : List.of("kLo", "valueLo")) {
      int move = tables.indexOf(only(tables, "move"));
      tables = ForgingProver.alter(tables, move, column(tables.get(move), cell), 0, Fr.of(0));
    }
    assertEquals(List.of(results(7).getFirst()), run.results());
    passOff(Bus.MEMORY, run, tables, claimed.program());
  }

  private static Column column(TableInstance table, String name) {
    return table.table().columns().stream()
        .filter(c -> c.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  // ---- operands and results

  private static ExecutionTrace operation(Opcode op, long a, long b, int second) {
    return returningI64()
        .constant(1, a)
        .constant(2, b)
        .rr(op, 3, 1, second)
        .a(RESULT, 0, 3, 0)
        .none(HALT, 0, 0, 0)
        .run();
  }

  /** The result in slot 3, from the row that writes it to the statement. */
  private static void onlyRefusedBy(Bus bus, Attack attack, long result) {
    attack.at("host", 0).set("aLo", result);
    attack.find("boundary", a -> register(a, 3)).set("lo", result);
    ExecutionTrace run = attack.trace();
    onlyRefusedBy(
        bus,
        run.program(),
        Court.returning(Court.statement(run), results(result)),
        attack.tables());
  }

  @Test
  void twoQuotients() {
    // 17 = 3 * 5 + 2 = 2 * 5 + 7, all in range but 5 - 7 - 1.
    Attack attack = new Attack(operation(DIVU, 17, 5, 2));
    attack
        .at("div", 0)
        .set("quotient0", 2)
        .set("rest0", 7)
        .set("cLo", 2)
        .limbs("margin", 3, Fr.of(-3).mul(Fr.of(1 << 16).inverse()));
    onlyRefusedBy(Bus.RANGE16, attack, 2);
    // And 4 * 5 - 3, with a rest that is negative.
    attack = new Attack(operation(DIVU, 17, 5, 2));
    attack.at("div", 0).set("quotient0", 4).set("rest0", -3).set("cLo", 4).set("margin0", 0);
    onlyRefusedBy(Bus.RANGE16, attack, 4);
  }

  @Test
  void aliasedOperands() {
    // r1 + r1 as 5 + 6.
    Attack attack = new Attack(operation(ADD64, 5, 0, 1));
    attack.at("alu", 0).set("bLo", 6).set("c0", 11);
    onlyRefusedBy(Bus.MEMORY, attack, 11);
  }

  @Test
  void valueAndLimbsTogether() {
    // Another sum, with all that goes with it: the carry, the limbs, and what is written.
    Attack attack = new Attack(operation(ADD32, 5, 6, 2));
    attack.at("addR", 0).set("carry", 1).set("c0", 11).set("c1", -(1 << 16));
    attack.at("host", 0).set("aLo", Fr.of(11).sub(Fr.of(1L << 32)));
    attack.find("boundary", a -> register(a, 3)).set("lo", Fr.of(11).sub(Fr.of(1L << 32)));
    ExecutionTrace run = attack.trace();
    // No statement says such a result, so the row that hands it over is stopped as well.
    assertEquals(
        EnumSet.of(Bus.RANGE16, Bus.RESULT),
        unbalanced(run.program(), Court.statement(run), attack.tables()));
    Court.refuses(run.program(), Court.statement(run), attack.tables());
    proven++;
    // Both limbs out of range, and the value between them the same: believed by whoever takes it.
    attack = new Attack(operation(ADD64, 5, 6, 2));
    attack.at("alu", 0).shift("c0", 1 << 16).shift("c1", -1);
    onlyRefusedBy(Bus.RANGE16, attack, 11);
    // A product whose high part lends to the low one.
    attack = new Attack(operation(MULHU64, -1, 16, 2));
    attack.at("mul", 0).shift("low3", 1 << 16).shift("high0", -1).set("cLo", 14);
    onlyRefusedBy(Bus.RANGE16, attack, 14);
  }

  // ---- missing boundary

  @Test
  void registerReadBeforeItIsWritten() {
    ExecutionTrace run = returningI64().a(RESULT, 0, 5, 0).none(HALT, 0, 0, 0).run();
    Attack attack = new Attack(run);
    attack.at("host", 0).set("aLo", 7);
    attack.find("boundary", a -> register(a, 5)).set("lo", 7);
    onlyRefusedBy(
        Bus.MEMORY,
        run.program(),
        Court.returning(Court.statement(run), results(7)),
        attack.tables());
  }

  @Test
  void memoryReadBeforeItIsWritten() {
    ExecutionTrace run =
        returningI64().pages(1).memoryAt(LOAD64, 1, 8).a(RESULT, 0, 1, 0).none(HALT, 0, 0, 0).run();
    Attack attack = new Attack(run);
    attack.at("mem", 0).set("valueLo", 7).set("oldLo", 7).set("newLo", 7);
    attack.at("host", 0).set("aLo", 7);
    attack.find("boundary", a -> register(a, 1)).set("lo", 7);
    attack.find("boundary", a -> a.is("space", Space.MEMORY.code())).set("lo", 7);
    onlyRefusedBy(
        Bus.MEMORY,
        run.program(),
        Court.returning(Court.statement(run), results(7)),
        attack.tables());
  }

  @Test
  void duplicatedBoundaryRows() {
    // Slot 0 is opened twice, and the read takes the 0 of the second opening, not the 7 that was
    // written in between.
    ExecutionTrace run = returningI64().constant(0, 7).a(RESULT, 0, 0, 0).none(HALT, 0, 0, 0).run();
    Attack attack = new Attack(run);
    Fr written = attack.at("move", 0).get("time").add(Fr.of(3));
    Fr read = attack.at("host", 0).get("time");
    attack.set("aLo", 0).set("aPrevious", 0);
    // The cell with the number of output bytes, which the exit reads, moves down by a row.
    assertTrue(register(attack.at("boundary", 0), 0) && attack.at("boundary", 2).is("active", 0));
    attack.copyOf(1);
    attack.at("boundary", 1).copyOf(0).set("lo", 0).set("time", read);
    attack.at("boundary", 0).set("time", written).limbs("step", 3, Fr.of(-1));
    onlyRefusedBy(
        Bus.RANGE16,
        run.program(),
        Court.returning(Court.statement(run), results(0)),
        attack.tables());
  }

  // ---- program binding

  @Test
  void otherInitialMemory() {
    passOff(Bus.MEMORY, word(8), word(7).program());
  }

  private static ExecutionTrace word(long value) {
    return returningI64()
        .pages(1)
        .image(Space.MEMORY, 1, value)
        .memoryAt(LOAD64, 1, 8)
        .a(RESULT, 0, 1, 0)
        .none(HALT, 0, 0, 0)
        .run();
  }

  @Test
  void runCutShort() {
    Program claimed =
        returningI64()
            .constant(0, 1)
            .constant(0, 2)
            .a(RESULT, 0, 0, 0)
            .none(HALT, 0, 0, 0)
            .program();
    passOff(
        Bus.PROGRAM,
        returningI64()
            .constant(0, 1)
            .a(RESULT, 0, 0, 0)
            .none(HALT, 0, 0, 0)
            .none(HALT, 0, 0, 0)
            .run(),
        claimed);
  }

  // ---- padding rows, order of rows and instances

  private static ExecutionTrace straight() {
    return returningI64()
        .constant(0, 1)
        .constant(0, 2)
        .constant(1, 3)
        .rr(ADD64, 0, 0, 1)
        .a(RESULT, 0, 0, 0)
        .none(HALT, 0, 0, 0)
        .run();
  }

  @Test
  void rowTurnedIntoPaddingAndBack() {
    Attack attack = new Attack(straight());
    attack.at("move", 1).set("active", 0);
    Court.refuses(attack);
    // All that the row had, in a row that was padding.
    TableInstance move = only(tables(straight()), "move");
    Attack moved = new Attack(straight());
    int padding = move.height() - 1;
    moved.at("move", padding).copyOf(1);
    for (Column column : move.table().columns(Column.Kind.MAIN)) {
      moved.at("move", 1).set(column.name(), 0);
    }
    accepts(moved);
    // In both it is executed twice.
    Attack twice = new Attack(straight());
    twice.at("move", padding).copyOf(1);
    Court.refuses(twice);
    proven += 2;
  }

  private static void accepts(Attack harmless) {
    ExecutionTrace run = harmless.trace();
    Statement statement = Court.statement(run);
    assertEquals(List.of(), Court.wrong(run.program(), statement, harmless.tables()));
    assertEquals("valid", Court.verdict(run.program(), statement, harmless.tables()).toString());
  }

  private static TableInstance only(List<TableInstance> tables, String name) {
    List<TableInstance> found = tables.stream().filter(t -> t.table().name().equals(name)).toList();
    assertEquals(1, found.size());
    return found.getFirst();
  }

  private static Attack swapped(String table, int one, int other) {
    return new Attack(straight()).at(table, one).copyOf(other).at(table, other).copyOf(one);
  }

  @Test
  void swappedRows() {
    // The order of steps is that of their times: where their rows are says nothing.
    accepts(swapped("move", 0, 2));
    // But cells are opened in the order of their keys.
    Court.refuses(swapped("boundary", 0, 1));
    proven++;
  }

  @Test
  void duplicatedBoundary() {
    List<TableInstance> tables = new ArrayList<>(tables(straight()));
    int boundary = tables.indexOf(only(tables, "boundary"));
    tables.add(boundary, tables.get(boundary));
    refusedAs("table boundary has 2 instances", tables);
  }

  @Test
  void reorderedInstances() {
    List<TableInstance> tables = new ArrayList<>(tables(straight()));
    Collections.swap(tables, 0, 1);
    refusedAs("instance 1 is out of order", tables);
  }

  private static void refusedAs(String reason, List<TableInstance> tables) {
    ExecutionTrace run = straight();
    assertEquals(reason, Court.verdict(run.program(), Court.statement(run), tables).reason());
    proven++;
  }

  // ---- error cancellation

  @Test
  void errorsInTwoInstancesOfATable() {
    ExecutionTrace run = Programs.fibonacci(20);
    List<TableInstance> tables =
        WitnessBuilder.build(TableSet.STANDARD, run, TableInstance.MIN_HEIGHT).instances();
    List<Integer> sums = new ArrayList<>();
    for (int i = 0; i < tables.size(); i++) {
      if (tables.get(i).table().name().equals("alu")) {
        sums.add(i);
      }
    }
    assertTrue(sums.size() >= 2, "instances: " + sums);
    List<TableInstance> forged = tables;
    for (int i = 0; i < 2; i++) {
      TableInstance table = tables.get(sums.get(i));
      Column carry =
          table.table().columns().stream()
              .filter(c -> c.name().equals("carryLo"))
              .findFirst()
              .orElseThrow();
      // Opposite errors of the same constraint in the same row.
      forged = ForgingProver.alter(forged, sums.get(i), carry, 2, Fr.of(i == 0 ? 1 : -1));
    }
    List<String> wrong = Court.wrong(run.program(), Court.statement(run), forged);
    assertTrue(wrong.stream().anyMatch(w -> w.contains("sum of low halves")), wrong::toString);
    Court.refuses(run.program(), Court.statement(run), forged);
    proven++;
  }

  // ---- inputs

  @Test
  void argumentsOfAnotherCall() {
    Program program = Programs.fibonacci(3).program();
    ExecutionTrace other =
        TestMachine.run(
            program, new Call("main", List.of(Assembler.i32(4)), new byte[0], new byte[0]));
    Statement asked = Court.statement(Programs.fibonacci(3));
    Statement lie =
        new Statement(
            asked.programDigest(),
            asked.export(),
            asked.arguments(),
            other.results(),
            asked.publicInput(),
            asked.output(),
            asked.exit(),
            other.steps(),
            asked.context());
    onlyRefusedBy(Bus.ARGUMENT, program, lie, tables(other));
  }
}
