package dev.zkwasm.spectest;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A valid module taken apart as far as linking needs it. Types, tables and memories are the bytes
 * of their entries; an expression is its bytes with the final {@code end}; a body is its bytes
 * without its size.
 */
final class ModuleParts {
  /** Kinds of imports and exports. */
  static final int FUNCTION = 0;

  static final int TABLE = 1;
  static final int MEMORY = 2;
  static final int GLOBAL = 3;

  /**
   * An import.
   *
   * @param type as {@link #typeOf} has it
   */
  record Import(String module, String name, int kind, byte[] type) {}

  record Export(String name, int kind, int index) {}

  record Global(byte[] type, byte[] value) {}

  enum Mode {
    ACTIVE,
    PASSIVE,
    DECLARATIVE
  }

  /** An element segment; the elements are expressions. */
  record Elements(
      Mode mode, int table, byte @Nullable [] offset, int type, List<byte[]> elements) {}

  record Data(byte @Nullable [] offset, byte[] bytes) {}

  final List<byte[]> types = new ArrayList<>();
  final List<Import> imports = new ArrayList<>();
  final List<Integer> functions = new ArrayList<>();
  final List<byte[]> tables = new ArrayList<>();
  final List<byte[]> memories = new ArrayList<>();
  final List<Global> globals = new ArrayList<>();
  final List<Export> exports = new ArrayList<>();
  final List<Elements> elements = new ArrayList<>();
  final List<byte[]> bodies = new ArrayList<>();
  final List<Data> data = new ArrayList<>();
  int start = -1;

  ModuleParts(byte[] module) {
    BinaryReader reader = new BinaryReader(module, 8);
    while (!reader.atEnd()) {
      int id = reader.u8();
      BinaryReader section = new BinaryReader(reader.take(reader.u32()), 0);
      if (id == 8) {
        start = section.u32();
      } else if (id != 0 && id != 12) {
        for (int n = section.u32(); n > 0; n--) {
          readEntry(id, section);
        }
      }
    }
  }

  private void readEntry(int id, BinaryReader section) {
    int from = section.position();
    switch (id) {
      case 1 -> {
        section.u8();
        var parameters = section.take(section.u32());
        var results = section.take(section.u32());
        types.add(section.since(from));
      }
      case 2 -> readImport(section);
      case 3 -> functions.add(section.u32());
      case 4 -> {
        skipTable(section);
        tables.add(section.since(from));
      }
      case 5 -> {
        skipLimits(section);
        memories.add(section.since(from));
      }
      case 6 -> globals.add(new Global(section.take(2), expression(section)));
      case 7 -> exports.add(new Export(section.name(), section.u8(), section.u32()));
      case 9 -> readElements(section);
      case 10 -> bodies.add(section.take(section.u32()));
      case 11 -> readData(section);
      default -> throw new IllegalArgumentException("section " + id);
    }
  }

  private void readImport(BinaryReader section) {
    String module = section.name();
    String name = section.name();
    int kind = section.u8();
    int from = section.position();
    byte[] type =
        switch (kind) {
          case FUNCTION -> types.get(section.u32());
          case TABLE -> {
            skipTable(section);
            yield section.since(from);
          }
          case MEMORY -> {
            skipLimits(section);
            yield section.since(from);
          }
          case GLOBAL -> section.take(2);
          default -> throw new IllegalArgumentException("import of kind " + kind);
        };
    imports.add(new Import(module, name, kind, type));
  }

  /** The type of a definition: a function type, the entry of a table or memory, a global's type. */
  byte[] typeOf(int kind, int index) {
    return switch (kind) {
      case FUNCTION -> types.get(functions.get(index));
      case TABLE -> tables.get(index);
      case MEMORY -> memories.get(index);
      case GLOBAL -> globals.get(index).type();
      default -> throw new IllegalArgumentException("kind " + kind);
    };
  }

  private static void skipTable(BinaryReader section) {
    section.u8();
    skipLimits(section);
  }

  private static void skipLimits(BinaryReader section) {
    if (section.u8() == 1) {
      section.u32();
    }
    section.u32();
  }

  private static byte[] expression(BinaryReader section) {
    int from = section.position();
    CodeRewriter.skipExpression(section);
    return section.since(from);
  }

  private void readElements(BinaryReader section) {
    int flags = section.u32();
    boolean passive = (flags & 1) != 0;
    boolean explicit = (flags & 2) != 0;
    boolean expressions = (flags & 4) != 0;
    Mode mode = !passive ? Mode.ACTIVE : explicit ? Mode.DECLARATIVE : Mode.PASSIVE;
    int table = !passive && explicit ? section.u32() : 0;
    byte[] offset = passive ? null : expression(section);
    int type = 0x70;
    if (passive || explicit) {
      int kind = section.u8();
      type = expressions ? kind : 0x70;
    }
    List<byte[]> entries = new ArrayList<>();
    for (int n = section.u32(); n > 0; n--) {
      entries.add(
          expressions
              ? expression(section)
              : new BinaryWriter().u8(0xd2).u32(section.u32()).u8(0x0b).bytes());
    }
    elements.add(new Elements(mode, table, offset, type, entries));
  }

  private void readData(BinaryReader section) {
    int flags = section.u32();
    if (flags == 2) {
      section.u32();
    }
    byte[] offset = flags == 1 ? null : expression(section);
    data.add(new Data(offset, section.take(section.u32())));
  }
}
