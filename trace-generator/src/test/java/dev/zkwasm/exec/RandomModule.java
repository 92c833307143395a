package dev.zkwasm.exec;

import static dev.zkwasm.isa.ValueType.I32;
import static dev.zkwasm.isa.ValueType.I64;

import dev.zkwasm.isa.ValueType;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.ModuleBuilder.Code;
import dev.zkwasm.wasm.WasmOpcode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Generates valid integer modules that end: structured code with all kinds of blocks and branches,
 * calls, memory, globals. A global counts down in every loop and call, and ends the run with a trap
 * at 0. The export {@code run(i32, i64) -> i64} mixes the result with the globals and the start of
 * the memory, so that a difference anywhere shows. No block has parameters: Chicory 1.7.5 leaves
 * one value too many on the stack where such a block ends above other values.
 */
public final class RandomModule {
  private static final int FUNCTIONS = 5;
  private static final int FUEL = 0;
  private static final WasmOpcode[] BINARY_32 = binary("i32.");
  private static final WasmOpcode[] BINARY_64 = binary("i64.");
  private static final WasmOpcode[] UNARY_32 = {
    WasmOpcode.I32_CLZ,
    WasmOpcode.I32_CTZ,
    WasmOpcode.I32_POPCNT,
    WasmOpcode.I32_EXTEND8_S,
    WasmOpcode.I32_EXTEND16_S,
    WasmOpcode.I32_EQZ
  };
  private static final WasmOpcode[] UNARY_64 = {
    WasmOpcode.I64_CLZ,
    WasmOpcode.I64_CTZ,
    WasmOpcode.I64_POPCNT,
    WasmOpcode.I64_EXTEND8_S,
    WasmOpcode.I64_EXTEND16_S,
    WasmOpcode.I64_EXTEND32_S
  };
  private static final WasmOpcode[] COMPARE_32 = range(WasmOpcode.I32_EQ, WasmOpcode.I32_GE_U);
  private static final WasmOpcode[] COMPARE_64 = range(WasmOpcode.I64_EQ, WasmOpcode.I64_GE_U);

  private final Random random;
  private final ModuleBuilder builder = new ModuleBuilder();
  private final List<List<ValueType>> parameters = new ArrayList<>();
  private final List<List<ValueType>> results = new ArrayList<>();
  private final List<Integer> typeIndices = new ArrayList<>();
  private int pairBlock;

  // Of the function being generated.
  private int self;
  private List<ValueType> locals = List.of();
  private final List<List<ValueType>> labels = new ArrayList<>();
  private int budget;

  private RandomModule(long seed) {
    this.random = new Random(seed);
  }

  public static byte[] generate(long seed) {
    return new RandomModule(seed).module();
  }

  private static WasmOpcode[] range(WasmOpcode first, WasmOpcode last) {
    return Arrays.copyOfRange(WasmOpcode.values(), first.ordinal(), last.ordinal() + 1);
  }

  private static WasmOpcode[] binary(String prefix) {
    return prefix.equals("i32.")
        ? range(WasmOpcode.I32_ADD, WasmOpcode.I32_ROTR)
        : range(WasmOpcode.I64_ADD, WasmOpcode.I64_ROTR);
  }

  private <T> T pick(T[] list) {
    return list[random.nextInt(list.length)];
  }

  private ValueType type() {
    return random.nextBoolean() ? I32 : I64;
  }

  private List<ValueType> typeList(int most) {
    List<ValueType> list = new ArrayList<>();
    for (int n = random.nextInt(most + 1); n > 0; n--) {
      list.add(type());
    }
    return list;
  }

