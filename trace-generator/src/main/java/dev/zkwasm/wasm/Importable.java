package dev.zkwasm.wasm;

import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What modules may import, by name.
 *
 * @param functions for each module name the fields that are functions, and their types; asked for
 *     only where a module imports from there, or needs to hear what it could import
 * @param constants immutable globals and their values
 */
public record Importable(
    Map<String, Supplier<Map<String, Module.FunctionType>>> functions,
    Map<Module.Import, Module.Global> constants) {
  public Importable {
    functions = Map.copyOf(functions);
    constants = Map.copyOf(constants);
  }

  /** The type of an importable function, or null. */
  Module.@Nullable FunctionType function(Module.Import name) {
    return functions.getOrDefault(name.module(), Map::of).get().get(name.field());
  }
}
