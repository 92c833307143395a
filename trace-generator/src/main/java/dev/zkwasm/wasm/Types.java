package dev.zkwasm.wasm;

import dev.zkwasm.isa.ValueType;
import java.util.function.Function;

/** Which value types the lowering supports. */
final class Types {
  private Types() {}

  static final int FUNCREF = 0x70;
  static final int EXTERNREF = 0x6f;

  /**
   * The value type of this code; what is wrong with any other code goes through {@code refused}.
   */
  static ValueType number(int code, Function<String, ModuleException> refused) {
    return switch (code) {
      case 0x7f -> ValueType.I32;
      case 0x7e -> ValueType.I64;
      case 0x7d -> ValueType.F32;
      case 0x7c -> ValueType.F64;
      case 0x7b -> throw refused.apply("type v128 is not supported; compile without simd128");
      case FUNCREF -> ValueType.FUNCREF;
      case EXTERNREF -> ValueType.EXTERNREF;
      case 0x69, 0x74 ->
          throw refused.apply("type exnref or noexn is not supported; compile without exceptions");
      case 0x63, 0x64, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x71, 0x72, 0x73 ->
          throw refused.apply(
              "reference type 0x"
                  + Integer.toHexString(code)
                  + " is not supported; compile without garbage collection and typed references");
      default -> throw refused.apply("unknown type 0x" + Integer.toHexString(code));
    };
  }
}
