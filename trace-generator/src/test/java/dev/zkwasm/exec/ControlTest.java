package dev.zkwasm.exec;

import static dev.zkwasm.isa.ValueType.I32;
import static dev.zkwasm.isa.ValueType.I64;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.WitnessBuilder;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.ModuleBuilder.Code;
import dev.zkwasm.wasm.WasmOpcode;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** Blocks, calls, traps, limits: with results worked out by hand. */
class ControlTest {
  private static Code code() {
    return ModuleBuilder.code();
  }

  private static Oracle.Ending run(byte[] wasm, String export, long... arguments) {
    LoweredModule lowered = Lowering.lower(wasm);
    List<ValueType> types = lowered.program().export(export).orElseThrow().parameters();
    return Oracle.execute(lowered, Oracle.call(types, export, arguments));
  }

  private static Oracle.Ending returned(Long... results) {
    return new Oracle.Ending(Exit.returned(), Arrays.asList(results));
  }

  private static Oracle.Ending trapped(TrapReason reason) {
    return new Oracle.Ending(Exit.trapped(reason), List.of());
  }

  @Test
  void blocksTakeParametersAboveOtherValues() {
    ModuleBuilder builder = new ModuleBuilder();
    int swap = builder.type(List.of(I32, I64), List.of(I64, I32));
    int loop = builder.type(List.of(I32), List.of(I32));
    builder.exported(
        "swap",
        List.of(I32, I64),
        List.of(I32, I64, I32),
        List.of(I32),
        code()
            .i32(77)
            .get(0)
            .get(1)
            .block(WasmOpcode.BLOCK, swap)
            .set(1)
            .set(2)
            .get(1)
            .get(2)
            .end());
    // Triples until the value exceeds 1000; the value is the loop's parameter.
    builder.exported(
        "triple",
        List.of(I32),
        List.of(I32),
        List.of(),
        code()
            .i32(5)
            .get(0)
            .block(WasmOpcode.LOOP, loop)
            .i32(3)
            .op(WasmOpcode.I32_MUL)
            .op(WasmOpcode.LOCAL_TEE, 0)
            .get(0)
            .i32(1000)
            .op(WasmOpcode.I32_LT_U)
            .op(WasmOpcode.BR_IF, 0)
            .end()
            .op(WasmOpcode.I32_ADD));
    // An if without else hands its parameter through.
    builder.exported(
        "if",
        List.of(I32, I32),
        List.of(I32),
        List.of(),
        code().get(0).get(1).block(WasmOpcode.IF, loop).i32(100).op(WasmOpcode.I32_ADD).end());
    byte[] wasm = builder.build();
    assertEquals(returned(77L, 9L, 4L), run(wasm, "swap", 4, 9));
    assertEquals(returned(7L * 243 + 5), run(wasm, "triple", 7));
    assertEquals(returned(107L), run(wasm, "if", 7, 1));
    assertEquals(returned(7L), run(wasm, "if", 7, 0));
  }

  @Test
  void resultsAreMovedInParallel() {
    ModuleBuilder builder = new ModuleBuilder();
    // Rotations and repetitions of the parameters, which stand in the slots of the results.
    builder.exported(
        "rotate",
        List.of(I32, I32, I32, I32),
        List.of(I32, I32, I32, I32),
        List.of(),
        code().get(1).get(2).get(3).get(0));
    builder.exported(
        "mix",
        List.of(I32, I32, I32, I32),
        List.of(I32, I32, I32, I32, I32, I32),
        List.of(),
        code().get(1).get(0).get(0).i32(9).get(2).get(3).get(2).op(WasmOpcode.I32_ADD));
    builder.exported(
        "two swaps",
        List.of(I32, I32, I32, I32),
        List.of(I32, I32, I32, I32),
        List.of(),
        code().get(1).get(0).get(3).get(2).op(WasmOpcode.RETURN));
    byte[] wasm = builder.build();
    assertEquals(returned(2L, 3L, 4L, 1L), run(wasm, "rotate", 1, 2, 3, 4));
    assertEquals(returned(2L, 1L, 1L, 9L, 3L, 7L), run(wasm, "mix", 1, 2, 3, 4));
    assertEquals(returned(2L, 1L, 4L, 3L), run(wasm, "two swaps", 1, 2, 3, 4));
  }

