package dev.zkwasm.exec;

import static dev.zkwasm.isa.ValueType.F32;
import static dev.zkwasm.isa.ValueType.F64;
import static dev.zkwasm.isa.ValueType.I32;
import static dev.zkwasm.isa.ValueType.I64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.field.Fr;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.proof.ProofFile;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.prover.ForgingProver;
import dev.zkwasm.prover.SecondVerifier;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.WitnessBuilder;
import dev.zkwasm.testing.TestProver;
import dev.zkwasm.testing.TestProver.Claim;
import dev.zkwasm.verifier.Verdict;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.WasmOpcode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Instructions that are sequences of rows: another result than the right one is claimed, in two
 * ways. Either the row that hands the result over shows another value than the one that was
 * computed; or the sequence has another last instruction, which writes the wrong value, and all the
 * rest of the run agrees with it. Everything else is as it must be, so one thing alone stops each
 * attack, and the proof that an attacker's prover makes of it is refused. (That no row can be wrong
 * in itself is shown for each table where the tables are.)
 */
class ForgedResultTest {
  private static final SecondVerifier VERIFIERS =
      new SecondVerifier(TestProver.get().system(), Path.of("target", "forged-results"));

  @AfterAll
  static void agree() {
    VERIFIERS.agrees();
  }

  /** An instruction, its operands, what is right, and what is claimed. */
  enum Case {
    DIV_S_ROUNDED_DOWN(WasmOpcode.I32_DIV_S, I32, I32, 0xfffffffcL, 0xfffffff9L, 2),
    DIV_S_WITHOUT_SIGN(WasmOpcode.I32_DIV_S, I32, I32, 3, 7, 0xfffffffeL),
    DIV_S_OF_BOTH_SIGNS(WasmOpcode.I64_DIV_S, I64, I64, -3, -7, -2),
    DIV_S_LEAST_BY_ONE(WasmOpcode.I64_DIV_S, I64, I64, Long.MAX_VALUE, Long.MIN_VALUE, 1),
    DIV_S_LEAST_BY_MINUS_ONE(WasmOpcode.I32_DIV_S, I32, I32, 0x80000000L, 0x80000000L, 0xffffffffL),
    DIV_S_BY_ZERO(WasmOpcode.I64_DIV_S, I64, I64, 5, 5, 0),
    REM_S_WITH_DIVISORS_SIGN(WasmOpcode.I32_REM_S, I32, I32, 1, 0xfffffff9L, 0xfffffffeL),
    REM_S_OF_ROUNDED_DOWN(WasmOpcode.I64_REM_S, I64, I64, 1, -7, 2),
    REM_S_LEAST_BY_MINUS_ONE(WasmOpcode.I32_REM_S, I32, I32, 0x80000000L, 0x80000000L, 0xffffffffL),
    REM_U_BY_ZERO(WasmOpcode.I32_REM_U, I32, I32, 5, 5, 0),
    SHR_S_WITHOUT_SIGN(WasmOpcode.I32_SHR_S, I32, I32, 0x7ffffffcL, 0xfffffff8L, 1),
    EXTEND8_WITHOUT_SIGN(WasmOpcode.I64_EXTEND8_S, I64, I64, 0x80, 0x80),
    EXTEND32_WITHOUT_SIGN(WasmOpcode.I64_EXTEND_I32_S, I64, I32, 0xffffffffL, 0xffffffffL),
    WRAP_WITH_UPPER_HALF(WasmOpcode.I32_WRAP_I64, I32, I64, 2, 0x100000001L),
    CLZ_OF_ZERO(WasmOpcode.I32_CLZ, I32, I32, 31, 0),
    CTZ_OF_ZERO(WasmOpcode.I64_CTZ, I64, I64, 0, 0),
    POPCNT_OF_ALL(WasmOpcode.I64_POPCNT, I64, I64, 0, -1),
    TRUNC_ROUNDED_DOWN(WasmOpcode.I32_TRUNC_F64_S, I32, F64, 0xfffffffeL, bits(-1.9)),
    TRUNC_OF_NAN(WasmOpcode.I32_TRUNC_F64_S, I32, F64, 0, bits(Double.NaN)),
    TRUNC_BEYOND_THE_RANGE(WasmOpcode.I32_TRUNC_F64_U, I32, F64, 0xffffffffL, bits(4294967296.0)),
    TRUNC_SAT_OF_NAN(WasmOpcode.I32_TRUNC_SAT_F64_S, I32, F64, 0x80000000L, bits(Double.NaN)),
    TRUNC_SAT_BELOW_ZERO(WasmOpcode.I64_TRUNC_SAT_F32_U, I64, F32, -1, bits(-1f)),
    TRUNC_SAT_ABOVE(WasmOpcode.I64_TRUNC_SAT_F64_S, I64, F64, Long.MIN_VALUE, bits(1e19)),
    CONVERT_ROUNDED_UP(WasmOpcode.F32_CONVERT_I32_U, F32, I32, bits(16777218f), 16777217),
    CONVERT_WITHOUT_SIGN(WasmOpcode.F64_CONVERT_I64_S, F64, I64, bits(0x1p64), -1),
    DEMOTE_ROUNDED_UP(WasmOpcode.F32_DEMOTE_F64, F32, F64, bits(Math.nextUp(1f)), bits(1.00000001)),
    PROMOTE_WITH_PAYLOAD(WasmOpcode.F64_PROMOTE_F32, F64, F32, 0x7ff8000020000000L, 0x7fc00001L),
    ADD_ROUNDED_UP(WasmOpcode.F64_ADD, F64, F64, bits(Math.nextUp(1.0)), bits(1.0), bits(0x1p-53)),
    MIN_OF_ZEROS(WasmOpcode.F32_MIN, F32, F32, bits(0f), bits(0f), bits(-0f)),
    LESS_THAN_NAN(WasmOpcode.F64_LT, I32, F64, 1, bits(1.0), bits(Double.NaN));

