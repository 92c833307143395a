package dev.zkwasm.host;

import static dev.zkwasm.isa.ValueType.I32;

import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.ValueType;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

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

  /** {@code (destination, value, length)} */
  MEMORY_FILL(a -> BulkMemory.fill(a)),
  /** {@code (destination, source, length)}, which may overlap. */
  MEMORY_COPY(a -> BulkMemory.copy(a)),

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

  private final boolean imported;
  private final List<ValueType> parameters;
  private final List<ValueType> results;
  private final Consumer<Assembler> body;

  Routine(List<ValueType> parameters, List<ValueType> results, Consumer<Assembler> body) {
    this.imported = true;
    this.parameters = parameters;
    this.results = results;
    this.body = body;
  }

  Routine(Consumer<Assembler> body) {
    this.imported = false;
    this.parameters = List.of();
    this.results = List.of();
    this.body = body;
  }

  /** Name of the import that it implements, if it does. */
  public Optional<String> importName() {
    return imported ? Optional.of(name().toLowerCase(Locale.ROOT)) : Optional.empty();
  }

  /** Parameter types of an import. */
  public List<ValueType> parameters() {
    return parameters;
  }

  /** Result types of an import. */
  public List<ValueType> results() {
    return results;
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
