package dev.zkwasm.wasm;

import static dev.zkwasm.isa.ValueType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.Lowering;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is refused, and in which words. */
class ModuleErrorsTest {
  private static String refusal(byte[] wasm) {
    ModuleException e = assertThrows(ModuleException.class, () -> Lowering.lower(wasm));
    String message = Objects.requireNonNull(e.getMessage());
    assertFalse(message.contains("\n"), message);
    return message;
  }

  private static String refusal(ModuleBuilder.Code body) {
    ModuleBuilder builder = new ModuleBuilder().memory(1, 1);
    builder.exported("run", List.of(I32), List.of(), List.of(), body);
    return refusal(builder.build());
  }

  @Test
  void otherFilesAreNoModules() {
    String message =
        "not a WebAssembly module: it does not start with \\0asm and a version; give a binary .wasm"
            + " file";
    assertEquals(message, refusal(new byte[0]));
    assertEquals(message, refusal("(module)".getBytes(StandardCharsets.UTF_8)));
    assertEquals(message, refusal(new byte[] {0, 'a', 's', 'm'}));
    assertEquals(
        "WebAssembly binary of another version than 1 (or a component) at byte 4",
        refusal(new byte[] {0, 'a', 's', 'm', 13, 0, 1, 0}));
  }

  @Test
  void unsupportedInstructionsAreNamedWithTheirPlace() {
    // The body starts at byte 39 in these modules.
    assertEquals(
        "function 0 (run) at byte 40: SIMD instruction 0xfd 12 is not supported; compile without"
            + " simd128",
        refusal(ModuleBuilder.code().raw(0x01, 0xfd, 0x0c)));
    assertEquals(
        "function 0 (run) at byte 39: atomic instruction 0xfe 3 is not supported; compile without"
            + " threads",
        refusal(ModuleBuilder.code().raw(0xfe, 0x03, 0)));
    assertEquals(
        "function 0 (run) at byte 39: tail call 0x12 is not supported; compile without tail calls",
        refusal(ModuleBuilder.code().raw(0x12, 0)));
    assertEquals(
        "function 0 (run) at byte 39: exception handling 0x8 is not supported; compile without"
            + " exceptions",
        refusal(ModuleBuilder.code().raw(0x08, 0)));
    assertEquals(
        "function 0 (run) at byte 39: unknown instruction 0x27",
        refusal(ModuleBuilder.code().raw(0x27)));
  }

  @Test
  void otherProposalsAreNamedWithTheirPlace() {
    assertEquals(
        "function 0 (run) at byte 39: garbage collection instruction 0xfb 0 is not supported;"
            + " compile without garbage collection",
        refusal(ModuleBuilder.code().raw(0xfb, 0, 0)));
    assertEquals(
        "function 0 (run) at byte 39: instruction 0x14 of typed references is not supported;"
            + " compile without typed references",
        refusal(ModuleBuilder.code().raw(0x14, 0)));
    assertEquals(
        "function 0 (run) at byte 41: i32.load names a memory, where only one is supported; compile"
            + " without multi-memory",
        refusal(ModuleBuilder.code().i32(0).raw(0x28, 0x42, 1, 0, 0x1a)));
    assertEquals(
        "function 0 (run) at byte 39: memory.size names a memory, where only one is supported;"
            + " compile without multi-memory",
        refusal(ModuleBuilder.code().raw(0x3f, 1, 0x1a)));
    assertEquals(
        "type 0 is no function type but of form 0x5f, which is not supported; compile without"
            + " garbage collection (at byte 11)",
        refusal(new ModuleBuilder().typeEntry(0x5f, 0).build()));
    assertEquals(
        "type 0: reference type 0x63 is not supported; compile without garbage collection and typed"
            + " references (at byte 13)",
        refusal(new ModuleBuilder().typeEntry(0x60, 1, 0x63, 0x70, 0).build()));
    assertEquals(
        "type 0: type exnref or noexn is not supported; compile without exceptions (at byte 13)",
        refusal(new ModuleBuilder().typeEntry(0x60, 1, 0x69, 0).build()));
    assertEquals(
        "section 13 (exceptions) is not supported; compile without exceptions (at byte 8)",
        refusal(ModuleBuilder.code().raw(0, 'a', 's', 'm', 1, 0, 0, 0, 13, 3, 1, 0, 0).bytes()));
    assertEquals(
        "imported tag env.e is not supported; compile without exceptions (at byte 11)",
        refusal(new ModuleBuilder().importOther("env", "e", 4, 0, 0).build()));
    assertEquals(
        "global 0: a constant expression cannot have instruction 0xfd (SIMD), which is not"
            + " supported; compile without simd128 (at byte 13)",
        refusal(globalOf(ModuleBuilder.code().raw(0xfd, 0x0c))));
    assertEquals(
        "global 0: its constant expression has more than one instruction, which is not supported;"
            + " compile without extended constant expressions (at byte 15)",
        refusal(globalOf(ModuleBuilder.code().i32(1).i32(2).raw(0x6a))));
  }

