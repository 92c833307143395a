package dev.zkwasm.spectest;

import dev.zkwasm.spectest.EngineException.Kind;
import java.util.ArrayList;
import java.util.Arrays;
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
  private final Exporters exporters;

  /** The imports of each kind. */
  private final List<List<Definition>> imports = new ArrayList<>();

  /**
   * Resolves the imports of a module.
   *
   * @param exporters finds the instance that is registered under a name
   */
  LinkedInstance(ModuleParts parts, Exporters exporters) {
    this.parts = parts;
    this.exporters = exporters;
    for (int kind = 0; kind <= ModuleParts.GLOBAL; kind++) {
      imports.add(new ArrayList<>());
    }
    for (ModuleParts.Import entry : parts.imports) {
      Definition definition =
          exporters.find(entry.module(), entry.name()).export(entry.name(), entry.kind());
      byte[] offered = definition.instance.parts.typeOf(entry.kind(), definition.index);
      boolean fits =
          switch (entry.kind()) {
            case ModuleParts.TABLE -> entry.type()[0] == offered[0] && fits(entry, 1, definition);
            case ModuleParts.MEMORY -> fits(entry, 0, definition);
            default -> Arrays.equals(entry.type(), offered);
          };
      if (!fits) {
        throw new EngineException(
            Kind.UNLINKABLE, "incompatible import type: " + entry.module() + "." + entry.name());
      }
      imports.get(entry.kind()).add(definition);
    }
  }

  /** Limits that stand at a position of an entry; the maximum is -1 if there is none. */
  private record Limits(long minimum, long maximum) {
    static Limits at(int position, byte[] entry) {
      BinaryReader reader = new BinaryReader(entry, position);
      boolean hasMaximum = reader.u8() == 1;
      long minimum = Integer.toUnsignedLong(reader.u32());
      return new Limits(minimum, hasMaximum ? Integer.toUnsignedLong(reader.u32()) : -1);
    }
  }

  /** Size and maximum of a table or memory lie within the limits that an import asks for. */
  private boolean fits(ModuleParts.Import entry, int position, Definition definition) {
    Limits asked = Limits.at(position, entry.type());
    Limits offered =
        Limits.at(position, definition.instance.parts.typeOf(entry.kind(), definition.index));
    boolean isLarge =
        offered.minimum >= asked.minimum
            || exporters.hasGrown(entry.kind(), definition, asked.minimum);
    boolean isBounded =
        asked.maximum < 0 || offered.maximum >= 0 && offered.maximum <= asked.maximum;
    return isLarge && isBounded;
  }

  /** Finds the instance that offers an import. */
  interface Exporters {
    LinkedInstance find(String module, String name);

    /** True if calls have made a table or memory so large. */
    boolean hasGrown(int kind, Definition definition, long size);
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
    throw parts.exports.stream().anyMatch(export -> export.name().equals(name))
        ? new EngineException(Kind.UNLINKABLE, "incompatible import type: kind of " + name)
        : new EngineException(Kind.UNLINKABLE, "unknown import " + name);
  }

  /** The instances whose definitions this one imports, repeated where it imports several. */
  List<LinkedInstance> importedFrom() {
    return imports.stream().flatMap(List::stream).map(Definition::instance).toList();
  }
}