    final WasmOpcode opcode;
    final ValueType result;
    final ValueType operand;
    final long claimed;
    final long[] operands;

    Case(WasmOpcode opcode, ValueType result, ValueType operand, long claimed, long... operands) {
      this.opcode = opcode;
      this.result = result;
      this.operand = operand;
      this.claimed = claimed;
      this.operands = operands;
    }

    private static long bits(double value) {
      return Double.doubleToLongBits(value);
    }

    private static long bits(float value) {
      return Float.floatToIntBits(value) & 0xffffffffL;
    }

    Program program() {
      ModuleBuilder builder = new ModuleBuilder();
      List<ValueType> parameters = java.util.Collections.nCopies(operands.length, operand);
      ModuleBuilder.Code body = ModuleBuilder.code();
      for (int i = 0; i < operands.length; i++) {
        body.get(i);
      }
      builder.exported("run", parameters, List.of(result), List.of(), body.op(opcode));
      return Lowering.lower(builder.build()).program();
    }

    Call call() {
      List<Value> arguments = new ArrayList<>();
      for (long bits : operands) {
        arguments.add(new Value(operand, bits));
      }
      return new Call("run", arguments, new byte[0], new byte[0]);
    }

    boolean traps() {
      return run(program(), call()).exit().kind() == Exit.Kind.TRAPPED;
    }

    /** Then returning there instead leaves something else than the claim. */
    boolean trapsInALibrary() {
      return traps() && operand == F64;
    }

    Claim claim() {
      return new Claim(call(), Exit.returned(), List.of(new Value(result, claimed)));
    }
  }

  /** Tables for a claim that is not true. */
  private record Forgery(ProgramHeader header, Statement statement, List<TableInstance> tables) {
    Set<Bus> unbalanced() {
      return ForgingProver.unbalanced(header, statement, tables);
    }

    void isRefused() {
      TestProver prover = TestProver.get();
      byte[] proof =
          new ForgingProver(prover.system(), prover.committer(), prover.key())
              .prove(header, statement, tables);
      ProofFile file = prover.file(header, statement, proof);
      Verdict verdict = VERIFIERS.judge("forged", prover.key(), header, file);
      assertEquals(Verdict.Kind.INVALID, verdict.kind());
    }
  }

  private static ExecutionTrace run(Program program, Call call) {
    return Executor.execute(program, call, Limits.DEFAULT, Progress.NONE);
  }

  private static List<TableInstance> tables(ExecutionTrace trace) {
    return WitnessBuilder.build(TableSet.STANDARD, trace).instances();
  }

  /** Classes of the instructions between the one that writes the result and the end. */
  private static final Set<OpClass> SKIPPED = EnumSet.of(OpClass.FLOW, OpClass.HOST, OpClass.EXIT);