  @Test
  void anOverwrittenLocalKeepsItsOldValueOnTheStack() {
    ModuleBuilder builder = new ModuleBuilder();
    builder.exported(
        "run",
        List.of(I32),
        List.of(I32),
        List.of(),
        code()
            .get(0)
            .get(0)
            .get(0)
            .i32(1)
            .op(WasmOpcode.I32_ADD)
            .set(0) // 2 old values stay below
            .get(0)
            .op(WasmOpcode.I32_MUL)
            .op(WasmOpcode.I32_ADD));
    // The assignment happens on one path only.
    builder.exported(
        "branch",
        List.of(I32, I32),
        List.of(I32),
        List.of(),
        code()
            .get(0)
            .block(WasmOpcode.BLOCK, 0x40)
            .get(1)
            .op(WasmOpcode.BR_IF, 0)
            .i32(50)
            .set(0)
            .end()
            .get(0)
            .op(WasmOpcode.I32_SUB));
    byte[] wasm = builder.build();
    assertEquals(returned(5L + 5 * 6), run(wasm, "run", 5));
    assertEquals(returned(0L), run(wasm, "branch", 20, 1));
    assertEquals(returned(0xffffffffL & -30), run(wasm, "branch", 20, 0));
  }

  @Test
  void tablesOfBranchesCarryValues() {
    ModuleBuilder builder = new ModuleBuilder();
    builder.exported(
        "run",
        List.of(I32),
        List.of(I32),
        List.of(),
        code()
            .block(WasmOpcode.BLOCK, 0x7f)
            .block(WasmOpcode.BLOCK, 0x7f)
            .i32(10)
            .get(0)
            .raw(0x0e)
            .u32(3)
            .u32(0)
            .u32(1)
            .u32(2)
            .u32(0)
            .end()
            .i32(1)
            .op(WasmOpcode.I32_ADD)
            .end()
            .i32(2)
            .op(WasmOpcode.I32_MUL));
    byte[] wasm = builder.build();
    assertEquals(returned(22L), run(wasm, "run", 0));
    assertEquals(returned(20L), run(wasm, "run", 1));
    assertEquals(returned(10L), run(wasm, "run", 2));
    assertEquals(returned(22L), run(wasm, "run", 3));
    assertEquals(returned(22L), run(wasm, "run", -1));
  }

  /**
   * Every trap, with the record of the instruction that traps as the last one; the tables accept
   * each.
   */
  @Test
  void trapsEndTheTrace() {
    ModuleBuilder builder = new ModuleBuilder().memory(1, 1).table(3);
    int type = builder.type(List.of(I32), List.of(I32));
    int other = builder.type(List.of(), List.of(I32));
    int typed = builder.function(type, List.of(), code().get(0));
    int mistyped = builder.function(other, List.of(), code().i32(1));
    builder.elements(0, typed, mistyped);
    int self = 2;
    int recursion = builder.function(type, List.of(), code().get(0).op(WasmOpcode.CALL, self));
    assertEquals(self, recursion);
    builder.export("call stack exhausted", recursion);
    builder.exported(
        "unreachable", List.of(I32), List.of(I32), List.of(), code().op(WasmOpcode.UNREACHABLE));
    builder.exported(
        "integer divide by zero",
        List.of(I32),
        List.of(I32),
        List.of(),
        code().get(0).i32(0).op(WasmOpcode.I32_REM_S));
    builder.exported(
        "integer overflow",
        List.of(I32),
        List.of(I32),
        List.of(),
        code().i32(Integer.MIN_VALUE).get(0).op(WasmOpcode.I32_DIV_S));
    builder.exported(
        "out of bounds memory access",
        List.of(I32),
        List.of(I32),
        List.of(),
        code().get(0).op(WasmOpcode.I32_LOAD, 2, 0xffffffffL));
    builder.exported(
        "indirect",
        List.of(I32),
        List.of(I32),
        List.of(),
        code().get(0).get(0).op(WasmOpcode.CALL_INDIRECT, type, 0));
    LoweredModule lowered = Lowering.lower(builder.build());
    check(lowered, "call stack exhausted", -1, TrapReason.CALL_STACK_EXHAUSTED, Opcode.CALL);
    check(lowered, "unreachable", -1, TrapReason.UNREACHABLE, Opcode.TRAP);
    check(lowered, "integer divide by zero", -1, TrapReason.DIVIDE_BY_ZERO, Opcode.TRAP);
    check(lowered, "integer overflow", -1, TrapReason.INTEGER_OVERFLOW, Opcode.TRAP);
    check(
        lowered, "out of bounds memory access", -1, TrapReason.MEMORY_OUT_OF_BOUNDS, Opcode.LOAD32);
    check(lowered, "indirect", 1, TrapReason.INDIRECT_CALL_TYPE, Opcode.TRAP);
    check(lowered, "indirect", 2, TrapReason.UNINITIALIZED_ELEMENT, Opcode.TRAP);
    check(lowered, "indirect", 3, TrapReason.UNDEFINED_ELEMENT, Opcode.TRAP);
    check(lowered, "indirect", -1, TrapReason.UNDEFINED_ELEMENT, Opcode.TRAP);
    assertEquals(returned(0L), Oracle.execute(lowered, Oracle.call(List.of(I32), "indirect", 0)));
  }

