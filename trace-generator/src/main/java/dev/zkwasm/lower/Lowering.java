package dev.zkwasm.lower;

import dev.zkwasm.host.Assembler;
import dev.zkwasm.host.Label;
import dev.zkwasm.host.Routine;
import dev.zkwasm.host.Subroutine;
import dev.zkwasm.isa.ImageCell;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.SourceLocation;
import dev.zkwasm.isa.Space;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.transcript.Keccak256;
import dev.zkwasm.wasm.Importable;
import dev.zkwasm.wasm.Module;
import dev.zkwasm.wasm.ModuleException;
import dev.zkwasm.wasm.ModuleReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lowers a module: entry stubs, functions, functions of libraries, dispatchers of indirect calls,
 * routines, in this order. The same bytes give the same program on every machine, within a {@link
 * #VERSION}. The rules are in {@code docs/spec/lowering.md}.
 */
public final class Lowering {
  public static final int VERSION = 1;

  /** Globals for counters of the libraries. */
  static final int RESERVED_GLOBALS = 3;

  /** What a WASI reactor exports for its initialisation. */
  private static final String INITIALIZER = "_initialize";

  /** The module name of WASI preview 1. */
  private static final String WASI = "wasi_snapshot_preview1";

  private static final Importable IMPORTABLE = new Importable(functions(), constants());

  private static Map<String, Supplier<Map<String, Module.FunctionType>>> functions() {
    Map<String, Supplier<Map<String, Module.FunctionType>>> functions = routineImports();
    functions.put(WASI, () -> WasiFunctions.TYPES);
    return functions;
  }

  /** By module, the functions that routines implement; to be added to. */
  static Map<String, Supplier<Map<String, Module.FunctionType>>> routineImports() {
    Map<String, Supplier<Map<String, Module.FunctionType>>> functions = new HashMap<>();
    for (String module : Routine.modules()) {
      Map<String, Module.FunctionType> types = Routine.importable(module);
      functions.put(module, () -> types);
    }
    return functions;
  }

  /** Made once, when a module first imports from WASI: one may have a million such imports. */
  private static final class WasiFunctions {
    static final Map<String, Module.FunctionType> TYPES = wasiFunctions();
  }

  private static Map<String, Module.FunctionType> wasiFunctions() {
    Library wasi = Library.wasi();
    Map<String, Module.FunctionType> types = new HashMap<>();
    wasi.exports()
        .forEach(
            (name, function) -> types.put(name, wasi.module().functions().get(function).type()));
    return types;
  }

  /**
   * Where position-independent code is loaded, which is where it was linked for; and what compilers
   * from asm.js take from JavaScript.
   */
  private static Map<Module.Import, Module.Global> constants() {
    Module.Global zero = new Module.Global(ValueType.I32, false, 0);
    return Map.of(
        new Module.Import("env", "__memory_base"),
        zero,
        new Module.Import("env", "__table_base"),
        zero,
        new Module.Import("global", "NaN"),
        number(Double.NaN),
        new Module.Import("global", "Infinity"),
        number(Double.POSITIVE_INFINITY));
  }

  private static Module.Global number(double value) {
    return new Module.Global(ValueType.F64, false, Double.doubleToLongBits(value));
  }

  private final Module module;
  private final TableSpace tables;
  private final Assembler assembler = new Assembler();
  private final List<Subroutine> functions = new ArrayList<>();
  private final Map<Routine, Subroutine> routines = new EnumMap<>(Routine.class);
  private @Nullable LinkedLibrary wasi;
  private @Nullable LinkedLibrary softFloat;
  private final Map<Dispatch, Subroutine> dispatchers = new LinkedHashMap<>();

  /** Indirect calls of one table with one type share a dispatcher. */
  private record Dispatch(int table, Module.FunctionType type) {}

  /** What {@link WideMultiplication#instructions} says of a function. */
  private final Map<Module.Function, Integer> wideMultiplications = new IdentityHashMap<>();

  /** The exported function that every call runs first, or -1. */
  private final int initializer;

  private Lowering(Module module) {
    this.module = module;
    this.tables = new TableSpace(module);
    Module.FunctionType nothing = new Module.FunctionType(List.of(), List.of());
    this.initializer =
        module.exports().stream()
            .filter(e -> e.name().equals(INITIALIZER))
            .mapToInt(Module.Export::function)
            .filter(f -> module.functions().get(f).type().equals(nothing))
            .findFirst()
            .orElse(-1);
    for (Module.Function function : module.functions()) {
      Module.Import imported = function.imported();
      functions.add(imported == null ? new Subroutine() : implementation(imported));
    }
  }

  private Subroutine implementation(Module.Import imported) {
    return Routine.ofImport(imported)
        .map(this::routine)
        .orElseGet(() -> wasiFunction(imported.field()));
  }

  private Subroutine wasiFunction(String name) {
    if (wasi == null) {
      wasi = new LinkedLibrary(Library.wasi());
    }
    return wasi.function(Objects.requireNonNull(Library.wasi().exports().get(name)));
  }

  /**
   * Reads, validates and lowers a module.
   *
   * @param wasm the WebAssembly binary
   * @throws ModuleException if it is no module, invalid, or uses what this version does not
   *     support; one line
   */
  public static LoweredModule lower(byte[] wasm) {
    return new Lowering(ModuleReader.read(wasm, IMPORTABLE)).run(wasm);
  }

  private LoweredModule run(byte[] wasm) {
    List<Program.Export> exports = new ArrayList<>();
    for (Module.Export export : module.exports()) {
      exports.add(stub(export));
    }
    for (Module.Function function : module.functions()) {
      if (function.imported() == null) {
        new FunctionLowering(this, null, function, assembler).lower();
      }
    }
    if (softFloat != null) {
      softFloat.emit(this, assembler);
    }
    if (wasi != null) {
      wasi.emit(this, assembler);
    }
    dispatchers.forEach(this::emitDispatcher);
    routines.forEach(this::emitRoutine);
    assembler.finish();
    Module.Memory memory = module.memory();
    Program program =
        new Program(
            Keccak256.hash(wasm),
            VERSION,
            assembler.code(),
            assembler.locations(),
            exports,
            memory == null ? 0 : memory.minimum(),
            image());
    return new LoweredModule(program, assembler.weights());
  }

  /** The guest. */
  Module module() {
    return module;
  }

  TableSpace tableSpace() {
    return tables;
  }

  Subroutine function(int index) {
    return functions.get(index);
  }

  /** The library of floating-point instructions, which becomes part of the program. */
  LinkedLibrary softFloat() {
    if (softFloat == null) {
      softFloat = new LinkedLibrary(Library.softFloat());
    }
    return softFloat;
  }

  /**
   * Index of a global that the lowering keeps behind those of the guest; number below {@link
   * #RESERVED_GLOBALS}. Sizes of tables come after them.
   */
  int reservedGlobal(int number) {
    return module.globals().size() + number;
  }

  /**
   * 0, or the number of WebAssembly instructions that a function of the module executes if it is
   * the helper for 128-bit products.
   */
  int wideMultiplication(Module of, Module.Function function) {
    return function.imported() != null
        ? 0
        : wideMultiplications.computeIfAbsent(
            function, f -> WideMultiplication.instructions(of, f));
  }

  /** The routine, which becomes part of the program. */
  Subroutine routine(Routine routine) {
    return routines.computeIfAbsent(routine, r -> new Subroutine());
  }

  Subroutine dispatcher(int table, Module.FunctionType type) {
    return dispatchers.computeIfAbsent(new Dispatch(table, type), d -> new Subroutine());
  }

  /**
   * Arguments, start function, {@code _initialize}, then the call and its results. The arguments
   * come first, because the verifier sends them however the run ends: one that ends in the start
   * function must have received them too.
   */
  private Program.Export stub(Module.Export export) {
    Module.Function function = module.functions().get(export.function());
    int entry = assembler.size() + 1;
    assembler.at(new SourceLocation(-1, "entry of " + function.name(), -1, "call"));
    Module.FunctionType type = function.type();
    int arguments = type.parameters().size();
    for (int i = 0; i < arguments; i++) {
      assembler.emit(new Instruction(Opcode.ARGUMENT, i, 0, 0, i, false, false));
    }
    if (module.start() >= 0) {
      assembler.call(function(module.start()), arguments);
    }
    if (initializer >= 0 && !export.name().equals(INITIALIZER)) {
      assembler.call(function(initializer), arguments);
    }
    assembler.call(function(export.function()), 0);
    for (int i = 0; i < type.results().size(); i++) {
      assembler.emit(new Instruction(Opcode.RESULT, 0, i, 0, i, true, false));
    }
    assembler.emit(new Instruction(Opcode.HALT, 0, 0, 0, 0, false, false));
    return new Program.Export(export.name(), type.parameters(), type.results(), entry);
  }

  /**
   * The code that an indirect call calls: with the arguments in slots 0, 1, ... and the index above
   * them it checks the index and jumps to the function, which then returns to the caller. In a
   * table that never changes the index leads straight to the function; in others the cell does, by
   * the function's index. Entries that are null or of another type trap right here.
   */
  private void emitDispatcher(Dispatch dispatch, Subroutine subroutine) {
    int index = dispatch.type.parameters().size();
    TableSpace.Region table = tables.table(dispatch.table);
    assembler.at(
        new SourceLocation(
            -1,
            "indirect call of " + dispatch.type + " in table " + dispatch.table,
            -1,
            "call_indirect"));
    assembler.begin(subroutine);
    Label undefined = new Label();
    Label uninitialized = new Label();
    Label mistyped = new Label();
    int[] targets =
        tables.changes(dispatch.table) ? nullAndFunctions() : constantElements(dispatch.table);
    if (table.isConstant()) {
      assembler.branchConstant(Opcode.BR_GEU, index, table.size(), undefined);
    } else {
      assembler.emit(
          new Instruction(Opcode.GLOBAL_GET, index + 1, table.sizeGlobal(), 0, 0, false, false));
      assembler.branch(Opcode.BR_GEU, index, index + 1, undefined);
    }
    if (tables.changes(dispatch.table)) {
      assembler.emit(new Instruction(Opcode.CELL_LOAD, 0, index, index, table.base(), true, true));
    }
    assembler.jumpIndexed(index);
    int cells = index + 1;
    for (int target : targets) {
      if (target < 0) {
        assembler.jump(uninitialized);
        continue;
      }
      Module.Function function = module.functions().get(target);
      if (!function.type().equals(dispatch.type)) {
        assembler.jump(mistyped);
        continue;
      }
      assembler.jump(function(target).entry());
      // Routines are emitted after the dispatchers; their frames are small and known to be.
      boolean isRoutine = Routine.ofImport(function.imported()).isPresent();
      cells = Math.max(cells, isRoutine ? Routine.MAX_FRAME : function(target).frameCells());
    }
    trap(undefined, TrapReason.UNDEFINED_ELEMENT);
    trap(uninitialized, TrapReason.UNINITIALIZED_ELEMENT);
    trap(mistyped, TrapReason.INDIRECT_CALL_TYPE);
    assembler.end(subroutine, cells);
  }

  /** By element of a table that never changes: its function, or -1. */
  private int[] constantElements(int table) {
    int[] entries = new int[(int) module.tables().get(table).minimum()];
    Arrays.fill(entries, -1);
    for (Module.Elements segment : module.elements()) {
      if (segment.mode() == Module.Mode.ACTIVE && segment.table() == table) {
        for (int i = 0; i < segment.functions().size(); i++) {
          entries[(int) segment.offset() + i] = segment.functions().get(i);
        }
      }
    }
    return entries;
  }

  /** By value of a function reference: -1 for null, then all functions. */
  private int[] nullAndFunctions() {
    int[] targets = new int[functions.size() + 1];
    Arrays.setAll(targets, i -> i - 1);
    return targets;
  }

  private void trap(Label label, TrapReason reason) {
    if (label.isUsed()) {
      assembler.bind(label);
      assembler.trap(reason);
    }
  }

  private void emitRoutine(Routine routine, Subroutine subroutine) {
    assembler.at(
        new SourceLocation(
            -1, "routine " + routine.name().toLowerCase(Locale.ROOT), -1, "routine"));
    assembler.begin(subroutine);
    routine.emit(assembler);
    assembler.end(subroutine, routine.parameterCount());
    if (subroutine.frameCells() > Routine.MAX_FRAME) {
      throw new IllegalStateException(routine + " needs more than " + Routine.MAX_FRAME + " cells");
    }
  }

  /**
   * Cells that are not 0 at the start: globals, memory, tables and passive segments; by key. Later
   * segments overwrite earlier ones.
   */
  private List<ImageCell> image() {
    List<ImageCell> image = new ArrayList<>();
    for (int i = 0; i < module.globals().size(); i++) {
      long value = module.globals().get(i).value();
      if (value != 0) {
        image.add(new ImageCell(Space.GLOBAL, i, value));
      }
    }
    tables.addSizes(image);
    Map<Long, Long> words = new TreeMap<>();
    for (Module.Data segment : module.data()) {
      if (segment.mode() != Module.Mode.ACTIVE) {
        continue;
      }
      for (int i = 0; i < segment.size(); i++) {
        long address = segment.offset() + i;
        int shift = (int) (address & 7) * 8;
        long value = (module.bytes()[segment.start() + i] & 0xffL) << shift;
        words.merge(address >>> 3, value, (old, v) -> (old & ~(0xffL << shift)) | v);
      }
    }
    words.forEach(
        (address, value) -> {
          if (value != 0) {
            image.add(new ImageCell(Space.MEMORY, address, value));
          }
        });
    tables.addCells(image);
    return image;
  }
}
