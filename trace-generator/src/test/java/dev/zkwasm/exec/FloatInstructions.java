package dev.zkwasm.exec;

import static dev.zkwasm.isa.ValueType.F32;
import static dev.zkwasm.isa.ValueType.F64;
import static dev.zkwasm.isa.ValueType.I32;
import static dev.zkwasm.isa.ValueType.I64;

import dev.zkwasm.isa.ValueType;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.WasmOpcode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The floating-point instructions that compute something, and their types, which their names say.
 */
public final class FloatInstructions {
  private FloatInstructions() {}

  static Stream<WasmOpcode> all() {
    return Arrays.stream(WasmOpcode.values())
        .filter(op -> op.text().matches(".*f(32|64).*"))
        .filter(op -> !op.text().matches(".*(const|load|store)"));
  }

  private static ValueType type(String name) {
    return ValueType.valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** The last type in the name is the operands'. */
  static ValueType operandType(WasmOpcode op) {
    return type(op.text().replaceAll(".*([if](32|64)).*", "$1"));
  }

  private static boolean compares(WasmOpcode op) {
    return op.text().matches("f..\\.(eq|ne|lt|gt|le|ge)");
  }

  static ValueType resultType(WasmOpcode op) {
    return compares(op) ? I32 : type(op.text().substring(0, 3));
  }

  static boolean isBinary(WasmOpcode op) {
    return compares(op) || op.text().matches("f..\\.(add|sub|mul|div|min|max|copysign)");
  }

  static boolean isBitMove(WasmOpcode op) {
    return op.text().matches(".*(abs|neg|copysign|reinterpret.*)");
  }

  /** Parameters of {@link #module}'s export. */
  static final List<ValueType> PARAMETERS = List.of(F32, F32, F64, F64, I32, I64);

  /** A module whose export {@code run} executes every one of them on its parameters. */
  public static byte[] module() {
    ModuleBuilder.Code body = ModuleBuilder.code();
    all()
        .forEach(
            op -> {
              int first = PARAMETERS.indexOf(operandType(op));
              body.get(first);
              if (isBinary(op)) {
                body.get(first + 1);
              }
              body.op(op).op(WasmOpcode.DROP);
            });
    ModuleBuilder builder = new ModuleBuilder();
    builder.exported("run", PARAMETERS, List.of(), List.of(), body);
    return builder.build();
  }
}