  private static void check(
      LoweredModule lowered, String export, long argument, TrapReason reason, Opcode last) {
    Call call = Oracle.call(List.of(I32), export, argument);
    ExecutionTrace trace = Executor.execute(lowered.program(), call, Limits.DEFAULT, Progress.NONE);
    assertEquals(Exit.trapped(reason), trace.exit(), export);
    assertEquals(List.of(), trace.results());
    assertEquals(last, trace.instruction(trace.steps() - 1).opcode());
    if (reason != TrapReason.CALL_STACK_EXHAUSTED) {
      WitnessBuilder.build(TableSet.STANDARD, trace).check();
    }
  }

  @Test
  void everyCallRunsStartFunctionAndInitializer() {
    ModuleBuilder builder = new ModuleBuilder();
    int nothing = builder.type(List.of(), List.of());
    int global = builder.global(I32, true, 1);
    int start =
        builder.function(
            nothing,
            List.of(),
            code()
                .op(WasmOpcode.GLOBAL_GET, global)
                .i32(10)
                .op(WasmOpcode.I32_MUL)
                .op(WasmOpcode.GLOBAL_SET, global));
    int initialize =
        builder.function(
            nothing,
            List.of(),
            code()
                .op(WasmOpcode.GLOBAL_GET, global)
                .i32(3)
                .op(WasmOpcode.I32_ADD)
                .op(WasmOpcode.GLOBAL_SET, global));
    builder.start(start).export("_initialize", initialize);
    builder.exported(
        "run", List.of(), List.of(I32), List.of(), code().op(WasmOpcode.GLOBAL_GET, global));
    assertEquals(returned(13L), run(builder.build(), "run"));
    assertEquals(returned(), run(builder.build(), "_initialize"));
  }

  @Test
  void limitsAreNamedWithThePlace() {
    ModuleBuilder builder = new ModuleBuilder().memory(100, 100);
    builder.exported(
        "spin",
        List.of(),
        List.of(),
        List.of(),
        code().block(WasmOpcode.LOOP, 0x40).op(WasmOpcode.BR, 0).end());
    builder.exported(
        "touch",
        List.of(),
        List.of(),
        List.of(I32),
        code()
            .block(WasmOpcode.LOOP, 0x40)
            .get(0)
            .i32(1)
            .op(WasmOpcode.I32_STORE, 2, 0)
            .get(0)
            .i32(65536)
            .op(WasmOpcode.I32_ADD)
            .set(0)
            .op(WasmOpcode.BR, 0)
            .end());
    Program program = Lowering.lower(builder.build()).program();
    Call spin = Oracle.call(List.of(), "spin");
    Call touch = Oracle.call(List.of(), "touch");
    Limits limits = new Limits(1000, 10);
    assertEquals(
        "step limit (gas) of 1000 reached at step 1000, function 0 (spin) at byte 53: br",
        assertThrows(
                LimitException.class, () -> Executor.execute(program, spin, limits, Progress.NONE))
            .getMessage());
    assertEquals(
        "memory limit of 10 touched pages reached at step 33, function 1 (touch) at byte 67:"
            + " i32.store",
        assertThrows(
                LimitException.class, () -> Executor.execute(program, touch, limits, Progress.NONE))
            .getMessage());
    CancellationException cancelled =
        assertThrows(
            CancellationException.class,
            () ->
                Executor.run(
                    program,
                    null,
                    spin,
                    Limits.DEFAULT,
                    steps -> steps < 1_000_000,
                    Executor.NO_TRACE));
    assertTrue(
        Objects.requireNonNull(cancelled.getMessage()).startsWith("execution cancelled after 10"));
  }

