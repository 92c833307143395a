package dev.zkwasm.exec;

import static dev.zkwasm.exec.FloatInstructions.isBinary;
import static dev.zkwasm.exec.FloatInstructions.isBitMove;
import static dev.zkwasm.exec.FloatInstructions.operandType;
import static dev.zkwasm.exec.FloatInstructions.resultType;
import static dev.zkwasm.isa.ValueType.F32;
import static dev.zkwasm.isa.ValueType.F64;
import static dev.zkwasm.isa.ValueType.I32;
import static dev.zkwasm.isa.ValueType.I64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.runtime.Instance;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.WitnessBuilder;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.WasmOpcode;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every floating-point instruction at edge values and random ones against Chicory's interpreter. A
 * NaN that arithmetic makes must be the canonical one here and any in the interpreter; bit moves
 * must agree exactly.
 */
class FloatTest {
  private static final int RANDOM_PAIRS = 300;

  /** Of the step counts: calls of each instruction, and what none may exceed. */
  private static final int ROUNDS = 1000;

  private static final int MOST_STEPS = 130;

  private static final long NAN_32 = 0x7fc00000L;
  private static final long NAN_64 = 0x7ff8000000000000L;

  private static final double[] NUMBERS = {
    0,
    1,
    0.5,
    Math.nextUp(0.5),
    Math.nextDown(0.5),
    1.5,
    2.5,
    3,
    Math.nextDown(1.0),
    Math.PI,
    1e10,
    0x1p23,
    0x1.fffffep22,
    0x1p24 + 1,
    0x1p31,
    0x1p31 - 1,
    0x1p31 - 0.5,
    0x1p31 + 1,
    0x1p32,
    0x1p32 - 1,
    0x1p32 - 0.5,
    0x1p52 + 0.5,
    0x1p53 - 1,
    0x1p53,
    0x1p63,
    0x1.fffffffffffffp62,
    0x1.fffffep62,
    0x1p64,
    0x1.fffffffffffffp63,
    0x1.fffffep63,
    0x1.fffffep-127,
    0x1p-126,
    0x1p-149,
    0x1p-150,
    0x1.000002p-150,
    0x1.fffffep127,
    0x1.ffffffp127,
    0x1p128,
    0x1p-1022,
    0x1.ffffffffffffep-1023,
    0x1p-1074,
    0x1.fffffffffffffp1023,
    Double.POSITIVE_INFINITY,
  };

  private static final long[] INTEGERS = {
    0,
    1,
    2,
    3,
    0xffffff,
    0x1000001,
    0x1000003,
    0x7fffffffL,
    0x80000000L,
    0xffffffffL,
    0x1fffffffffffffL,
    0x20000000000001L,
    0x20000000000003L,
    0x7fffff4000000001L,
    0x7ffffffffffffdffL,
    0x7ffffffffffffe00L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MIN_VALUE + 1025,
    -1
  };

  static Stream<WasmOpcode> instructions() {
    return FloatInstructions.all();
  }

  private static long[] edges(ValueType type) {
    Set<Long> edges = new LinkedHashSet<>();
    switch (type) {
      case I32 -> Arrays.stream(INTEGERS).forEach(i -> edges.add(i & 0xffffffffL));
      case F32 -> {
        for (double d : NUMBERS) {
          long bits = Float.floatToRawIntBits((float) d);
          edges.add(bits);
          edges.add(bits | 0x80000000L);
        }
        edges.addAll(List.of(NAN_32, 0xffc00000L, 0x7fa12345L, 0xff800001L));
      }
      case F64 -> {
        for (double d : NUMBERS) {
          long bits = Double.doubleToRawLongBits(d);
          edges.add(bits);
          edges.add(bits | Long.MIN_VALUE);
        }
        edges.addAll(List.of(NAN_64, -0x8000000000000L, 0x7ff4123456789abcL, -0xfffffffffffffL));
      }
      default -> Arrays.stream(INTEGERS).forEach(edges::add);
    }
    return edges.stream().mapToLong(Long::longValue).toArray();
  }