  private static byte[] globalOf(ModuleBuilder.Code value) {
    ModuleBuilder builder = new ModuleBuilder();
    builder.global(I32, false, value);
    return builder.build();
  }

  @Test
  void memoriesAndTablesAreNamedWithTheirPlace() {
    assertEquals(
        "more than one memory, which is not supported; compile without multi-memory (at byte 14)",
        refusal(new ModuleBuilder().memory(1, 1).memory(1, 1).build()));
    assertEquals(
        "memory: limits of kind 3 are not supported; compile without threads (shared memory) (at"
            + " byte 11)",
        refusal(new ModuleBuilder().memoryEntry(3, 1, 1).build()));
    assertEquals(
        "memory: limits of kind 4 are not supported; compile without memory64 (at byte 11)",
        refusal(new ModuleBuilder().memoryEntry(4, 1).build()));
    assertEquals(
        "memory: limits of kind 8 are not supported; compile without custom page sizes (at byte"
            + " 11)",
        refusal(new ModuleBuilder().memoryEntry(8, 1, 0).build()));
    assertEquals(
        "table 0: limits of kind 4 are not supported; compile without memory64 (at byte 11)",
        refusal(new ModuleBuilder().tableEntry(0x70, 4, 1).build()));
    assertEquals(
        "table 0 has 1048577 elements, the limit is 1048576 (at byte 11)",
        refusal(new ModuleBuilder().table(1048577).build()));
  }

  @Test
  void typesAreNamedWithTheirPlace() {
    ModuleBuilder builder = new ModuleBuilder();
    builder.exported("run", List.of(), List.of(), List.of(), ModuleBuilder.code());
    byte[] wasm = builder.build();
    // Two bytes more, a parameter of type v128: the type section starts at byte 8.
    byte[] altered =
        ModuleBuilder.code().raw(0, 'a', 's', 'm', 1, 0, 0, 0, 1, 5, 1, 0x60, 1, 0x7b, 0).bytes();
    byte[] rest = java.util.Arrays.copyOfRange(wasm, 14, wasm.length);
    byte[] whole = java.util.Arrays.copyOf(altered, altered.length + rest.length);
    System.arraycopy(rest, 0, whole, altered.length, rest.length);
    assertEquals(
        "type 0: type v128 is not supported; compile without simd128 (at byte 13)", refusal(whole));
  }

  @Test
  void importsAreChecked() {
    ModuleBuilder unknown = new ModuleBuilder();
    unknown.importFunction("js", "log\n", unknown.type(List.of(I32), List.of()));
    assertEquals(
        "import js.log? is unknown; functions can be imported from the supported modules only: env,"
            + " wasi_snapshot_preview1, zkwasm (at byte 18)",
        refusal(unknown.build()));
    ModuleBuilder misspelt = new ModuleBuilder();
    misspelt.importFunction("zkwasm", "length", misspelt.type(List.of(), List.of(I32)));
    assertEquals(
        "import zkwasm.length is unknown; the supported functions of module zkwasm are: exit,"
            + " input_len, input_read, output_write, private_len, private_read (at byte 18)",
        refusal(misspelt.build()));
    ModuleBuilder internal = new ModuleBuilder();
    internal.importFunction(
        "zkwasm.internal", "trap_integer_overflow", internal.type(List.of(), List.of()));
    assertTrue(
        refusal(internal.build()).contains("zkwasm.internal.trap_integer_overflow is unknown"));
    ModuleBuilder mistyped = new ModuleBuilder();
    mistyped.importFunction("zkwasm", "exit", mistyped.type(List.of(), List.of()));
    assertEquals(
        "import zkwasm.exit has type () -> () but must have (i32) -> () (at byte 17)",
        refusal(mistyped.build()));
  }

  @Test
  void importsThatAreNoFunctionsAreChecked() {
    assertEquals(
        "import env.memory is a memory, which cannot be imported; define it in the module (at byte"
            + " 11)",
        refusal(new ModuleBuilder().importOther("env", "memory", 2, 0, 1).build()));
    assertEquals(
        "import env.table is a table, which cannot be imported; define it in the module (at byte"
            + " 11)",
        refusal(new ModuleBuilder().importOther("env", "table", 1, 0x70, 0, 1).build()));
    assertEquals(
        "import env.__stack_pointer is a global that can change, which cannot be imported; define"
            + " it in the module (at byte 11)",
        refusal(new ModuleBuilder().importOther("env", "__stack_pointer", 3, 0x7f, 1).build()));
    assertEquals(
        "import env.base is an unknown constant; the supported constants of module env are:"
            + " __memory_base, __table_base (at byte 11)",
        refusal(new ModuleBuilder().importOther("env", "base", 3, 0x7f, 0).build()));
    assertEquals(
        "import js.base is an unknown constant; constants can be imported from the supported"
            + " modules only: env, global (at byte 11)",
        refusal(new ModuleBuilder().importOther("js", "base", 3, 0x7f, 0).build()));
    assertEquals(
        "import global.NaN has type f32 but must have f64 (at byte 11)",
        refusal(new ModuleBuilder().importOther("global", "NaN", 3, 0x7d, 0).build()));
  }