  private byte[] module() {
    builder.memory(1, 3);
    builder.global(I32, true, 300);
    builder.global(I32, true, random.nextInt());
    builder.global(I64, true, random.nextLong());
    builder.global(I64, false, random.nextInt(100));
    byte[] bytes = new byte[256];
    random.nextBytes(bytes);
    builder.data(random.nextInt(64), bytes);
    pairBlock = builder.type(List.of(), List.of(I64, I32));
    for (int i = 0; i < FUNCTIONS; i++) {
      parameters.add(i == 0 ? List.of(I32, I64) : typeList(4));
      results.add(i == 0 ? List.of(I64) : typeList(3));
      typeIndices.add(builder.type(parameters.get(i), results.get(i)));
    }
    for (int i = 0; i < FUNCTIONS; i++) {
      self = i;
      List<ValueType> extra = typeList(5);
      locals = new ArrayList<>(parameters.get(i));
      locals.addAll(extra);
      labels.clear();
      labels.add(results.get(i));
      budget = 60;
      Code body = ModuleBuilder.code().append(burnFuel());
      statements(body, 4);
      for (ValueType result : results.get(i)) {
        expression(body, result, 4);
      }
      builder.function(typeIndices.get(i), extra, body);
    }
    builder.table(4).elements(0, 1, 2, 3);
    Code run = ModuleBuilder.code().get(0).get(1).op(WasmOpcode.CALL, 0).set(1);
    mix(run.get(1).op(WasmOpcode.GLOBAL_GET, 2).op(WasmOpcode.I64_ADD));
    mix(run.op(WasmOpcode.GLOBAL_GET, 1).op(WasmOpcode.I64_EXTEND_I32_U).op(WasmOpcode.I64_XOR));
    mix(run.op(WasmOpcode.GLOBAL_GET, 0).op(WasmOpcode.I64_EXTEND_I32_U).op(WasmOpcode.I64_XOR));
    run.set(1).i32(0).set(0).block(WasmOpcode.LOOP, 0x40).get(1);
    mix(run.get(0).op(WasmOpcode.I64_LOAD, 3, 0).op(WasmOpcode.I64_XOR));
    run.set(1).get(0).i32(8).op(WasmOpcode.I32_ADD).op(WasmOpcode.LOCAL_TEE, 0).i32(1024);
    run.op(WasmOpcode.I32_LT_U).op(WasmOpcode.BR_IF, 0).end().get(1);
    builder.exported("run", List.of(I32, I64), List.of(I64), List.of(), run);
    return builder.build();
  }

  private static void mix(Code code) {
    code.i64(0x9e3779b97f4a7c15L).op(WasmOpcode.I64_MUL).i64(29).op(WasmOpcode.I64_ROTL);
  }

  private static Code burnFuel() {
    return ModuleBuilder.code()
        .op(WasmOpcode.GLOBAL_GET, FUEL)
        .op(WasmOpcode.I32_EQZ)
        .block(WasmOpcode.IF, 0x40)
        .op(WasmOpcode.UNREACHABLE)
        .end()
        .op(WasmOpcode.GLOBAL_GET, FUEL)
        .i32(1)
        .op(WasmOpcode.I32_SUB)
        .op(WasmOpcode.GLOBAL_SET, FUEL);
  }

  private int local(ValueType type) {
    List<Integer> fitting = new ArrayList<>();
    for (int i = 0; i < locals.size(); i++) {
      if (locals.get(i) == type) {
        fitting.add(i);
      }
    }
    return fitting.isEmpty() ? -1 : fitting.get(random.nextInt(fitting.size()));
  }