  /** The row of instruction RESULT hands over what is claimed; a run that trapped has none. */
  private static Forgery otherResult(Case c) {
    Program program = c.program();
    ExecutionTrace trace = run(program, c.call());
    List<TableInstance> tables = tables(trace);
    if (trace.exit().kind() == Exit.Kind.RETURNED) {
      assertNotEquals(c.claimed, trace.results().getFirst().bits());
      int index = tables.stream().map(t -> t.table().name()).toList().indexOf("host");
      TableInstance host = tables.get(index);
      int row = 0;
      while (host.cell(column(host, "result"), row).isZero()) {
        row++;
      }
      Fr low = Fr.of(c.claimed & 0xffffffffL);
      tables = ForgingProver.alter(tables, index, column(host, "aLo"), row, low);
      Fr high = Fr.of(c.claimed >>> 32);
      tables = ForgingProver.alter(tables, index, column(host, "aHi"), row, high);
    }
    ProgramHeader header = TestProver.get().key(program).header();
    return new Forgery(header, c.claim().statement(header, trace.steps()), tables);
  }

  private static Column column(TableInstance table, String name) {
    return table.table().columns().stream()
        .filter(c -> c.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /**
   * The run of another program, in which the instruction that wrote the result writes what is
   * claimed, or the one that trapped returns; the program's own columns say what they must.
   */
  private static Forgery otherInstruction(Case c) {
    Program program = c.program();
    ExecutionTrace honest = run(program, c.call());
    int step = honest.steps() - 1;
    Instruction instead = new Instruction(Opcode.RETURN, 0, 0, 0, 0, false, false);
    if (honest.exit().kind() == Exit.Kind.RETURNED) {
      while (SKIPPED.contains(honest.instruction(step).opcode().opClass())) {
        step--;
      }
      instead = new Instruction(Opcode.CONST, 0, 0, 0, c.claimed, false, false);
    }
    // In the frame of the function, where slot 0 is for the result, and holds the first operand.
    assertEquals(0, honest.fp(step));
    assertEquals(0, honest.instruction(step).d());
    List<Instruction> code = new ArrayList<>(program.code());
    code.set(honest.pc(step) - 1, instead);
    Program other =
        new Program(
            program.extensionId(),
            program.loweringVersion(),
            code,
            program.locations(),
            program.exports(),
            program.initialMemoryPages(),
            program.image());
    ExecutionTrace trace = run(other, c.call());
    assertEquals(c.claimed, trace.results().getFirst().bits());
    List<TableInstance> tables = new ArrayList<>(tables(trace));
    List<TableInstance> right = tables(honest);
    for (int i = 0; i < tables.size(); i++) {
      TableInstance table = tables.get(i);
      if (table.table().name().equals("program")) {
        TableInstance own =
            right.stream().filter(t -> t.table().equals(table.table())).findFirst().orElseThrow();
        tables.set(
            i,
            new TableInstance(
                table.air(),
                table.height(),
                table.fixed(),
                own.program(),
                table.main(),
                table.instance()));
      }
    }
    ProgramHeader header = TestProver.get().key(program).header();
    return new Forgery(header, c.claim().statement(header, trace.steps()), tables);
  }

  @ParameterizedTest
  @EnumSource
  void oneBusStopsAnotherResult(Case c) {
    Set<Bus> buses = otherResult(c).unbalanced();
    assertEquals(c.traps() ? EnumSet.of(Bus.EXIT, Bus.RESULT) : EnumSet.of(Bus.MEMORY), buses);
  }

  @ParameterizedTest
  @EnumSource
  void theProgramStopsAnotherInstruction(Case c) {
    if (!c.trapsInALibrary()) {
      assertEquals(EnumSet.of(Bus.PROGRAM), otherInstruction(c).unbalanced());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"DIV_S_LEAST_BY_MINUS_ONE", "TRUNC_SAT_OF_NAN"})
  void proofsAreRefused(Case c) {
    otherResult(c).isRefused();
    otherInstruction(c).isRefused();
  }

  @ParameterizedTest
  @EnumSource
  @Tag("long")
  void allProofsAreRefused(Case c) {
    otherResult(c).isRefused();
    if (!c.trapsInALibrary()) {
      otherInstruction(c).isRefused();
    }
  }
}