  /** Bits whose exponent is often near that of others, so that operands interact. */
  private static long random(Random random, ValueType type) {
    long bits = random.nextLong();
    if (random.nextInt(3) > 0) {
      bits =
          switch (type) {
            case F32 -> bits & 0x807fffff807fffffL | (long) (120 + random.nextInt(40)) << 23;
            case F64 -> bits & 0x800fffffffffffffL | (long) (1000 + random.nextInt(90)) << 52;
            default -> bits >> random.nextInt(64);
          };
    }
    return type.is32Bit() ? bits & 0xffffffffL : bits;
  }

  private static boolean isNan(ValueType type, long bits) {
    return switch (type) {
      case F32 -> (bits & 0x7fffffffL) > 0x7f800000L;
      case F64 -> (bits & Long.MAX_VALUE) > 0x7ff0000000000000L;
      default -> false;
    };
  }

  private record Machines(WasmOpcode op, Instance instance, LoweredModule lowered) {
    static Machines of(WasmOpcode op, ModuleBuilder builder) {
      byte[] wasm = builder.build();
      return new Machines(op, Oracle.instantiate(wasm), Lowering.lower(wasm));
    }

    /** The operand of a conversion. */
    private static long integer(String export, long... arguments) {
      return arguments.length == 1
          ? arguments[0]
          : edges(I64)[Integer.parseInt(export.substring("constant".length()))];
    }

    void compare(String export, long... arguments) {
      List<ValueType> parameters = java.util.Collections.nCopies(arguments.length, operandType(op));
      ValueType result = resultType(op);
      Oracle.Ending expected = Oracle.interpret(instance, export, List.of(result), arguments);
      if (op == WasmOpcode.F32_CONVERT_I64_U) {
        // The interpreter rounds this one twice, to binary64 first.
        float rounded =
            new BigInteger(Long.toUnsignedString(integer(export, arguments))).floatValue();
        expected =
            new Oracle.Ending(
                Exit.returned(), List.of(Float.floatToRawIntBits(rounded) & 0xffffffffL));
      } else if (!isBitMove(op) && !expected.results().isEmpty()) {
        long bits = expected.results().getFirst();
        if (isNan(result, bits)) {
          expected = new Oracle.Ending(Exit.returned(), List.of(result == F32 ? NAN_32 : NAN_64));
        }
      }
      Oracle.Ending actual = Oracle.execute(lowered, Oracle.call(parameters, export, arguments));
      assertEquals(
          expected,
          actual,
          () ->
              op.text()
                  + " "
                  + export
                  + " "
                  + LongStream.of(arguments).mapToObj(Long::toHexString).toList());
    }
  }

