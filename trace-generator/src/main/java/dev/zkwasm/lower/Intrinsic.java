package dev.zkwasm.lower;

import static dev.zkwasm.isa.ValueType.I32;
import static dev.zkwasm.isa.ValueType.I64;

import dev.zkwasm.isa.ValueType;
import dev.zkwasm.wasm.Module;
import java.util.List;
import java.util.Locale;

/**
 * What only libraries can import, from module {@value #MODULE}: instructions of the machine that
 * WebAssembly lacks, and counters of the run. A call of one becomes a single instruction.
 */
enum Intrinsic {
  /** Upper half of the unsigned product. */
  MULHU(List.of(I64, I64), List.of(I64)),
  TRAP_INVALID_CONVERSION(List.of(), List.of()),
  TRAP_INTEGER_OVERFLOW(List.of(), List.of()),
  /** Bytes read of the public input; the counters are globals and 0 at the start. */
  PUBLIC_POSITION(List.of(), List.of(I32)),
  SET_PUBLIC_POSITION(List.of(I32), List.of()),
  /** Bytes read of the private input. */
  PRIVATE_POSITION(List.of(), List.of(I32)),
  SET_PRIVATE_POSITION(List.of(I32), List.of()),
  /** Words drawn of the random stream. */
  RANDOM_POSITION(List.of(), List.of(I64)),
  SET_RANDOM_POSITION(List.of(I64), List.of());

  static final String MODULE = "zkwasm.internal";

  private final Module.FunctionType type;

  Intrinsic(List<ValueType> parameters, List<ValueType> results) {
    this.type = new Module.FunctionType(parameters, results);
  }

  Module.FunctionType type() {
    return type;
  }

  Module.Import importName() {
    return new Module.Import(MODULE, name().toLowerCase(Locale.ROOT));
  }
}