  /** What is wrong with the module itself comes before what it imports. */
  @Test
  void invalidModulesAreCalledSoWhateverTheyImport() {
    ModuleBuilder builder = new ModuleBuilder().importOther("js", "base", 3, 0x7f, 0);
    builder.exported(
        "run", List.of(), List.of(), List.of(), ModuleBuilder.code().op(WasmOpcode.I32_ADD));
    assertTrue(refusal(builder.build()).startsWith("invalid WebAssembly module: "));
    assertEquals(
        "malformed WebAssembly module: global 0: global 0 is no imported constant in a constant"
            + " expression at byte 14",
        refusal(globalOf(ModuleBuilder.code().raw(0x23, 0))));
  }

  @Test
  void dataOutOfBoundsAreRefused() {
    ModuleBuilder builder = new ModuleBuilder().memory(1, 2).data(65535, new byte[2]);
    assertEquals(
        "data segment of 2 bytes at address 65535 lies out of the bounds of the memory (1 pages)"
            + " (at byte 17)",
        refusal(builder.build()));
  }

  @Test
  void elementsOutOfBoundsAreRefused() {
    ModuleBuilder builder = new ModuleBuilder().table(2);
    int f = builder.exported("run", List.of(), List.of(), List.of(), ModuleBuilder.code());
    builder.elements(1, f, f);
    assertEquals(
        "element segment lies out of the bounds of table 0 (at byte 36)", refusal(builder.build()));
  }

  /** Each table can grow to 2^20 elements: more than 4096 of them do not fit the address space. */
  @Test
  void tablesBeyondTheAddressSpaceAreRefused() {
    ModuleBuilder builder = new ModuleBuilder();
    ModuleBuilder.Code body = ModuleBuilder.code();
    for (int i = 0; i < 4097; i++) {
      builder.table(0);
      body.raw(0xd0, 0x70).i32(0).op(WasmOpcode.TABLE_GROW, i).op(WasmOpcode.DROP);
    }
    builder.exported("run", List.of(), List.of(), List.of(), body);
    assertEquals(
        "tables and passive segments can have 4296015872 elements together, the limit is"
            + " 4294967296; declare smaller maximum sizes of tables",
        refusal(builder.build()));
  }

  @Test
  void invalidCodeIsRefused() {
    assertTrue(
        refusal(ModuleBuilder.code().op(WasmOpcode.I32_ADD))
            .startsWith("invalid WebAssembly module: "));
  }

  @Test
  void hugeExpansionsAreRefused() {
    // 1000 results, returned from thousands of places.
    ModuleBuilder builder = new ModuleBuilder();
    List<ValueType> many = java.util.Collections.nCopies(1000, I32);
    ModuleBuilder.Code body = ModuleBuilder.code();
    for (int i = 0; i < 1000; i++) {
      body.i32(i);
    }
    for (int i = 0; i < 5000; i++) {
      body.get(0).op(WasmOpcode.BR_IF, 0);
    }
    builder.exported("run", List.of(I32), many, List.of(), body);
    String message = refusal(builder.build());
    assertTrue(
        message.contains("the lowered program exceeds the limit of 4194304 instructions"), message);
  }

  /** Whatever bytes come, the answer is a program or a one-line refusal. */
  @Test
  void alteredModulesNeverBreakTheReader() {
    ModuleBuilder builder = new ModuleBuilder().memory(1, 2).table(2).data(8, new byte[] {1, 2, 3});
    int type = builder.type(List.of(I32), List.of(I32));
    builder.global(I32, true, 4);
    int f =
        builder.function(
            type,
            List.of(I32, ValueType.I64),
            ModuleBuilder.code()
                .block(WasmOpcode.BLOCK, 0x7f)
                .get(0)
                .get(1)
                .i32(3)
                .op(WasmOpcode.I32_DIV_S)
                .get(0)
                .op(WasmOpcode.BR_IF, 0)
                .op(WasmOpcode.I32_ADD)
                .get(0)
                .raw(0x0e, 1, 0, 1)
                .end()
                .i32(0)
                .op(WasmOpcode.CALL_INDIRECT, type, 0));
    builder.elements(0, f).export("run", f);
    byte[] wasm = builder.build();
    assertEquals(1, Lowering.lower(wasm).program().exports().size());
    Random random = new Random(3);
    int accepted = 0;
    for (int i = 0; i < 30_000; i++) {
      byte[] altered = wasm.clone();
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        altered[8 + random.nextInt(altered.length - 8)] = (byte) random.nextInt(256);
      }
      if (random.nextInt(10) == 0) {
        altered = java.util.Arrays.copyOf(altered, random.nextInt(altered.length));
      }
      try {
        var unused = Lowering.lower(altered);
        accepted++;
      } catch (ModuleException e) {
        assertFalse(String.valueOf(e.getMessage()).contains("\n"), String.valueOf(e.getMessage()));
      }
    }
    assertTrue(accepted > 100 && accepted < 15_000, "accepted " + accepted);
  }
}
