package dev.zkwasm.exec;

import static dev.zkwasm.isa.ValueType.EXTERNREF;
import static dev.zkwasm.isa.ValueType.FUNCREF;
import static dev.zkwasm.isa.ValueType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Space;
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
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tables, references and passive segments, against Chicory; and each run fills the tables. */
class TablesTest {
  private static final int FUNCTIONS = 3;
  private static final int GROWING = 0; // funcref, 4 elements, at most 12
  private static final int FIXED = 1; // funcref, 5 elements
  private static final int EXTERNAL = 2; // externref, 3 elements
  private static final int CONSTANT = 3; // funcref, never written

  private static Code code() {
    return ModuleBuilder.code();
  }

  /**
   * A module with four tables, element segments of all kinds, two passive data segments, and one
   * function {@code run: (externref) -> i32} with the given body; local 1 is an i32.
   */
  private static byte[] module(Code body) {
    ModuleBuilder builder = new ModuleBuilder().memory(1, 1);
    int type = builder.type(List.of(I32), List.of(I32));
    int other = builder.type(List.of(), List.of(I32));
    for (int i = 0; i < FUNCTIONS; i++) {
      var unused =
          builder.function(type, List.of(), code().get(0).i32(10 * (i + 1)).op(WasmOpcode.I32_ADD));
    }
    int mistyped = builder.function(other, List.of(), code().i32(5));
    builder.table(FUNCREF, 4, 12).table(FUNCREF, 5, 5).table(EXTERNREF, 3, 9).table(3);
    // 0: active, table 0, indices.
    builder.elements(1, 0, mistyped);
    // 1: active, table 1, expressions.
    builder.elements(
        code().raw(6, FIXED).i32(2).end().raw(0x70, 2, 0xd2, 1, 0x0b, 0xd0, 0x70, 0x0b));
    // 2, 3: passive, by indices and by expressions.
    builder.elements(code().raw(1, 0, 3, 2, 1, 0));
    builder.elements(code().raw(5, 0x70, 3, 0xd0, 0x70, 0x0b, 0xd2, 2, 0x0b, 0xd2, 0, 0x0b));
    // 4: declarative. 5: active, table 3, with element kind.
    builder.elements(code().raw(3, 0, 1, 2));
    builder.elements(code().raw(2, CONSTANT).i32(0).end().raw(0, 2, 1, mistyped));
    builder.passiveData(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17});
    builder.passiveData(new byte[] {(byte) 0x80, (byte) 0xff, 3});
    builder.data(20, new byte[] {9, 9, 9});
    builder.exported("run", List.of(EXTERNREF), List.of(I32), List.of(I32), body);
    return builder.build();
  }

  /** Writes random instructions; their outcomes are summed up in local 1. */
  private static final class Generator {
    private final Random random;
    private final Code body = code();

    Generator(int seed) {
      random = new Random(seed);
    }

    private int next(int bound) {
      return random.nextInt(bound);
    }

    private int funcTable() {
      return next(2) == 0 ? GROWING : FIXED;
    }

    /**
     * Mostly small; a few far beyond every bound, though below 2^31: from there on Chicory takes
     * them for negative and does not always trap. A local's value now and then.
     */
    private Generator number(int bound) {
      switch (next(40)) {
        case 0 -> body.i32(0x7ffffff0 + next(3));
        case 1, 2 -> body.get(1).i32(3).op(WasmOpcode.I32_AND);
        default -> body.i32(next(bound));
      }
      return this;
    }

    private void function() {
      if (next(3) == 0) {
        body.raw(0xd0, 0x70);
      } else {
        body.op(WasmOpcode.REF_FUNC, next(FUNCTIONS));
      }
    }

    private void external() {
      if (next(3) == 0) {
        body.raw(0xd0, 0x6f);
      } else {
        body.get(0);
      }
    }

    /** Adds the i32 on the stack to {@code 31 * local 1}. */
    private void sum() {
      body.get(1).i32(31).op(WasmOpcode.I32_MUL).op(WasmOpcode.I32_ADD).set(1);
    }

    private void instruction() {
      switch (next(15)) {
        case 0 -> {
          number(4);
          body.op(WasmOpcode.TABLE_GET, next(3)).op(WasmOpcode.REF_IS_NULL);
          sum();
        }
        case 1 -> {
          int table = funcTable();
          number(4);
          function();
          body.op(WasmOpcode.TABLE_SET, table);
        }
        case 2 -> {
          number(3);
          external();
          body.op(WasmOpcode.TABLE_SET, EXTERNAL);
        }
        case 3 -> {
          body.op(WasmOpcode.TABLE_SIZE, next(4));
          sum();
        }
        case 4 -> {
          function();
          number(4);
          body.op(WasmOpcode.TABLE_GROW, GROWING);
          sum();
        }
        case 5 -> {
          external();
          number(3);
          body.op(WasmOpcode.TABLE_GROW, EXTERNAL);
          sum();
        }
        case 6 -> {
          int table = funcTable();
          number(4);
          function();
          number(3);
          body.op(WasmOpcode.TABLE_FILL, table);
        }
        case 7 -> {
          number(4).number(4).number(3);
          body.op(WasmOpcode.TABLE_COPY, funcTable(), funcTable());
        }
        case 8 -> {
          number(3);
          number(3);
          number(3);
          body.op(WasmOpcode.TABLE_INIT, 2 + next(2), funcTable());
        }
        case 9 -> body.op(WasmOpcode.ELEM_DROP, next(4) == 0 ? 2 : 4);
        case 10, 11 -> {
          int segment = next(2);
          number(40).number(segment == 0 ? 12 : 3).number(segment == 0 ? 10 : 2);
          body.op(WasmOpcode.MEMORY_INIT, segment, 0);
        }
        case 12 -> body.op(WasmOpcode.DATA_DROP, next(4) == 0 ? 1 : 2);
        case 13 -> {
          number(64);
          number(3);
          body.op(WasmOpcode.CALL_INDIRECT, 0, next(3) == 0 ? CONSTANT : funcTable());
          sum();
        }
        default -> {
          number(40);
          body.op(WasmOpcode.I32_LOAD, 2, 0);
          sum();
        }
      }
    }

    byte[] module() {
      for (int n = 2 + next(12); n > 0; n--) {
        instruction();
      }
      return TablesTest.module(body.get(1));
    }
  }

  private static ExecutionTrace trace(LoweredModule lowered, Call call) {
    return Executor.execute(lowered.program(), call, Limits.DEFAULT, Progress.NONE);
  }

  @Test
  void agreesWithChicory() {
    Map<Exit.Kind, Integer> kinds = new EnumMap<>(Exit.Kind.class);
    int failures = 0;
    Set<TrapReason> reasons = EnumSet.noneOf(TrapReason.class);
    for (int seed = 0; seed < 600; seed++) {
      byte[] wasm = new Generator(seed).module();
      // Chicory's numbers of references are its own: -1 is null, others count from 0.
      Oracle.Ending expected;
      try {
        expected = Oracle.interpret(Oracle.instantiate(wasm), "run", List.of(I32), 41L);
      } catch (ArrayIndexOutOfBoundsException e) {
        // Chicory 1.7.5 copies no elements beyond the first size of a table that has grown.
        failures++;
        continue;
      }
      LoweredModule lowered = Lowering.lower(wasm);
      Call call = Oracle.call(List.of(EXTERNREF), "run", 42);
      assertEquals(expected, Oracle.execute(lowered, call), "seed " + seed);
      kinds.merge(expected.exit().kind(), 1, Integer::sum);
      if (expected.exit().kind() == Exit.Kind.TRAPPED) {
        reasons.add(TrapReason.ofCode(expected.exit().code()));
      }
      if (seed < 40) {
        WitnessBuilder.build(TableSet.STANDARD, trace(lowered, call)).check();
      }
    }
    assertTrue(failures < 60, "Chicory failed " + failures + " times");
    assertTrue(kinds.getOrDefault(Exit.Kind.RETURNED, 0) > 100, kinds.toString());
    assertEquals(
        EnumSet.of(
            TrapReason.MEMORY_OUT_OF_BOUNDS,
            TrapReason.TABLE_OUT_OF_BOUNDS,
            TrapReason.UNDEFINED_ELEMENT,
            TrapReason.UNINITIALIZED_ELEMENT,
            TrapReason.INDIRECT_CALL_TYPE),
        reasons);
  }

  /** Indices and lengths are unsigned, and their sum does not wrap. */
  @Test
  void numbersFrom2To31AreOutOfBounds() {
    for (int big : new int[] {Integer.MIN_VALUE, -3, -1}) {
      Code[] bodies = {
        code().i32(big).op(WasmOpcode.TABLE_GET, GROWING).op(WasmOpcode.DROP),
        code().i32(big).get(0).op(WasmOpcode.TABLE_SET, EXTERNAL),
        code().i32(big).i32(0).i32(0).op(WasmOpcode.TABLE_COPY, GROWING, FIXED),
        code().i32(0).i32(big).i32(-big).op(WasmOpcode.TABLE_COPY, GROWING, FIXED),
        code().i32(0).i32(0).i32(big).op(WasmOpcode.TABLE_INIT, 2, FIXED),
        code().i32(0).i32(big).i32(0).op(WasmOpcode.TABLE_INIT, 2, FIXED),
        code().i32(big).get(0).i32(-big).op(WasmOpcode.TABLE_FILL, EXTERNAL),
      };
      for (int i = 0; i < bodies.length; i++) {
        LoweredModule lowered = Lowering.lower(module(bodies[i].i32(0)));
        assertEquals(
            Exit.trapped(TrapReason.TABLE_OUT_OF_BOUNDS),
            Oracle.execute(lowered, Oracle.call(List.of(EXTERNREF), "run", 0)).exit(),
            big + ", body " + i);
      }
    }
  }

  /** One run through every instruction; all of it holds, with low instances too. */
  @Test
  void everyInstructionIsProvable() {
    Code body =
        code()
            .op(WasmOpcode.REF_FUNC, 2)
            .i32(5)
            .op(WasmOpcode.TABLE_GROW, GROWING)
            .op(WasmOpcode.DROP)
            .i32(0)
            .i32(1)
            .i32(2)
            .op(WasmOpcode.TABLE_INIT, 2, GROWING)
            .op(WasmOpcode.ELEM_DROP, 2)
            // Overlapping, upwards and downwards.
            .i32(1)
            .i32(0)
            .i32(6)
            .op(WasmOpcode.TABLE_COPY, GROWING, GROWING)
            .i32(2)
            .i32(3)
            .i32(5)
            .op(WasmOpcode.TABLE_COPY, GROWING, GROWING)
            .i32(0)
            .op(WasmOpcode.REF_FUNC, 1)
            .i32(3)
            .op(WasmOpcode.TABLE_FILL, FIXED)
            .i32(2)
            .get(0)
            .op(WasmOpcode.TABLE_SET, EXTERNAL)
            .i32(3)
            .i32(1)
            .i32(15)
            .op(WasmOpcode.MEMORY_INIT, 0, 0)
            .op(WasmOpcode.DATA_DROP, 0)
            .i32(7)
            .i32(4)
            .op(WasmOpcode.CALL_INDIRECT, 0, GROWING)
            .i32(8)
            .op(WasmOpcode.I32_LOAD, 2, 0)
            .op(WasmOpcode.I32_ADD)
            .i32(2)
            .op(WasmOpcode.TABLE_GET, EXTERNAL)
            .op(WasmOpcode.REF_IS_NULL)
            .op(WasmOpcode.I32_ADD);
    byte[] wasm = module(body);
    Call call = Oracle.call(List.of(EXTERNREF), "run", 0xffffffffffL);
    ExecutionTrace trace = trace(Lowering.lower(wasm), call);
    assertEquals(Exit.returned(), trace.exit());
    assertEquals(
        Oracle.interpret(Oracle.instantiate(wasm), "run", List.of(I32), 1).results(),
        trace.results().stream().map(Value::bits).toList());
    WitnessBuilder.build(TableSet.STANDARD, trace, 1 << 5).check();
  }

  /** References go in and out: 64 bits of external ones; functions only out. */
  @Test
  void referencesAreArgumentsAndResults() {
    ModuleBuilder builder = new ModuleBuilder();
    int same =
        builder.exported(
            "same",
            List.of(EXTERNREF, FUNCREF),
            List.of(FUNCREF, EXTERNREF, FUNCREF),
            List.of(),
            code().get(1).get(0).op(WasmOpcode.REF_FUNC, 0));
    builder.elements(code().raw(3, 0, 1, same));
    LoweredModule lowered = Lowering.lower(builder.build());
    for (long external : new long[] {0, 1, -1}) {
      ExecutionTrace trace =
          trace(lowered, Oracle.call(List.of(EXTERNREF, FUNCREF), "same", external, 0));
      assertEquals(
          List.of(
              new Value(FUNCREF, 0), new Value(EXTERNREF, external), new Value(FUNCREF, same + 1)),
          trace.results());
      WitnessBuilder.build(TableSet.STANDARD, trace).check();
    }
    assertThrows(
        CallException.class,
        () -> trace(lowered, Oracle.call(List.of(EXTERNREF, FUNCREF), "same", 0, same + 1)));
  }

  /** Growth ends at 2^20 elements, or at the declared maximum; null elements cost nothing. */
  @Test
  void growthIsLimited() {
    ModuleBuilder builder = new ModuleBuilder().table(3).table(EXTERNREF, 2, 5);
    for (int table = 0; table < 2; table++) {
      builder.exported(
          "grow" + table,
          List.of(I32),
          List.of(I32),
          List.of(),
          code()
              .raw(0xd0, table == 0 ? 0x70 : 0x6f)
              .get(0)
              .op(WasmOpcode.TABLE_GROW, table)
              .op(WasmOpcode.DROP)
              .op(WasmOpcode.TABLE_SIZE, table));
    }
    LoweredModule lowered = Lowering.lower(builder.build());
    long[][] cases = {
      {0, (1 << 20) - 3, 1 << 20}, {0, (1 << 20) - 2, 3}, {0, -1, 3}, {1, 3, 5}, {1, 4, 2}
    };
    for (long[] c : cases) {
      ExecutionTrace trace = trace(lowered, Oracle.call(List.of(I32), "grow" + c[0], c[1]));
      assertEquals(List.of(new Value(I32, c[2])), trace.results());
      assertTrue(trace.steps() < 40, "steps " + trace.steps());
      WitnessBuilder.build(TableSet.STANDARD, trace).check();
    }
  }

  /** A table that only indirect calls read needs no cells. */
  @Test
  void constantTablesHaveNoCells() {
    byte[] wasm = module(code().i32(1).i32(0).op(WasmOpcode.CALL_INDIRECT, 0, CONSTANT));
    LoweredModule lowered = Lowering.lower(wasm);
    assertTrue(lowered.program().image().stream().noneMatch(c -> c.space() == Space.TABLE));
    assertFalse(
        lowered.program().code().stream().anyMatch(i -> i.opcode().opClass() == OpClass.CELL));
    List<ValueType> types = List.of(EXTERNREF);
    assertEquals(List.of(21L), Oracle.execute(lowered, Oracle.call(types, "run", 0)).results());
  }
}
