package dev.zkwasm.spectest;

import dev.zkwasm.spectest.EngineException.Kind;
import java.util.ArrayList;
import java.util.List;

/** A module instance with its imports resolved. */
final class LinkedInstance {
  /**
   * Where something is defined.
   *
   * @param instance the instance whose module defines it
   * @param index its position among the definitions of its kind there, imports not counted
   */
  record Definition(LinkedInstance instance, int index) {}

  private final ModuleParts parts;

  /** The imports of each kind. */
  private final List<List<Definition>> imports = new ArrayList<>();

  /**
   * Resolves the imports of a module.
   *
   * @param exporters finds the instance that is registered under a name
   */
  LinkedInstance(ModuleParts parts, Exporters exporters) {
    this.parts = parts;
    for (int kind = 0; kind <= ModuleParts.GLOBAL; kind++) {
      imports.add(new ArrayList<>());
    }
    for (ModuleParts.Import entry : parts.imports) {
      imports
          .get(entry.kind())
          .add(exporters.find(entry.module(), entry.name()).export(entry.name(), entry.kind()));
    }
  }

  /** Finds the instance that offers an import. */
  interface Exporters {
    LinkedInstance find(String module, String name);
  }

  ModuleParts parts() {
    return parts;
  }

  /** The definition behind an index of the module. */
  Definition definition(int kind, int index) {
    List<Definition> imported = imports.get(kind);
    return index < imported.size()
        ? imported.get(index)
        : new Definition(this, index - imported.size());
  }

  /** The definition behind an export. */
  Definition export(String name, int kind) {
    for (ModuleParts.Export export : parts.exports) {
      if (export.name().equals(name) && export.kind() == kind) {
        return definition(kind, export.index());
      }
    }
    throw new EngineException(
        Kind.UNLINKABLE, "unknown import: nothing of kind " + kind + " named " + name);
  }

  /** The instances whose definitions this one imports, repeated where it imports several. */
  List<LinkedInstance> importedFrom() {
    return imports.stream().flatMap(List::stream).map(Definition::instance).toList();
  }
}