  @ParameterizedTest
  @MethodSource("instructions")
  void agreesWithTheInterpreter(WasmOpcode op) {
    ValueType type = operandType(op);
    List<ValueType> results = List.of(resultType(op));
    long[] edges = edges(type);
    Random random = new Random(op.code());
    ModuleBuilder builder = new ModuleBuilder();
    if (!isBinary(op)) {
      builder.exported(
          "run", List.of(type), results, List.of(), ModuleBuilder.code().get(0).op(op));
      for (int i = 0; i < edges.length; i++) {
        builder.exported(
            "constant" + i,
            List.of(),
            results,
            List.of(),
            ModuleBuilder.code().constant(type, edges[i]).op(op));
      }
      Machines machines = Machines.of(op, builder);
      for (int i = 0; i < edges.length; i++) {
        machines.compare("run", edges[i]);
        machines.compare("constant" + i);
      }
      for (int i = 0; i < RANDOM_PAIRS; i++) {
        machines.compare("run", random(random, type));
      }
      return;
    }
    List<ValueType> both = List.of(type, type);
    builder.exported("run", both, results, List.of(), ModuleBuilder.code().get(0).get(1).op(op));
    // Something below the operands, both of them the same local, and the result in a local.
    builder.exported(
        "stack",
        both,
        results,
        List.of(results.getFirst()),
        ModuleBuilder.code()
            .get(1)
            .get(0)
            .get(0)
            .op(op)
            .set(2)
            .op(WasmOpcode.DROP)
            .get(0)
            .get(1)
            .op(op)
            .set(2)
            .get(2));
    for (int i = 0; i < edges.length; i++) {
      builder.exported(
          "left" + i,
          List.of(type),
          results,
          List.of(),
          ModuleBuilder.code().constant(type, edges[i]).get(0).op(op));
      builder.exported(
          "right" + i,
          List.of(type),
          results,
          List.of(),
          ModuleBuilder.code().get(0).constant(type, edges[i]).op(op));
    }
    Machines machines = Machines.of(op, builder);
    for (int i = 0; i < edges.length; i++) {
      machines.compare("left" + i, edges[(7 * i + 3) % edges.length]);
      machines.compare("right" + i, edges[(5 * i + 1) % edges.length]);
      for (long y : edges) {
        machines.compare("run", edges[i], y);
      }
    }
    for (int i = 0; i < RANDOM_PAIRS; i++) {
      long x = random(random, type);
      long y = random(random, type);
      machines.compare("run", x, y);
      machines.compare("stack", x, y);
    }
  }

  /** Bit patterns pass through memory, globals, constants, select and branches unchanged. */
  @Test
  void bitsAreKept() {
    for (ValueType type : List.of(F32, F64)) {
      boolean single = type == F32;
      WasmOpcode load = single ? WasmOpcode.F32_LOAD : WasmOpcode.F64_LOAD;
      WasmOpcode store = single ? WasmOpcode.F32_STORE : WasmOpcode.F64_STORE;
      ValueType integer = single ? I32 : I64;
      WasmOpcode reinterpret =
          single ? WasmOpcode.I32_REINTERPRET_F32 : WasmOpcode.I64_REINTERPRET_F64;
      long nan = single ? 0xffa12345L : 0xfff4123456789abcL;
      ModuleBuilder builder = new ModuleBuilder().memory(1, 1);
      int mutable = builder.global(type, true, nan);
      int fixed = builder.global(type, false, nan);
      builder.exported(
          "global",
          List.of(),
          List.of(type),
          List.of(),
          ModuleBuilder.code().op(WasmOpcode.GLOBAL_GET, mutable));
      builder.exported(
          "fixed",
          List.of(),
          List.of(type),
          List.of(),
          ModuleBuilder.code().op(WasmOpcode.GLOBAL_GET, fixed));
      builder.exported(
          "constant",
          List.of(),
          List.of(type),
          List.of(),
          ModuleBuilder.code().constant(type, nan));
      builder.exported(
          "memory",
          List.of(type),
          List.of(type),
          List.of(),
          ModuleBuilder.code()
              .i32(13)
              .get(0)
              .op(store, 0, 4)
              .i32(13)
              .constant(type, 0x12345678)
              .op(store, 0, 24)
              .i32(16)
              .op(load, 0, 1));
      builder.exported(
          "pass",
          List.of(type, I32),
          List.of(integer),
          List.of(type),
          ModuleBuilder.code()
              .get(0)
              .op(WasmOpcode.GLOBAL_SET, mutable)
              .block(WasmOpcode.BLOCK, type.code())
              .op(WasmOpcode.GLOBAL_GET, mutable)
              .get(1)
              .op(WasmOpcode.BR_IF, 0)
              .set(2)
              .get(2)
              .constant(type, 0)
              .get(1)
              .op(WasmOpcode.I32_EQZ)
              .op(WasmOpcode.SELECT)
              .end()
              .op(reinterpret));
      LoweredModule lowered = Lowering.lower(builder.build());
      for (String export : List.of("global", "fixed", "constant")) {
        assertEquals(
            List.of(nan), Oracle.execute(lowered, Oracle.call(List.of(), export)).results());
      }
      for (long bits : edges(type)) {
        assertEquals(
            List.of(bits),
            Oracle.execute(lowered, Oracle.call(List.of(type), "memory", bits)).results());
        for (long i : new long[] {0, 1}) {
          assertEquals(
              List.of(bits),
              Oracle.execute(lowered, Oracle.call(List.of(type, I32), "pass", bits, i)).results());
        }
      }
    }
  }