  private long constant() {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextInt(4);
      case 1 -> -random.nextInt(4);
      case 2 -> 1L << random.nextInt(64);
      case 3 -> random.nextInt(64);
      case 4 -> (1L << random.nextInt(64)) - 1;
      default -> random.nextLong();
    };
  }

  private void statements(Code code, int depth) {
    for (int n = 1 + random.nextInt(4); n > 0 && budget > 0; n--) {
      statement(code, depth);
    }
  }

  private void statement(Code code, int depth) {
    budget--;
    switch (random.nextInt(depth > 0 ? 13 : 5)) {
      case 0, 1 -> {
        ValueType type = type();
        int local = local(type);
        expression(code, type, 3);
        if (local < 0) {
          code.op(WasmOpcode.DROP);
        } else {
          code.set(local);
        }
      }
      case 2 -> {
        expression(code, I32, 2);
        code.i32(0x3ff).op(WasmOpcode.I32_AND);
        ValueType type = type();
        expression(code, type, 3);
        code.op(
            type == I32
                ? pick(range(WasmOpcode.I32_STORE8, WasmOpcode.I32_STORE16))
                : pick(range(WasmOpcode.I64_STORE8, WasmOpcode.I64_STORE32)),
            0,
            random.nextInt(16));
      }
      case 3 -> {
        boolean wide = random.nextBoolean();
        expression(code, wide ? I64 : I32, 3);
        code.op(WasmOpcode.GLOBAL_SET, wide ? 2 : 1);
      }
      case 4 -> {
        expression(code, I32, 2);
        conditionalBranch(code);
      }
      case 5 -> {
        code.block(WasmOpcode.BLOCK, 0x40);
        inside(code, List.of(), depth);
        code.end();
      }
      case 6, 7 -> {
        expression(code, I32, 3);
        code.block(WasmOpcode.IF, 0x40);
        inside(code, List.of(), depth);
        if (random.nextBoolean()) {
          code.op(WasmOpcode.ELSE);
          inside(code, List.of(), depth);
        }
        code.end();
      }
      case 8, 9 -> {
        code.block(WasmOpcode.LOOP, 0x40).append(burnFuel());
        labels.add(List.of());
        statements(code, depth - 1);
        expression(code, I32, 2);
        if (random.nextInt(4) != 0) {
          code.i32(7).op(WasmOpcode.I32_AND);
        }
        code.op(WasmOpcode.BR_IF, 0);
        labels.removeLast();
        code.end();
      }
      case 10 -> {
        // A table over three nested blocks.
        for (int i = 0; i < 3; i++) {
          code.block(WasmOpcode.BLOCK, 0x40);
          labels.add(List.of());
        }
        expression(code, I32, 2);
        if (random.nextBoolean()) {
          code.i32(3).op(WasmOpcode.I32_AND);
        }
        code.raw(0x0e).u32(3).u32(0).u32(random.nextInt(3)).u32(1).u32(2);
        for (int i = 0; i < 3; i++) {
          labels.removeLast();
          code.end();
          statements(code, depth - 1);
        }
      }
      case 11 -> {
        // Both results of a multi-value block, one of them through a branch.
        code.block(WasmOpcode.BLOCK, pairBlock);
        labels.add(List.of(I64, I32));
        expression(code, I64, 2);
        expression(code, I32, 2);
        if (random.nextBoolean()) {
          expression(code, I32, 2);
          code.op(WasmOpcode.BR_IF, 0);
        }
        labels.removeLast();
        code.end();
        consume(code, I32);
        consume(code, I64);
      }
      default -> call(code);
    }
  }

  private void inside(Code code, List<ValueType> label, int depth) {
    labels.add(label);
    statements(code, depth - 1);
    labels.removeLast();
  }

  private void consume(Code code, ValueType type) {
    int local = random.nextInt(3) == 0 ? -1 : local(type);
    if (local < 0) {
      code.op(WasmOpcode.DROP);
    } else {
      code.set(local);
    }
  }

  /** With the condition on the stack: leaves a block with values if its label wants some. */
  private void conditionalBranch(Code code) {
    int depth = random.nextInt(labels.size());
    List<ValueType> wanted = labels.get(labels.size() - 1 - depth);
    code.block(WasmOpcode.IF, 0x40);
    labels.add(List.of());
    for (ValueType type : wanted) {
      expression(code, type, 1);
    }
    labels.removeLast();
    if (random.nextInt(5) == 0 && wanted.equals(results.get(self)) && depth == labels.size() - 1) {
      code.op(WasmOpcode.RETURN);
    } else {
      code.op(WasmOpcode.BR, depth + 1);
    }
    code.end();
  }

  private void call(Code code) {
    int callee = random.nextInt(FUNCTIONS);
    for (ValueType parameter : parameters.get(callee)) {
      expression(code, parameter, 2);
    }
    if (callee >= 1 && callee <= 3 && random.nextBoolean()) {
      if (random.nextInt(10) == 0) {
        expression(code, I32, 1);
      } else {
        code.i32(callee - 1);
      }
      code.op(WasmOpcode.CALL_INDIRECT, typeIndices.get(callee), 0);
    } else {
      code.op(WasmOpcode.CALL, callee);
    }
    List<ValueType> left = results.get(callee);
    for (int i = left.size() - 1; i >= 0; i--) {
      consume(code, left.get(i));
    }
  }

  private void expression(Code code, ValueType type, int depth) {
    budget--;
    int local = local(type);
    if (depth == 0 || budget <= 0) {
      if (local >= 0 && random.nextInt(3) != 0) {
        code.get(local);
      } else {
        code.constant(type, constant());
      }
      return;
    }
    switch (random.nextInt(14)) {
      case 0, 1 -> code.constant(type, constant());
      case 2, 3 -> {
        if (local >= 0) {
          code.get(local);
        } else {
          code.constant(type, constant());
        }
      }
      case 4, 5, 6 -> {
        expression(code, type, depth - 1);
        expression(code, type, depth - 1);
        code.op(pick(type == I32 ? BINARY_32 : BINARY_64));
      }
      case 7 -> {
        expression(code, type, depth - 1);
        code.op(pick(type == I32 ? UNARY_32 : UNARY_64));
      }
      case 8 -> {
        if (type == I32) {
          ValueType compared = type();
          expression(code, compared, depth - 1);
          expression(code, compared, depth - 1);
          code.op(pick(compared == I32 ? COMPARE_32 : COMPARE_64));
        } else {
          expression(code, I32, depth - 1);
          code.op(random.nextBoolean() ? WasmOpcode.I64_EXTEND_I32_S : WasmOpcode.I64_EXTEND_I32_U);
        }
      }
      case 9 -> {
        expression(code, I32, depth - 1);
        if (random.nextInt(8) != 0) {
          code.i32(0x3ff).op(WasmOpcode.I32_AND);
        }
        code.op(
            type == I32
                ? pick(
                    new WasmOpcode[] {
                      WasmOpcode.I32_LOAD,
                      WasmOpcode.I32_LOAD8_S,
                      WasmOpcode.I32_LOAD8_U,
                      WasmOpcode.I32_LOAD16_S,
                      WasmOpcode.I32_LOAD16_U
                    })
                : pick(
                    new WasmOpcode[] {
                      WasmOpcode.I64_LOAD, WasmOpcode.I64_LOAD8_S, WasmOpcode.I64_LOAD16_S,
                      WasmOpcode.I64_LOAD32_S, WasmOpcode.I64_LOAD32_U, WasmOpcode.I64_LOAD16_U
                    }),
            0,
            random.nextInt(20));
      }
      case 10 -> {
        expression(code, type, depth - 1);
        expression(code, type, depth - 1);
        expression(code, I32, depth - 1);
        code.op(WasmOpcode.SELECT);
      }
      case 11 -> {
        if (local >= 0) {
          // The old value stays on the stack below an assignment.
          code.get(local);
          expression(code, type, depth - 1);
          code.op(WasmOpcode.LOCAL_TEE, local);
          code.op(type == I32 ? WasmOpcode.I32_SUB : WasmOpcode.I64_SUB);
        } else {
          code.op(WasmOpcode.GLOBAL_GET, type == I32 ? 1 : 2 + random.nextInt(2));
        }
      }
      case 12 -> {
        if (type == I32) {
          switch (random.nextInt(3)) {
            case 0 -> code.op(WasmOpcode.MEMORY_SIZE, 0);
            case 1 -> code.i32(random.nextInt(2)).op(WasmOpcode.MEMORY_GROW, 0);
            default -> {
              expression(code, I64, depth - 1);
              code.op(WasmOpcode.I32_WRAP_I64);
            }
          }
        } else {
          code.op(WasmOpcode.GLOBAL_GET, 2 + random.nextInt(2));
        }
      }
      default -> {
        // A block with a value, sometimes left early, with something on the stack below.
        expression(code, type, depth - 1);
        expression(code, I32, depth - 1);
        code.block(WasmOpcode.IF, type.code());
        labels.add(List.of(type));
        statements(code, 1);
        expression(code, type, depth - 1);
        expression(code, I32, 1);
        code.op(WasmOpcode.BR_IF, 0);
        code.op(WasmOpcode.ELSE);
        expression(code, type, depth - 1);
        labels.removeLast();
        code.end();
        code.op(type == I32 ? WasmOpcode.I32_ADD : WasmOpcode.I64_ADD);
      }
    }
  }
}
