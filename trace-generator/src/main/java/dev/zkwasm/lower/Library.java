package dev.zkwasm.lower;

import dev.zkwasm.wasm.CodeReader;
import dev.zkwasm.wasm.Module;
import dev.zkwasm.wasm.ModuleReader;
import dev.zkwasm.wasm.WasmOpcode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A WebAssembly module of the lowering itself, built from {@code src/main/c}, whose functions are
 * linked into programs that use them. It works on the guest's memory, if on any, and has no data,
 * globals or tables of its own.
 */
final class Library {
  // Reading and checking a library costs a cold process a tenth of a second, and most programs need
  // none: each is read when first asked for.
  private static final class SoftFloat {
    static final Library INSTANCE = new Library("softfloat", false);
  }

  private static final class Wasi {
    static final Library INSTANCE = new Library("wasi", true);
  }

  private final String name;
  private final Module module;
  private final Map<String, Integer> exports = new LinkedHashMap<>();

  /** For each function, the functions with a body that it calls. */
  private final List<List<Integer>> callees = new ArrayList<>();

  private final Map<Module.Import, Intrinsic> intrinsics = new HashMap<>();

  private Library(String name, boolean usesMemory) {
    this.name = name;
    Map<String, Module.FunctionType> internal = new HashMap<>();
    for (Intrinsic intrinsic : Intrinsic.values()) {
      Module.Import importName = intrinsic.importName();
      intrinsics.put(importName, intrinsic);
      internal.put(importName.field(), intrinsic.type());
    }
    Map<String, Supplier<Map<String, Module.FunctionType>>> importable = Lowering.routineImports();
    importable.put(Intrinsic.MODULE, () -> internal);
    this.module = ModuleReader.readLibrary(bytes(name), importable);
    module.exports().forEach(e -> exports.put(e.name(), e.function()));
    if (!module.data().isEmpty() || !module.elements().isEmpty() || module.start() >= 0) {
      throw new IllegalStateException("library " + name + " has segments or a start function");
    }
    for (Module.Function function : module.functions()) {
      callees.add(check(function, usesMemory));
    }
  }

  /** Floating-point instructions; the exports are named after them. */
  static Library softFloat() {
    return SoftFloat.INSTANCE;
  }

  /** The functions of WASI preview 1. */
  static Library wasi() {
    return Wasi.INSTANCE;
  }

  private static byte[] bytes(String name) {
    try (InputStream in =
        Objects.requireNonNull(Library.class.getResourceAsStream(name + ".wasm"), name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The functions that the function calls; its code must not refer to what is not linked. */
  private List<Integer> check(Module.Function function, boolean usesMemory) {
    List<Integer> called = new ArrayList<>();
    if (function.imported() != null) {
      return called;
    }
    CodeReader code = module.code(function);
    while (code.next()) {
      String text = code.opcode().text();
      boolean memory =
          text.contains(".load") || text.contains(".store") || text.startsWith("memory.");
      boolean other =
          text.startsWith("global.")
              || text.startsWith("table.")
              || text.startsWith("ref.")
              || text.equals("call_indirect");
      if (other || memory && !usesMemory) {
        throw code.refused("a library cannot use " + text);
      }
      if (code.opcode() == WasmOpcode.CALL
          && module.functions().get(code.index()).imported() == null) {
        called.add(code.index());
      }
    }
    return called;
  }

  String name() {
    return name;
  }

  Module module() {
    return module;
  }

  /** The exported functions by name, in the order of the export section. */
  Map<String, Integer> exports() {
    return exports;
  }

  List<Integer> callees(int function) {
    return callees.get(function);
  }

  /** What a call of the imported function stands for, or null if it is a routine. */
  @Nullable Intrinsic intrinsic(Module.Import imported) {
    return intrinsics.get(imported);
  }
}
