package dev.zkwasm.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.dylibso.chicory.runtime.Instance;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.WasmOpcode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every numeric instruction at edge values, its operands in locals and as constants, against
 * Chicory's interpreter.
 */
class NumericTest {
  private static final long[] EDGES_32 = {
    0,
    1,
    2,
    3,
    5,
    7,
    8,
    10,
    31,
    32,
    33,
    127,
    128,
    255,
    256,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    0x7ffffffe,
    0x7fffffff,
    0x80000000L,
    0x80000001L,
    0xfffffff9L,
    0xfffffffeL,
    0xffffffffL,
    0x12345678,
    0xdeadbeefL
  };
  private static final long[] EDGES_64 = {
    0,
    1,
    2,
    3,
    7,
    10,
    31,
    32,
    63,
    64,
    65,
    127,
    128,
    255,
    0x7fff,
    0x8000,
    0xffff,
    0x7fffffffL,
    0x80000000L,
    0xffffffffL,
    0x100000000L,
    Long.MAX_VALUE - 1,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MIN_VALUE + 1,
    -7,
    -2,
    -1,
    0x123456789abcdef0L,
    0xdeadbeef00000000L
  };

  static Stream<WasmOpcode> numeric() {
    return Arrays.stream(WasmOpcode.values())
        .filter(op -> op.ordinal() >= WasmOpcode.I32_EQZ.ordinal())
        .filter(op -> op.ordinal() <= WasmOpcode.I64_EXTEND32_S.ordinal())
        .filter(op -> !op.text().contains("f32") && !op.text().contains("f64"));
  }

  private static boolean isUnary(WasmOpcode op) {
    return switch (op) {
      case I32_EQZ,
          I64_EQZ,
          I32_CLZ,
          I32_CTZ,
          I32_POPCNT,
          I64_CLZ,
          I64_CTZ,
          I64_POPCNT,
          I32_WRAP_I64,
          I64_EXTEND_I32_S,
          I64_EXTEND_I32_U,
          I32_EXTEND8_S,
          I32_EXTEND16_S,
          I64_EXTEND8_S,
          I64_EXTEND16_S,
          I64_EXTEND32_S ->
          true;
      default -> false;
    };
  }

  private static ValueType operandType(WasmOpcode op) {
    return switch (op) {
      case I32_WRAP_I64 -> ValueType.I64;
      case I64_EXTEND_I32_S, I64_EXTEND_I32_U -> ValueType.I32;
      default -> op.text().startsWith("i32") ? ValueType.I32 : ValueType.I64;
    };
  }

  private static ValueType resultType(WasmOpcode op) {
    boolean compares =
        op.ordinal() >= WasmOpcode.I32_EQZ.ordinal()
            && op.ordinal() <= WasmOpcode.I64_GE_U.ordinal();
    return compares || op.text().startsWith("i32") ? ValueType.I32 : ValueType.I64;
  }

  @ParameterizedTest
  @MethodSource("numeric")
  void agreesWithTheInterpreter(WasmOpcode op) {
    ValueType type = operandType(op);
    List<ValueType> results = List.of(resultType(op));
    long[] edges = type == ValueType.I32 ? EDGES_32 : EDGES_64;
    ModuleBuilder builder = new ModuleBuilder();
    if (isUnary(op)) {
      List<ValueType> parameters = List.of(type);
      builder.exported("run", parameters, results, List.of(), ModuleBuilder.code().get(0).op(op));
      for (int i = 0; i < edges.length; i++) {
        builder.exported(
            "constant" + i,
            List.of(),
            results,
            List.of(),
            ModuleBuilder.code().constant(type, edges[i]).op(op));
      }
      byte[] wasm = builder.build();
      LoweredModule lowered = Lowering.lower(wasm);
      Instance instance = Oracle.instantiate(wasm);
      for (int i = 0; i < edges.length; i++) {
        compare(op, instance, lowered, parameters, results, "run", edges[i]);
        compare(op, instance, lowered, List.of(), results, "constant" + i);
      }
      return;
    }
    List<ValueType> both = List.of(type, type);
    List<ValueType> one = List.of(type);
    builder.exported("run", both, results, List.of(), ModuleBuilder.code().get(0).get(1).op(op));
    // Operands on the stack rather than in locals, something below them, and the result in a local.
    builder.exported(
        "stack",
        both,
        results,
        List.of(results.getFirst()),
        ModuleBuilder.code()
            .get(1)
            .get(0)
            .constant(type, 0)
            .op(type == ValueType.I32 ? WasmOpcode.I32_OR : WasmOpcode.I64_OR)
            .get(1)
            .constant(type, 0)
            .op(type == ValueType.I32 ? WasmOpcode.I32_XOR : WasmOpcode.I64_XOR)
            .op(op)
            .set(2)
            .op(WasmOpcode.DROP)
            .get(2));
    for (int i = 0; i < edges.length; i++) {
      builder.exported(
          "left" + i,
          one,
          results,
          List.of(),
          ModuleBuilder.code().constant(type, edges[i]).get(0).op(op));
      builder.exported(
          "right" + i,
          one,
          results,
          List.of(),
          ModuleBuilder.code().get(0).constant(type, edges[i]).op(op));
      builder.exported(
          "constants" + i,
          List.of(),
          results,
          List.of(),
          ModuleBuilder.code()
              .constant(type, edges[i])
              .constant(type, edges[(i + 1) % edges.length])
              .op(op));
    }
    byte[] wasm = builder.build();
    LoweredModule lowered = Lowering.lower(wasm);
    Instance instance = Oracle.instantiate(wasm);
    for (int i = 0; i < edges.length; i++) {
      compare(op, instance, lowered, List.of(), results, "constants" + i);
      for (long y : edges) {
        compare(op, instance, lowered, both, results, "run", edges[i], y);
        compare(op, instance, lowered, both, results, "stack", edges[i], y);
        compare(op, instance, lowered, one, results, "left" + i, y);
        compare(op, instance, lowered, one, results, "right" + i, y);
      }
    }
  }

