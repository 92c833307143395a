package dev.zkwasm.wasm;

import java.util.Map;

/**
 * What modules may import, by name.
 *
 * @param functions functions and their types
 * @param constants immutable globals and their values
 */
public record Importable(
    Map<Module.Import, Module.FunctionType> functions,
    Map<Module.Import, Module.Global> constants) {
  public Importable {
    functions = Map.copyOf(functions);
    constants = Map.copyOf(constants);
  }
}
