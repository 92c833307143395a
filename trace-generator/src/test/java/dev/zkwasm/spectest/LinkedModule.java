package dev.zkwasm.spectest;

import dev.zkwasm.spectest.ModuleParts.Data;
import dev.zkwasm.spectest.ModuleParts.Elements;
import dev.zkwasm.spectest.ModuleParts.Export;
import dev.zkwasm.spectest.ModuleParts.Global;
import dev.zkwasm.spectest.ModuleParts.Mode;
import dev.zkwasm.testing.MachineState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes instances that import from each other as one module without imports: what is proven is one
 * module. Functions, tables, globals and segments of all instances stand one after the other. A
 * segment that only fills what its own instance defines, within bounds, stays active. Others become
 * passive, and the function {@link #instantiation} does what the instantiation would do: copy and
 * drop them, then call the start function. Memories, if there are several, share the one memory of
 * the module ({@link MemoryWindows}).
 */
final class LinkedModule {
  private static final byte[] HEADER = {0, 'a', 's', 'm', 1, 0, 0, 0};
  private static final byte[] NO_PARAMETERS_OR_RESULTS = {0x60, 0, 0};

  private final List<LinkedInstance> instances;
  private final Map<LinkedInstance, Bases> bases = new HashMap<>();

  private final MemoryWindows windows;

  /** Where the definitions of an instance start in the index spaces of the module. */
  private record Bases(int type, int function, int table, int global, int element, int data) {}

  private LinkedModule(List<LinkedInstance> instances) {
    this.instances = instances;
    Bases next = new Bases(1, 0, 0, 0, 0, 0); // type 0: of the instantiation functions
    for (LinkedInstance instance : instances) {
      ModuleParts parts = instance.parts();
      bases.put(instance, next);
      next =
          new Bases(
              next.type + parts.types.size(),
              next.function + parts.functions.size() + 1,
              next.table + parts.tables.size(),
              next.global + parts.globals.size(),
              next.element + parts.elements.size(),
              next.data + parts.data.size());
    }
    // What the windows add comes after all instances.
    this.windows = new MemoryWindows(instances, next.function, next.global);
  }

  /** The module of these instances; each comes after those it imports from. */
  static byte[] of(List<LinkedInstance> instances) {
    return new LinkedModule(instances).module();
  }

  /** Name of the export that instantiates the instance of that position. */
  static String instantiation(int instance) {
    return instance + "!";
  }

  /** Name under which the module exports an export of the instance of that position. */
  static String export(int instance, String name) {
    return instance + ":" + name;
  }

  /** Index in the module of a global that is defined by one of these instances. */
  static int global(List<LinkedInstance> instances, LinkedInstance.Definition global) {
    return new LinkedModule(instances).bases(global.instance()).global + global.index();
  }

  /** Pages of the memory that one of these instances defines, in a state of their module. */
  static int pages(List<LinkedInstance> instances, LinkedInstance owner, MachineState state) {
    MemoryWindows.Window window = new LinkedModule(instances).windows.of(owner);
    return window == null ? state.pages() : (int) state.global(window.sizeGlobal());
  }

  private Bases bases(LinkedInstance instance) {
    Bases found = bases.get(instance);
    if (found == null) {
      throw new IllegalArgumentException("instance outside of the module");
    }
    return found;
  }

  private byte[] module() {
    List<byte[]> types = new ArrayList<>(List.of(NO_PARAMETERS_OR_RESULTS));
    List<byte[]> functions = new ArrayList<>();
    List<byte[]> tables = new ArrayList<>();
    List<byte[]> memories = new ArrayList<>();
    List<byte[]> globals = new ArrayList<>();
    List<byte[]> exports = new ArrayList<>();
    List<byte[]> elements = new ArrayList<>();
    List<byte[]> bodies = new ArrayList<>();
    List<byte[]> data = new ArrayList<>();
    for (int i = 0; i < instances.size(); i++) {
      LinkedInstance instance = instances.get(i);
      ModuleParts parts = instance.parts();
      Bases base = bases(instance);
      CodeRewriter.Indices indices = indices(instance);
      types.addAll(parts.types);
      tables.addAll(parts.tables);
      if (!windows.inUse()) {
        memories.addAll(parts.memories);
      }
      for (int type : parts.functions) {
        functions.add(u32(base.type + type));
      }
      functions.add(u32(0));
      for (Global global : parts.globals) {
        globals.add(
            new BinaryWriter().raw(global.type()).raw(constant(instance, global.value())).bytes());
      }
      for (Export export : parts.exports) {
        if (export.kind() == ModuleParts.FUNCTION) {
          exports.add(export(export(i, export.name()), indices.function(export.index())));
        }
      }
      exports.add(export(instantiation(i), base.function + parts.functions.size()));
      boolean fixed = hasFixedSegments(parts);
      for (Elements segment : parts.elements) {
        elements.add(elements(instance, segment, fixed));
      }
      for (Data segment : parts.data) {
        data.add(data(segment, fixed, windows.of(instance)));
      }
      for (byte[] body : parts.bodies) {
        bodies.add(sized(CodeRewriter.body(body, indices)));
      }
      bodies.add(sized(instantiation(instance, fixed)));
    }
    if (windows.inUse()) {
      memories.add(windows.memory());
      globals.addAll(windows.globals());
      for (byte[] type : windows.types()) {
        functions.add(u32(types.size()));
        types.add(type);
      }
      windows.bodies().forEach(body -> bodies.add(sized(body)));
    }
    BinaryWriter module =
        new BinaryWriter()
            .raw(HEADER)
            .section(1, types)
            .section(3, functions)
            .section(4, tables)
            .section(5, memories)
            .section(6, globals)
            .section(7, exports)
            .section(9, elements);
    if (!data.isEmpty()) {
      module.u8(12).sized(u32(data.size()));
    }
    return module.section(10, bodies).section(11, data).bytes();
  }

  private static byte[] u32(int value) {
    return new BinaryWriter().u32(value).bytes();
  }

  private static byte[] sized(byte[] bytes) {
    return new BinaryWriter().sized(bytes).bytes();
  }

  private static byte[] export(String name, int function) {
    return new BinaryWriter().name(name).u8(ModuleParts.FUNCTION).u32(function).bytes();
  }

  private CodeRewriter.Indices indices(LinkedInstance instance) {
    Bases base = bases(instance);
    return new CodeRewriter.Indices() {
      @Override
      public int type(int index) {
        return base.type + index;
      }

      @Override
      public int function(int index) {
        LinkedInstance.Definition d = instance.definition(ModuleParts.FUNCTION, index);
        return bases(d.instance()).function + d.index();
      }

      @Override
      public int table(int index) {
        LinkedInstance.Definition d = instance.definition(ModuleParts.TABLE, index);
        return bases(d.instance()).table + d.index();
      }

      @Override
      public int global(int index) {
        LinkedInstance.Definition d = instance.definition(ModuleParts.GLOBAL, index);
        return bases(d.instance()).global + d.index();
      }

      @Override
      public int element(int index) {
        return base.element + index;
      }

      @Override
      public int data(int index) {
        return base.data + index;
      }

      @Override
      public MemoryWindows.@Nullable Window window() {
        return windows.of(instance);
      }
    };
  }

  /**
   * A constant expression; it may only read imported constants, which are replaced by their values.
   */
  private byte[] constant(LinkedInstance instance, byte[] expression) {
    if ((expression[0] & 0xff) == 0x23) {
      int index = new BinaryReader(expression, 1).u32();
      LinkedInstance.Definition d = instance.definition(ModuleParts.GLOBAL, index);
      return constant(d.instance(), d.instance().parts().globals.get(d.index()).value());
    }
    return CodeRewriter.expression(expression, indices(instance));
  }

  /**
   * True if every active segment fills what the module itself defines, from a constant offset,
   * within bounds.
   */
  private static boolean hasFixedSegments(ModuleParts parts) {
    int importedTables =
        (int) parts.imports.stream().filter(i -> i.kind() == ModuleParts.TABLE).count();
    for (Elements segment : parts.elements) {
      if (segment.offset() != null) {
        int table = segment.table() - importedTables;
        if (table < 0
            || !fits(
                segment.offset(), segment.elements().size(), minimum(parts.tables.get(table), 1))) {
          return false;
        }
      }
    }
    for (Data segment : parts.data) {
      if (segment.offset() != null
          && (parts.memories.isEmpty()
              || !fits(
                  segment.offset(),
                  segment.bytes().length,
                  65536 * minimum(parts.memories.getFirst(), 0)))) {
        return false;
      }
    }
    return true;
  }

  /** The minimum of the limits that stand at a position of an entry. */
  private static long minimum(byte[] entry, int position) {
    return Integer.toUnsignedLong(new BinaryReader(entry, position + 1).u32());
  }

  private static boolean fits(byte[] offset, int size, long bound) {
    return offset[0] == 0x41
        && Integer.toUnsignedLong((int) new BinaryReader(offset, 1).signed()) + size <= bound;
  }

  private byte[] elements(LinkedInstance instance, Elements segment, boolean fixed) {
    BinaryWriter out = new BinaryWriter();
    if (segment.offset() != null && fixed) {
      out.u32(6)
          .u32(indices(instance).table(segment.table()))
          .raw(constant(instance, segment.offset()));
    } else {
      out.u32(segment.mode() == Mode.DECLARATIVE ? 7 : 5);
    }
    return out.u8(segment.type())
        .vector(segment.elements().stream().map(e -> constant(instance, e)).toList())
        .bytes();
  }

  private static byte[] data(Data segment, boolean fixed, MemoryWindows.@Nullable Window window) {
    BinaryWriter out = new BinaryWriter();
    if (segment.offset() != null && fixed) {
      int base = window == null ? 0 : window.base();
      out.u32(0).u8(0x41).signed(base + (int) new BinaryReader(segment.offset(), 1).signed());
      out.u8(0x0b);
    } else {
      out.u32(1);
    }
    return out.sized(segment.bytes()).bytes();
  }

  private byte[] instantiation(LinkedInstance instance, boolean fixed) {
    ModuleParts parts = instance.parts();
    CodeRewriter.Indices indices = indices(instance);
    BinaryWriter out = new BinaryWriter().u32(0);
    for (int i = 0; i < parts.elements.size() && !fixed; i++) {
      Elements segment = parts.elements.get(i);
      if (segment.offset() != null) {
        offset(out, instance, segment.offset(), segment.elements().size());
        out.u8(0xfc).u32(12).u32(indices.element(i)).u32(indices.table(segment.table()));
        out.u8(0xfc).u32(13).u32(indices.element(i));
      }
    }
    for (int i = 0; i < parts.data.size() && !fixed; i++) {
      Data segment = parts.data.get(i);
      if (segment.offset() != null) {
        offset(out, instance, segment.offset(), segment.bytes().length);
        MemoryWindows.Window window = indices.window();
        if (window != null) {
          window.beforeFillOrInit(out);
        }
        out.u8(0xfc).u32(8).u32(indices.data(i)).u8(0);
        out.u8(0xfc).u32(9).u32(indices.data(i));
      }
    }
    if (parts.start >= 0) {
      out.u8(0x10).u32(indices.function(parts.start));
    }
    return out.u8(0x0b).bytes();
  }

  /** Destination, source 0 and size. */
  private void offset(BinaryWriter out, LinkedInstance instance, byte[] offset, int size) {
    byte[] expression = constant(instance, offset);
    out.raw(java.util.Arrays.copyOf(expression, expression.length - 1)); // without end
    out.u8(0x41).signed(0).u8(0x41).signed(size);
  }
}
