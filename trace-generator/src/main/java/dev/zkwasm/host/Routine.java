package dev.zkwasm.host;

import static dev.zkwasm.isa.ValueType.I32;

import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.wasm.Module;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Subroutines of lowered code that the lowering adds to a program that uses them, in this order.
 * Arguments are in slots 0, 1, ...; results are left in slots 0, 1, ...; the other slots hold
 * anything at the start.
 */
public enum Routine {
  /** Length of the public input in bytes. */
  INPUT_LEN(List.of(), List.of(I32), a -> InputOutput.length(a, Opcode.PUBLIC_WORD)),
  /** {@code (ptr, offset, len)}: copies public input to memory. */
  INPUT_READ(List.of(I32, I32, I32), List.of(), a -> InputOutput.read(a, Opcode.PUBLIC_WORD)),
  PRIVATE_LEN(List.of(), List.of(I32), a -> InputOutput.length(a, Opcode.PRIVATE_WORD)),
  PRIVATE_READ(List.of(I32, I32, I32), List.of(), a -> InputOutput.read(a, Opcode.PRIVATE_WORD)),
  /** {@code (ptr, len)}: appends memory to the public output. */
  OUTPUT_WRITE(List.of(I32, I32), List.of(), a -> InputOutput.write(a)),
  /** {@code (code)}: ends the run. */
  EXIT(List.of(I32), List.of(), a -> a.use(Opcode.EXIT, 0)),
  /**
   * {@code env.abort(message, file, line, column)}: how programs in AssemblyScript fail; a trap.
   */
  ABORT("env", List.of(I32, I32, I32, I32), List.of(), a -> a.trap(TrapReason.ABORT)),

  /** {@code (destination, value, length)} */
  MEMORY_FILL(a -> BulkMemory.fill(a)),
  /** {@code (destination, source, length)}, which may overlap. */
  MEMORY_COPY(a -> BulkMemory.copy(a)),
  /**
   * {@code (destination, source, length, base, size)}: from a passive data segment, whose words are
   * table cells from {@code base} on.
   */
  MEMORY_INIT(a -> InputOutput.readSegment(a)),
  /** {@code (to, from, length, base of to, size of to, base of from, size of from)} */
  TABLE_COPY(a -> TableRoutines.copy(a)),
  /** {@code (to, value, length, base, size)} */
  TABLE_FILL(a -> TableRoutines.fill(a)),
  /** {@code (value, delta, base, size, limit) -> (old size or -1, size)} */
  TABLE_GROW(a -> TableRoutines.grow(a)),

  /** Signed division of checked operands: no zero divisor, no overflow. */
  I32_DIV_S(a -> IntegerRoutines.divide(a, 32)),
  I64_DIV_S(a -> IntegerRoutines.divide(a, 64)),
  /** Signed remainder; the divisor is not 0. */
  I32_REM_S(a -> IntegerRoutines.remainder(a, 32)),
  I64_REM_S(a -> IntegerRoutines.remainder(a, 64)),
  I32_CLZ(a -> IntegerRoutines.leadingZeros(a, 32)),
  I64_CLZ(a -> IntegerRoutines.leadingZeros(a, 64)),
  I32_CTZ(a -> IntegerRoutines.trailingZeros(a, 32)),
  I64_CTZ(a -> IntegerRoutines.trailingZeros(a, 64)),
  I32_POPCNT(a -> IntegerRoutines.populationCount(a, 32)),
  I64_POPCNT(a -> IntegerRoutines.populationCount(a, 64));

  /** No routine's frame has more cells. */
  public static final int MAX_FRAME = 16;

  /** The module name of the host interface. */
  public static final String MODULE = "zkwasm";

  /** Those that can be imported, by module and field. */
  private static final Map<String, Map<String, Routine>> IMPORTS = new HashMap<>();

  static {
    for (Routine routine : values()) {
      if (routine.module != null) {
        IMPORTS
            .computeIfAbsent(routine.module, m -> new HashMap<>())
            .put(routine.name().toLowerCase(Locale.ROOT), routine);
      }
    }
  }

  /** The module that it is imported from, if it can be. */
  private final @Nullable String module;

  private final Module.FunctionType type;
  private final Consumer<Assembler> body;

  Routine(List<ValueType> parameters, List<ValueType> results, Consumer<Assembler> body) {
    this(MODULE, parameters, results, body);
  }

  Routine(
      String module,
      List<ValueType> parameters,
      List<ValueType> results,
      Consumer<Assembler> body) {
    this.module = module;
    this.type = new Module.FunctionType(parameters, results);
    this.body = body;
  }

  Routine(Consumer<Assembler> body) {
    this.module = null;
    this.type = new Module.FunctionType(List.of(), List.of());
    this.body = body;
  }

  /** The routine that implements the import, if one does. */
  public static Optional<Routine> ofImport(Module.@Nullable Import imported) {
    return Optional.ofNullable(imported)
        .map(name -> IMPORTS.getOrDefault(name.module(), Map.of()).get(name.field()));
  }

  /** The modules that routines can be imported from. */
  public static Set<String> modules() {
    return Collections.unmodifiableSet(IMPORTS.keySet());
  }

  /** What routines implement of a module: fields and their types. */
  public static Map<String, Module.FunctionType> importable(String module) {
    Map<String, Module.FunctionType> types = new HashMap<>();
    IMPORTS
        .getOrDefault(module, Map.of())
        .forEach((field, routine) -> types.put(field, routine.type));
    return types;
  }

  /** Number of parameters; 0 if it is no import. */
  public int parameterCount() {
    return type.parameters().size();
  }

  /** Emits the routine's code. */
  public void emit(Assembler assembler) {
    body.accept(assembler);
  }

  /**
   * Traps unless {@code register address + register length} lies within the memory, with both below
   * 2^32.
   *
   * @param t a free slot
   * @param u another
   */
  static void checkMemory(Assembler a, int address, int length, int t, int u) {
    Label fine = new Label();
    a.read(Opcode.MEMORY_SIZE, t);
    a.opConstant(Opcode.MUL64, t, t, 65536);
    a.op(Opcode.ADD64, u, address, length);
    a.branch(Opcode.BR_GEU, t, u, fine);
    a.trap(TrapReason.MEMORY_OUT_OF_BOUNDS);
    a.bind(fine);
  }
}