  /** The tables hold for the traces of all instructions. */
  @Test
  void tablesAcceptTheTraces() {
    LoweredModule lowered = Lowering.lower(FloatInstructions.module());
    double[][] operands = {{1.75, -0.3}, {0x1p-140, 3e9}, {5, -0.0}};
    for (double[] pair : operands) {
      Call call =
          Oracle.call(
              FloatInstructions.PARAMETERS,
              "run",
              Float.floatToRawIntBits((float) pair[0]),
              Float.floatToRawIntBits((float) pair[1]),
              Double.doubleToRawLongBits(pair[0]),
              Double.doubleToRawLongBits(pair[1]),
              -77,
              Long.MIN_VALUE + 12345);
      ExecutionTrace trace =
          Executor.execute(lowered.program(), call, Limits.DEFAULT, Progress.NONE);
      assertEquals(Exit.returned(), trace.exit());
      WitnessBuilder.build(TableSet.STANDARD, trace).check();
    }
  }

  /** Prints the figures of docs/spec/floats.md. */
  @Test
  void stepsOfEachInstruction() {
    System.out.println("lowered steps of floating-point instructions: mean, most");
    instructions()
        .forEach(
            op -> {
              ValueType type = operandType(op);
              boolean binary = isBinary(op);
              ModuleBuilder builder = new ModuleBuilder();
              List<ValueType> parameters = binary ? List.of(type, type) : List.of(type);
              ModuleBuilder.Code body = ModuleBuilder.code().get(0);
              if (binary) {
                body.get(1);
              }
              builder.exported("run", parameters, List.of(resultType(op)), List.of(), body.op(op));
              LoweredModule lowered = Lowering.lower(builder.build());
              Random random = new Random(1);
              long most = 0;
              long sum = 0;
              for (int i = 0; i < ROUNDS; i++) {
                long[] arguments = new long[parameters.size()];
                for (int j = 0; j < arguments.length; j++) {
                  arguments[j] = ordinary(random, type);
                }
                Outcome outcome =
                    Executor.run(
                        lowered.program(),
                        null,
                        Oracle.call(parameters, "run", arguments),
                        Limits.DEFAULT,
                        Progress.NONE,
                        Executor.NO_TRACE);
                // Without the stub (arguments, call, result, halt) and the function's return.
                long steps = outcome.steps() - arguments.length - 4;
                most = Math.max(most, steps);
                sum += steps;
              }
              System.out.printf("  %-22s %6.1f %4d%n", op.text(), (double) sum / ROUNDS, most);
              assertTrue(most <= MOST_STEPS, op.text());
            });
  }

  /** Numbers between 2^-10 and 2^10 of either sign; integers of all sizes. */
  private static long ordinary(Random random, ValueType type) {
    double d = Math.scalb(1 + random.nextDouble(), random.nextInt(20) - 10);
    d = random.nextBoolean() ? d : -d;
    return switch (type) {
      case F32 -> Float.floatToRawIntBits((float) d) & 0xffffffffL;
      case F64 -> Double.doubleToRawLongBits(d);
      case I32 -> random.nextInt() >> random.nextInt(31) & 0xffffffffL;
      default -> random.nextLong() >> random.nextInt(63);
    };
  }
}