  @Test
  void callsThatDoNotFitAreExplained() {
    ModuleBuilder builder = new ModuleBuilder();
    builder.exported("add", List.of(I32, I64), List.of(I64), List.of(), code().get(1));
    builder.exported("other", List.of(), List.of(), List.of(), code());
    Program program = Lowering.lower(builder.build()).program();
    assertEquals(
        "the module exports no function \"run\"; it exports: add(i32, i64) -> (i64), other() ->"
            + " ()",
        refusal(program, new Call("run", List.of(), new byte[0], new byte[0])));
    assertEquals(
        "the call gives no arguments but the export is add(i32, i64) -> (i64)",
        refusal(program, new Call("add", List.of(), new byte[0], new byte[0])));
    assertEquals(
        "the call gives 2 of types (i64, i64) but the export is add(i32, i64) -> (i64)",
        refusal(
            program,
            new Call(
                "add", List.of(new Value(I64, 1), new Value(I64, 1)), new byte[0], new byte[0])));
  }

  private static String refusal(Program program, Call call) {
    CallException e =
        assertThrows(
            CallException.class,
            () -> Executor.execute(program, call, Limits.DEFAULT, Progress.NONE));
    return Objects.requireNonNull(e.getMessage());
  }

  /**
   * Fills and copies of every small size at every alignment, overlapping and at the ends, against a
   * byte array.
   */
  @Test
  void bulkMemoryAgreesWithByteArrays() {
    ModuleBuilder builder = new ModuleBuilder().memory(1, 1);
    byte[] initial = new byte[256];
    for (int i = 0; i < initial.length; i++) {
      initial[i] = (byte) (i * 7 + 1);
    }
    builder.data(0, initial);
    List<ValueType> three = List.of(I32, I32, I32);
    builder.exported(
        "fill",
        three,
        List.of(),
        List.of(),
        code().get(0).get(1).get(2).op(WasmOpcode.MEMORY_FILL, 0));
    builder.exported(
        "copy",
        three,
        List.of(),
        List.of(),
        code().get(0).get(1).get(2).op(WasmOpcode.MEMORY_COPY, 0, 0));
    // The same followed by the output of what is in memory would need imports: the trace's stores
    // tell.
    LoweredModule lowered = Lowering.lower(builder.build());
    for (int length = 0; length <= 70; length++) {
      for (int to = 0; to < 9; to++) {
        byte[] expected = initial.clone();
        Arrays.fill(expected, 100 + to, 100 + to + length, (byte) 0x1c5);
        assertArrayEquals(
            expected, memory(lowered, initial, "fill", 100 + to, 0x1c5, length), "fill " + length);
      }
      for (int distance : new int[] {-40, -9, -8, -7, -1, 0, 1, 3, 7, 8, 9, 31, 90}) {
        byte[] expected = initial.clone();
        System.arraycopy(expected, 80, expected, 80 + distance, length);
        assertArrayEquals(
            expected,
            memory(lowered, initial, "copy", 80 + distance, 80, length),
            "copy " + length + " by " + distance);
      }
    }
    for (long[] bad :
        new long[][] {
          {65536, 0, 1}, {65000, 0, 537}, {0, 65530, 7}, {0, 0, -1}, {-1, 0, 1}, {65537, 0, 0}
        }) {
      Oracle.Ending ending = Oracle.execute(lowered, Oracle.call(three, "copy", bad));
      assertEquals(trapped(TrapReason.MEMORY_OUT_OF_BOUNDS), ending, Arrays.toString(bad));
    }
    assertEquals(returned(), Oracle.execute(lowered, Oracle.call(three, "copy", 65536, 65536, 0)));
    assertEquals(
        trapped(TrapReason.MEMORY_OUT_OF_BOUNDS),
        Oracle.execute(lowered, Oracle.call(three, "fill", 65530, 1, 7)));
  }

  /** Memory after a call, from the stores in its trace. */
  private static byte[] memory(
      LoweredModule lowered, byte[] initial, String export, long... arguments) {
    ExecutionTrace trace =
        Executor.execute(
            lowered.program(),
            Oracle.call(List.of(I32, I32, I32), export, arguments),
            Limits.DEFAULT,
            Progress.NONE);
    assertEquals(Exit.returned(), trace.exit());
    byte[] memory = initial.clone();
    for (int i = 0; i < trace.steps(); i++) {
      Opcode opcode = trace.instruction(i).opcode();
      if (opcode.name().startsWith("STORE")) {
        long address = trace.a(i) + trace.instruction(i).kLo();
        for (int j = 0; j < opcode.accessSize(); j++) {
          memory[(int) address + j] = (byte) (trace.b(i) >>> (8 * j));
        }
      }
    }
    return memory;
  }
}
