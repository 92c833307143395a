package dev.zkwasm.spectest;

import java.util.List;
import java.util.Map;

/**
 * The host module {@code spectest} in WebAssembly: a module for each of its exports, so that what
 * links to one of them has nothing to do with the others.
 */
final class SpectestModule {
  private static final int I32 = 0x7f;
  private static final int I64 = 0x7e;
  private static final int F32 = 0x7d;
  private static final int F64 = 0x7c;

  private static final Map<String, List<Integer>> FUNCTIONS =
      Map.of(
          "print", List.of(),
          "print_i32", List.of(I32),
          "print_i64", List.of(I64),
          "print_f32", List.of(F32),
          "print_f64", List.of(F64),
          "print_i32_f32", List.of(I32, F32),
          "print_f64_f64", List.of(F64, F64));

  private static final Map<String, byte[]> GLOBALS =
      Map.of(
          "global_i32", global(I32, new BinaryWriter().u8(0x41).signed(666)),
          "global_i64", global(I64, new BinaryWriter().u8(0x42).signed(666)),
          "global_f32",
              global(
                  F32,
                  new BinaryWriter().u8(0x43).littleEndian(Float.floatToRawIntBits(666.6f), 4)),
          "global_f64",
              global(
                  F64,
                  new BinaryWriter().u8(0x44).littleEndian(Double.doubleToRawLongBits(666.6), 8)));

  private SpectestModule() {}

  /** True for the exports that hold no state. */
  static boolean isConstant(String name) {
    return FUNCTIONS.containsKey(name) || GLOBALS.containsKey(name);
  }

  /** True if the host module has such an export. */
  static boolean exports(String name) {
    return isConstant(name) || name.equals("table") || name.equals("memory");
  }

  /** The module with the export of that name. */
  static byte[] of(String name) {
    BinaryWriter out = new BinaryWriter().raw(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
    List<Integer> parameters = FUNCTIONS.get(name);
    byte[] global = GLOBALS.get(name);
    if (parameters != null) {
      BinaryWriter type = new BinaryWriter().u8(0x60).u32(parameters.size());
      parameters.forEach(type::u8);
      out.section(1, List.of(type.u32(0).bytes())).section(3, List.of(new byte[] {0}));
      // The body: its size, no locals, end.
      export(out, name, ModuleParts.FUNCTION).section(10, List.of(new byte[] {2, 0, 0x0b}));
    } else if (global != null) {
      export(out.section(6, List.of(global)), name, ModuleParts.GLOBAL);
    } else if (name.equals("table")) {
      export(out.section(4, List.of(new byte[] {0x70, 1, 10, 20})), name, ModuleParts.TABLE);
    } else if (name.equals("memory")) {
      export(out.section(5, List.of(new byte[] {1, 1, 2})), name, ModuleParts.MEMORY);
    }
    return out.bytes();
  }

  private static BinaryWriter export(BinaryWriter out, String name, int kind) {
    return out.section(7, List.of(new BinaryWriter().name(name).u8(kind).u32(0).bytes()));
  }

  private static byte[] global(int type, BinaryWriter value) {
    return new BinaryWriter().u8(type).u8(0).raw(value.bytes()).u8(0x0b).bytes();
  }
}
