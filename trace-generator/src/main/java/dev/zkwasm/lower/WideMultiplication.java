package dev.zkwasm.lower;

import dev.zkwasm.isa.ValueType;
import dev.zkwasm.wasm.CodeReader;
import dev.zkwasm.wasm.Module;
import dev.zkwasm.wasm.WasmOpcode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recognises {@code __multi3(pointer, a, aHigh, b, bHigh)}, the helper that compilers add to a
 * module to multiply 128-bit integers: it stores the low half of {@code (a + 2^64 aHigh) (b + 2^64
 * bHigh)} at the pointer and the high half 8 bytes above.
 *
 * <p>The function's straight-line body is evaluated on expressions instead of numbers. What it
 * stores is compared with what the known sources store (compiler-rt, {@code lib/builtins/multi3.c};
 * Rust's compiler-builtins, {@code src/int/mul.rs}). Expressions are in a normal form by laws that
 * hold for all values: addition and multiplication, and, or commute; addition is associative. So
 * neither local numbers nor the compiler's choice of an order matter, and a function is recognised
 * only if it computes the product for all arguments.
 */
final class WideMultiplication {
  /** Longer bodies and expressions are no such helper. */
  private static final int MAX_INSTRUCTIONS = 128;

  private static final int MAX_LENGTH = 4096;

  private static final Module.FunctionType TYPE =
      new Module.FunctionType(
          List.of(ValueType.I32, ValueType.I64, ValueType.I64, ValueType.I64, ValueType.I64),
          List.of());

  private static final Set<List<String>> KNOWN = new HashSet<>();

  static {
    for (boolean swapped : new boolean[] {false, true}) {
      KNOWN.add(compilerRt(swapped ? local(3) : local(1), swapped ? local(1) : local(3)));
      KNOWN.add(compilerBuiltins(swapped ? local(3) : local(1), swapped ? local(1) : local(3)));
    }
  }

  private WideMultiplication() {}

  // Expressions in normal form

  private static String local(int local) {
    return "$" + local;
  }

  private static String constant(long value) {
    return Long.toUnsignedString(value);
  }

  private static String apply(String operator, String... operands) {
    return operator + "(" + String.join(",", operands) + ")";
  }

  private static String commutative(String operator, String x, String y) {
    return x.compareTo(y) <= 0 ? apply(operator, x, y) : apply(operator, y, x);
  }

  private static String mul(String x, String y) {
    return commutative("mul", x, y);
  }

  private static String and(String x, String y) {
    return commutative("and", x, y);
  }

  private static String or(String x, String y) {
    return commutative("or", x, y);
  }

  private static String shl(String x, String y) {
    return apply("shl", x, y);
  }

  private static String shr(String x, String y) {
    return apply("shr", x, y);
  }

  private static String less(String x, String y) {
    return apply("less", x, y);
  }

  /** A sum is written with its terms in order, none of which is a sum. */
  private static String add(String... operands) {
    List<String> terms = new ArrayList<>();
    for (String operand : operands) {
      if (operand.startsWith("add(")) {
        terms.addAll(arguments(operand));
      } else {
        terms.add(operand);
      }
    }
    Collections.sort(terms);
    return apply("add", terms.toArray(String[]::new));
  }

  private static List<String> arguments(String expression) {
    List<String> arguments = new ArrayList<>();
    int depth = 0;
    int start = expression.indexOf('(') + 1;
    for (int i = start; i < expression.length(); i++) {
      char c = expression.charAt(i);
      if (depth == 0 && (c == ',' || c == ')')) {
        arguments.add(expression.substring(start, i));
        start = i + 1;
      }
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    return arguments;
  }

  // The known sources

  private static String low(String x) {
    return and(x, constant(0xffffffffL));
  }

  private static String high(String x) {
    return shr(x, constant(32));
  }

  /** Products of the halves in which only their low 64 bits count. */
  private static String crossProducts() {
    return add(mul(local(1), local(4)), mul(local(2), local(3)));
  }

  /** {@code __mulddi3(x, y)}, then the cross products. */
  private static List<String> compilerRt(String x, String y) {
    String product = mul(low(x), low(y));
    String first = add(high(product), mul(high(x), low(y)));
    String second = add(low(first), mul(low(x), high(y)));
    return List.of(
        or(shl(second, constant(32)), low(product)),
        add(mul(high(x), high(y)), high(first), high(second), crossProducts()));
  }

  /** {@code u64::widen_mul} with carries by comparison, then the cross products. */
  private static List<String> compilerBuiltins(String x, String y) {
    String product = mul(low(x), low(y));
    String first = mul(high(x), low(y));
    String middle = add(first, mul(low(x), high(y)));
    String low = add(product, shl(middle, constant(32)));
    return List.of(
        low,
        add(
            mul(high(x), high(y)),
            or(shl(less(middle, first), constant(32)), high(middle)),
            less(low, product),
            crossProducts()));
  }

  // Evaluation

  /**
   * Number of instructions that the function executes if it is the helper, else 0.
   *
   * @param function a function with a body
   */
  static int instructions(Module module, Module.Function function) {
    if (!function.type().equals(TYPE) || function.locals() > MAX_INSTRUCTIONS) {
      return 0;
    }
    String[] locals = new String[TYPE.parameters().size() + function.locals()];
    Arrays.fill(locals, constant(0));
    for (int i = 0; i < TYPE.parameters().size(); i++) {
      locals[i] = local(i);
    }
    List<String> stack = new ArrayList<>();
    @Nullable String[] stored = new @Nullable String[2];
    CodeReader code = module.code(function);
    int count = 0;
    while (code.next()) {
      if (code.opcode() == WasmOpcode.END) {
        return stored[0] != null
                && stored[1] != null
                && KNOWN.contains(
                    List.of(Objects.requireNonNull(stored[0]), Objects.requireNonNull(stored[1])))
            ? count
            : 0;
      }
      if (++count > MAX_INSTRUCTIONS || !step(code, locals, stack, stored)) {
        return 0;
      }
    }
    return 0;
  }

  /** False if the helper would not do this. */
  private static boolean step(
      CodeReader code, String[] locals, List<String> stack, @Nullable String[] stored) {
    switch (code.opcode()) {
      case LOCAL_GET -> stack.add(locals[code.index()]);
      case LOCAL_SET -> locals[code.index()] = stack.removeLast();
      case LOCAL_TEE -> locals[code.index()] = stack.getLast();
      case I64_CONST -> stack.add(constant(code.value()));
      case I64_EXTEND_I32_U -> {
        // Of a comparison, the only 32-bit value but the pointer.
        if (!stack.getLast().startsWith("less(")) {
          return false;
        }
      }
      case I64_STORE -> {
        String value = stack.removeLast();
        if (!stack.removeLast().equals(local(0)) || code.value() != 0 && code.value() != 8) {
          return false;
        }
        int half = (int) code.value() / 8;
        if (stored[half] != null) {
          return false;
        }
        stored[half] = value;
      }
      case I64_MUL, I64_ADD, I64_AND, I64_OR, I64_SHL, I64_SHR_U, I64_LT_U, I64_GT_U -> {
        String y = stack.removeLast();
        String x = stack.removeLast();
        if (x.length() + y.length() > MAX_LENGTH) {
          return false;
        }
        stack.add(
            switch (code.opcode()) {
              case I64_MUL -> mul(x, y);
              case I64_ADD -> add(x, y);
              case I64_AND -> and(x, y);
              case I64_OR -> or(x, y);
              case I64_SHL -> shl(x, y);
              case I64_SHR_U -> shr(x, y);
              case I64_LT_U -> less(x, y);
              default -> less(y, x);
            });
      }
      default -> {
        return false;
      }
    }
    return true;
  }
}
