package dev.zkwasm.exec;

import static dev.zkwasm.isa.ValueType.F64;
import static dev.zkwasm.isa.ValueType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.WasmOpcode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Constants that modules may import, in code and in constant expressions. */
class ImportedConstantTest {
  private static long call(LoweredModule module, String export) {
    Oracle.Ending ending = Oracle.execute(module, Oracle.call(List.of(), export));
    assertEquals(Exit.returned(), ending.exit());
    return ending.results().getFirst();
  }

  private static void read(ModuleBuilder builder, String export, ValueType type, int global) {
    builder.exported(
        export,
        List.of(),
        List.of(type),
        List.of(),
        ModuleBuilder.code().op(WasmOpcode.GLOBAL_GET, global));
  }

  @Test
  void constantsHaveTheirValues() {
    ModuleBuilder builder =
        new ModuleBuilder()
            .importOther("env", "__memory_base", 3, I32.code(), 0)
            .importOther("global", "NaN", 3, F64.code(), 0)
            .importOther("global", "Infinity", 3, F64.code(), 0)
            .importOther("env", "__table_base", 3, I32.code(), 0)
            .memory(1, 1)
            .table(1)
            // At address __memory_base, and at index __table_base.
            .data(ModuleBuilder.code().op(WasmOpcode.GLOBAL_GET, 0), new byte[] {42})
            .elements(ModuleBuilder.code().raw(0).op(WasmOpcode.GLOBAL_GET, 3).end().u32(1).u32(0));
    // Global 4 starts with the value of global 2, and changes.
    builder.global(F64, true, ModuleBuilder.code().op(WasmOpcode.GLOBAL_GET, 2));
    read(builder, "memory base", I32, 0);
    read(builder, "nan", F64, 1);
    read(builder, "infinity", F64, 2);
    read(builder, "copy", F64, 4);
    builder.exported(
        "change",
        List.of(),
        List.of(F64),
        List.of(),
        ModuleBuilder.code()
            .op(WasmOpcode.GLOBAL_GET, 4)
            .op(WasmOpcode.F64_NEG)
            .op(WasmOpcode.GLOBAL_SET, 4)
            .op(WasmOpcode.GLOBAL_GET, 4));
    builder.exported(
        "data", List.of(), List.of(I32), List.of(), ModuleBuilder.code().i32(0).raw(0x28, 2, 0));
    builder.exported(
        "element",
        List.of(),
        List.of(I32),
        List.of(),
        ModuleBuilder.code().i32(0).op(WasmOpcode.CALL_INDIRECT, 0, 0));
    LoweredModule module = Lowering.lower(builder.build());
    assertEquals(0, call(module, "memory base"));
    assertEquals(0x7ff8000000000000L, call(module, "nan"));
    assertEquals(0x7ff0000000000000L, call(module, "infinity"));
    assertEquals(0x7ff0000000000000L, call(module, "copy"));
    assertEquals(0xfff0000000000000L, call(module, "change"));
    assertEquals(42, call(module, "data"));
    assertEquals(0, call(module, "element"));
  }
}