  private static void compare(
      WasmOpcode op,
      Instance instance,
      LoweredModule lowered,
      List<ValueType> parameters,
      List<ValueType> results,
      String export,
      long... arguments) {
    Oracle.Ending expected = Oracle.interpret(instance, export, results, arguments);
    Oracle.Ending actual = Oracle.execute(lowered, Oracle.call(parameters, export, arguments));
    assertEquals(
        expected, actual, () -> op.text() + " " + export + " " + Arrays.toString(arguments));
  }

  /** Every comparison, fused with each instruction that can use it. */
  @ParameterizedTest
  @MethodSource("comparisons")
  void fusesComparisons(WasmOpcode op) {
    ValueType type = operandType(op);
    List<ValueType> results = List.of(ValueType.I32);
    long[] edges = type == ValueType.I32 ? EDGES_32 : EDGES_64;
    boolean unary = isUnary(op);
    List<ValueType> parameters = unary ? List.of(type) : List.of(type, type);
    ModuleBuilder.Code compare = ModuleBuilder.code().get(0);
    if (!unary) {
      compare.get(1);
    }
    compare.op(op);
    List<String> names = new ArrayList<>();
    ModuleBuilder builder = new ModuleBuilder();
    for (boolean negated : new boolean[] {false, true}) {
      ModuleBuilder.Code condition = ModuleBuilder.code().append(compare);
      if (negated) {
        condition.op(WasmOpcode.I32_EQZ);
      }
      String suffix = negated ? "-eqz" : "";
      builder.exported(
          "value" + suffix, parameters, results, List.of(), ModuleBuilder.code().append(condition));
      builder.exported(
          "if" + suffix,
          parameters,
          results,
          List.of(),
          ModuleBuilder.code()
              .append(condition)
              .block(WasmOpcode.IF, 0x7f)
              .i32(10)
              .op(WasmOpcode.ELSE)
              .i32(20)
              .end());
      builder.exported(
          "br_if" + suffix,
          parameters,
          results,
          List.of(),
          ModuleBuilder.code()
              .block(WasmOpcode.BLOCK, 0x7f)
              .i32(10)
              .append(condition)
              .op(WasmOpcode.BR_IF, 0)
              .op(WasmOpcode.DROP)
              .i32(20)
              .end());
      builder.exported(
          "select" + suffix,
          parameters,
          results,
          List.of(),
          ModuleBuilder.code().i32(10).i32(20).append(condition).op(WasmOpcode.SELECT));
      names.addAll(List.of("value" + suffix, "if" + suffix, "br_if" + suffix, "select" + suffix));
    }
    byte[] wasm = builder.build();
    LoweredModule lowered = Lowering.lower(wasm);
    Instance instance = Oracle.instantiate(wasm);
    for (String name : names) {
      for (long x : edges) {
        for (long y : unary ? new long[] {0} : edges) {
          long[] arguments = unary ? new long[] {x} : new long[] {x, y};
          compare(op, instance, lowered, parameters, results, name, arguments);
        }
      }
    }
  }

  static Stream<WasmOpcode> comparisons() {
    return numeric().filter(op -> op.ordinal() <= WasmOpcode.I64_GE_U.ordinal());
  }
}
