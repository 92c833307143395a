package dev.zkwasm.wasm;

import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import dev.zkwasm.isa.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a module in three steps: this reader decodes the binary strictly as WebAssembly 2.0 and
 * refuses whatever the lowering does not support; Chicory then validates it (types, stack heights,
 * indices inside code); imports that there are not are refused at the end, so that a module that is
 * invalid whatever it is linked to is called so.
 */
public final class ModuleReader {
  /**
   * Most locals of a function (parameters included), parameters or results of a type: the usual
   * limits of engines.
   */
  public static final int MAX_LOCALS = 50_000;

  public static final int MAX_TYPE_LENGTH = 1_000;

  /** Most elements of a table: bounds the code that dispatches its calls. */
  public static final int MAX_TABLE = 1 << 20;

  /** Kind of the imports and exports of exceptions, and the id of their section. */
  private static final int TAG = 4;

  private static final int TAG_SECTION = 13;

  private static final String[] SECTIONS = {
    "custom",
    "type",
    "import",
    "function",
    "table",
    "memory",
    "global",
    "export",
    "start",
    "element",
    "code",
    "data",
    "data count"
  };

  /** Order in which the sections must come: data count stands before code. */
  private static final int[] ORDER = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10};

  private final byte[] bytes;
  private final Importable importable;

  /** The module may import its memory. */
  private final boolean sharesMemory;

  private final List<Module.FunctionType> types = new ArrayList<>();
  private final List<Module.Import> imports = new ArrayList<>();
  private final List<Integer> functionTypes = new ArrayList<>();
  private final List<Module.Table> tables = new ArrayList<>();
  private Module.@Nullable Memory memory;
  private final List<Module.Global> globals = new ArrayList<>();
  private final List<Module.Export> exports = new ArrayList<>();
  private int start = -1;
  private final List<Module.Elements> elements = new ArrayList<>();
  private final List<Module.Data> data = new ArrayList<>();
  private final List<int[]> bodies = new ArrayList<>();
  private final Map<Integer, String> names = new HashMap<>();
  private int declaredData = -1;
  private int dataSegments;
  private int importedGlobals;

  /** The first import that the module cannot be linked to. */
  private @Nullable ModuleException unlinkable;

  private ModuleReader(byte[] bytes, Importable importable, boolean sharesMemory) {
    this.bytes = bytes;
    this.importable = importable;
    this.sharesMemory = sharesMemory;
  }

  /**
   * Reads and validates.
   *
   * @param bytes the binary; not copied, must not change
   * @param importable what may be imported
   * @throws ModuleException if it is no module, invalid or not supported
   */
  public static Module read(byte[] bytes, Importable importable) {
    return new ModuleReader(bytes, importable, false).read();
  }

  /**
   * Reads and validates a module that is linked into another one, and so may import its memory.
   *
   * @see #read
   */
  public static Module readLibrary(
      byte[] bytes, Map<String, Supplier<Map<String, Module.FunctionType>>> functions) {
    return new ModuleReader(bytes, new Importable(functions, Map.of()), true).read();
  }

  private Module read() {
    Module module = readModule();
    validate(module);
    if (unlinkable != null) {
      throw unlinkable;
    }
    return module;
  }

  private static void validate(Module module) {
    try {
      var unused = Parser.parse(module.bytes());
    } catch (ChicoryException e) {
      throw new ModuleException("invalid WebAssembly module: " + oneLine(e), e);
    } catch (RuntimeException | StackOverflowError | AssertionError e) {
      // The validator's own failure on a module that it does not understand; nothing is known to be
      // valid then.
      throw new ModuleException("WebAssembly module that cannot be validated: " + oneLine(e), e);
    }
  }

  private static String oneLine(Throwable e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message.replaceAll("\\s+", " ");
  }

  private Module readModule() {
    byte[] magic = {0, 'a', 's', 'm'};
    if (bytes.length < 8 || !Arrays.equals(bytes, 0, 4, magic, 0, 4)) {
      throw new ModuleException(
          "not a WebAssembly module: it does not start with \\0asm and a version; give a binary"
              + " .wasm file");
    }
    if (bytes[4] != 1 || bytes[5] != 0 || bytes[6] != 0 || bytes[7] != 0) {
      throw new ModuleException(
          "WebAssembly binary of another version than 1 (or a component) at byte 4");
    }
    ByteReader reader = new ByteReader(bytes, 8, bytes.length);
    int last = 0;
    while (!reader.atEnd()) {
      int at = reader.position;
      int id = reader.u8("section");
      if (id >= SECTIONS.length) {
        throw refused(at, unsupportedSection(id));
      }
      ByteReader section = reader.part(reader.index("section size"), "section " + SECTIONS[id]);
      if (id == 0) {
        readCustom(section);
        continue;
      }
      if (ORDER[id] <= last) {
        throw reader.malformed(at, "section " + SECTIONS[id] + " out of order or repeated");
      }
      last = ORDER[id];
      readSection(id, section);
      if (!section.atEnd()) {
        throw reader.malformed(
            section.position, "section " + SECTIONS[id] + " is longer than its content");
      }
    }
    if (bodies.size() != functionTypes.size() - imports.size()) {
      throw reader.malformed(bytes.length, "function and code section differ in length");
    }
    if (declaredData >= 0 && declaredData != dataSegments) {
      throw reader.malformed(bytes.length, "data count and data section differ");
    }
    List<Module.Function> functions = functions();
    checkSegments();
    for (Module.Function function : functions) {
      if (function.imported() == null) {
        CodeReader code =
            new CodeReader(
                bytes, function.start(), function.end(), types, CodeReader.describe(function));
        while (code.next()) {
          // Reading is the check: what is unknown or unsupported throws.
        }
      }
    }
    return new Module(
        bytes, types, functions, tables, memory, globals, exports, start, elements, data);
  }

  private void readSection(int id, ByteReader section) {
    if (id == 8) {
      start = functionIndex(section, "start function");
      return;
    }
    int count = id == 12 ? section.index("data count") : section.count(SECTIONS[id] + "s");
    if (id == 12) {
      declaredData = count;
      return;
    }
    if (id == 10 && count != functionTypes.size() - imports.size()) {
      throw section.malformed(section.position, "function and code section differ in length");
    }
    Set<String> exported = new HashSet<>();
    for (int i = 0; i < count; i++) {
      switch (id) {
        case 1 -> readType(section);
        case 2 -> readImport(section);
        case 3 -> functionTypes.add(typeIndex(section));
        case 4 -> readTable(section);
        case 5 -> readMemory(section);
        case 6 -> readGlobal(section);
        case 7 -> readExport(section, exported);
        case 9 -> readElements(section);
        case 10 -> readBody(section, imports.size() + i);
        case 11 -> readData(section);
        default -> throw new IllegalStateException("section " + id);
      }
    }
  }

  private ModuleException refused(int offset, String what) {
    return new ModuleException(what + " (at byte " + offset + ")");
  }

  private void readType(ByteReader section) {
    int at = section.position;
    int form = section.u8("type");
    if (form != 0x60) {
      throw refused(
          at,
          "type "
              + types.size()
              + " is no function type but of form 0x"
              + Integer.toHexString(form)
              + (form >= 0x4e && form < 0x60
                  ? ", which is not supported; compile without garbage collection"
                  : ""));
    }
    types.add(new Module.FunctionType(readTypes(section), readTypes(section)));
  }

  private List<ValueType> readTypes(ByteReader section) {
    int at = section.position;
    int count = section.count("types");
    if (count > MAX_TYPE_LENGTH) {
      throw refused(
          at,
          "type "
              + types.size()
              + " has "
              + count
              + " parameters or results, the limit is "
              + MAX_TYPE_LENGTH);
    }
    List<ValueType> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(numberType(section, "type " + types.size()));
    }
    return list;
  }

  private ValueType numberType(ByteReader section, String where) {
    int at = section.position;
    return Types.number(section.u8("type"), what -> refused(at, where + ": " + what));
  }

  private int typeIndex(ByteReader section) {
    int at = section.position;
    int index = section.index("type index");
    if (index >= types.size()) {
      throw section.malformed(at, "unknown type " + index);
    }
    return index;
  }

  private int functionIndex(ByteReader section, String what) {
    int at = section.position;
    int index = section.index(what);
    if (index >= functionTypes.size()) {
      throw section.malformed(at, "unknown function " + index + " as " + what);
    }
    return index;
  }

  private void readImport(ByteReader section) {
    int at = section.position;
    Module.Import name =
        new Module.Import(section.name("import module"), section.name("import name"));
    int kind = section.u8("import kind");
    switch (kind) {
      case 0 -> importFunction(section, at, name);
      case 1 -> {
        readTable(section);
        unlinkable(at, name, "is a table, which cannot be imported; define it in the module");
      }
      case 2 -> {
        readMemory(section);
        if (!sharesMemory) {
          unlinkable(at, name, "is a memory, which cannot be imported; define it in the module");
        }
      }
      case 3 -> importGlobal(section, at, name);
      case TAG ->
          throw refused(
              at, "imported tag " + name + " is not supported; compile without exceptions");
      default -> throw section.malformed(at, "import " + name + " is of the unknown kind " + kind);
    }
  }

  /** Notes an import that the module cannot be linked to, if it is the first. */
  private void unlinkable(int at, Module.Import name, String why) {
    if (unlinkable == null) {
      unlinkable = refused(at, "import " + name + " " + why);
    }
  }

  private void importFunction(ByteReader section, int at, Module.Import name) {
    Module.FunctionType type = types.get(typeIndex(section));
    Module.FunctionType expected = importable.function(name);
    if (expected == null) {
      unlinkable(at, name, "is unknown; " + supported(name, "function", importableFunctions()));
    } else if (!type.equals(expected)) {
      unlinkable(at, name, "has type " + type + " but must have " + expected);
    }
    imports.add(name);
    functionTypes.add(types.indexOf(type));
  }

  private void importGlobal(ByteReader section, int at, Module.Import name) {
    ValueType type = numberType(section, "import " + name);
    boolean mutable = readMutability(section);
    Module.Global constant = importable.constants().get(name);
    if (mutable) {
      unlinkable(
          at,
          name,
          "is a global that can change, which cannot be imported; define it in the module");
    } else if (constant == null) {
      unlinkable(
          at,
          name,
          "is an unknown constant; "
              + supported(name, "constant", importable.constants().keySet()));
    } else if (type != constant.type()) {
      unlinkable(
          at,
          name,
          "has type " + Module.name(type) + " but must have " + Module.name(constant.type()));
    }
    globals.add(new Module.Global(type, mutable, constant == null ? 0 : constant.value()));
    importedGlobals++;
  }

  private Set<Module.Import> importableFunctions() {
    Set<Module.Import> all = new HashSet<>();
    importable
        .functions()
        .forEach(
            (module, fields) ->
                fields.get().keySet().forEach(f -> all.add(new Module.Import(module, f))));
    return all;
  }

  /** What can be imported from the module or, if nothing can, which modules there are. */
  private static String supported(Module.Import name, String kind, Set<Module.Import> all) {
    List<String> fields =
        all.stream()
            .filter(i -> i.module().equals(name.module()))
            .map(Module.Import::field)
            .sorted()
            .toList();
    return fields.isEmpty()
        ? kind
            + "s can be imported from the supported modules only: "
            + String.join(
                ", ", all.stream().map(Module.Import::module).sorted().distinct().toList())
        : "the supported "
            + kind
            + "s of module "
            + name.module()
            + " are: "
            + String.join(", ", fields);
  }

  private void readTable(ByteReader section) {
    int at = section.position;
    int type = section.u8("table type");
    if (type != Types.FUNCREF && type != Types.EXTERNREF) {
      throw refused(
          at,
          "table " + tables.size() + " holds no references: type 0x" + Integer.toHexString(type));
    }
    int flags = section.u8("table limits");
    if (flags > 1) {
      throw refused(at, "table " + tables.size() + ": " + unsupportedLimits(flags));
    }
    long minimum = section.u32("table limits");
    long maximum = flags == 1 ? section.u32("table limits") : 0xffffffffL;
    if (maximum < minimum) {
      throw section.malformed(at, "table limits");
    }
    if (minimum > MAX_TABLE) {
      throw refused(
          at,
          "table " + tables.size() + " has " + minimum + " elements, the limit is " + MAX_TABLE);
    }
    tables.add(new Module.Table(ValueType.ofCode(type), minimum, maximum));
  }

  private void readMemory(ByteReader section) {
    int at = section.position;
    int flags = section.u8("memory limits");
    if (flags > 1) {
      throw refused(at, "memory: " + unsupportedLimits(flags));
    }
    long minimum = section.u32("memory limits");
    long maximum = flags == 1 ? section.u32("memory limits") : 65536;
    if (minimum > maximum || maximum > 65536) {
      throw section.malformed(at, "memory limits");
    }
    if (memory != null) {
      throw refused(
          at, "more than one memory, which is not supported; compile without multi-memory");
    }
    memory = new Module.Memory((int) minimum, (int) maximum);
  }

  /** Flags of limits beyond 1 for a maximum. */
  private static String unsupportedLimits(int flags) {
    String proposal =
        flags > 7 ? "custom page sizes" : (flags & 4) != 0 ? "memory64" : "threads (shared memory)";
    return "limits of kind " + flags + " are not supported; compile without " + proposal;
  }

  private static String unsupportedSection(int id) {
    return "section "
        + id
        + (id == TAG_SECTION
            ? " (exceptions) is not supported; compile without exceptions"
            : " is not supported");
  }

  private void readGlobal(ByteReader section) {
    String where = "global " + globals.size();
    ValueType type = numberType(section, where);
    boolean mutable = readMutability(section);
    globals.add(new Module.Global(type, mutable, constant(section, where)));
  }

  private static boolean readMutability(ByteReader section) {
    int mutable = section.u8("mutability");
    if (mutable > 1) {
      throw section.malformed(section.position - 1, "mutability");
    }
    return mutable == 1;
  }

  /** A constant expression: one constant or imported constant, and {@code end}. */
  private long constant(ByteReader section, String where) {
    int at = section.position;
    int code = section.u8("constant expression");
    long value =
        switch (code) {
          case 0x41 -> section.signed(32, "constant") & 0xffffffffL;
          case 0x42 -> section.signed(64, "constant");
          case 0x43 -> section.littleEndian(4, "constant");
          case 0x44 -> section.littleEndian(8, "constant");
          case 0xd0 -> {
            var unused = numberType(section, where);
            yield 0;
          }
          case 0xd2 -> functionIndex(section, where) + 1L;
          case 0x23 -> importedConstant(section, where).value();
          default ->
              throw refused(
                  at,
                  where
                      + ": a constant expression cannot have instruction 0x"
                      + Integer.toHexString(code)
                      + (code == 0xfd
                          ? " (SIMD), which is not supported; compile without simd128"
                          : ", which is not supported"));
        };
    if (section.u8("constant expression") != 0x0b) {
      throw refused(
          section.position - 1,
          where
              + ": its constant expression has more than one instruction, which is not supported;"
              + " compile without extended constant expressions");
    }
    return value;
  }

  /** The global of {@code global.get} in a constant expression. */
  private Module.Global importedConstant(ByteReader section, String where) {
    int at = section.position;
    int index = section.index("global");
    if (index >= importedGlobals || globals.get(index).mutable()) {
      throw section.malformed(
          at, where + ": global " + index + " is no imported constant in a constant expression");
    }
    return globals.get(index);
  }

  private void readExport(ByteReader section, Set<String> exported) {
    int at = section.position;
    String name = section.name("export name");
    int kind = section.u8("export kind");
    if (!exported.add(name)) {
      throw section.malformed(at, "export " + Names.printable(name) + " twice");
    }
    if (kind == 0) {
      int function = functionIndex(section, "export");
      exports.add(new Module.Export(name, function));
      names.putIfAbsent(function, Names.printable(name));
    } else if (kind <= 3) {
      int index = section.index("export index");
      int count = kind == 1 ? tables.size() : kind == 2 ? (memory == null ? 0 : 1) : globals.size();
      if (index >= count) {
        String what = kind == 1 ? "table " : kind == 2 ? "memory " : "global ";
        throw section.malformed(
            at, "export " + Names.printable(name) + " of the unknown " + what + index);
      }
    } else {
      throw refused(
          at,
          "export "
              + Names.printable(name)
              + (kind == TAG
                  ? " is a tag, which is not supported; compile without exceptions"
                  : " is of the unknown kind " + kind));
    }
  }

  private void readElements(ByteReader section) {
    int at = section.position;
    int flags = section.index("element segment");
    if (flags > 7) {
      throw section.malformed(at, "element segment of kind " + flags);
    }
    boolean active = (flags & 1) == 0;
    boolean explicit = (flags & 2) != 0;
    boolean expressions = (flags & 4) != 0;
    int table = active && explicit ? section.index("table") : 0;
    long offset = active ? constant(section, "element segment at byte " + at) : 0;
    int kind = expressions ? Types.FUNCREF : 0;
    if (flags != 0 && flags != 4) {
      kind = section.u8("element kind");
      if (expressions ? kind != Types.FUNCREF && kind != Types.EXTERNREF : kind != 0) {
        throw refused(at, "element segment of kind 0x" + Integer.toHexString(kind));
      }
    }
    int count = section.count("elements");
    List<Integer> functions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      functions.add(expressions ? reference(section, kind) : functionIndex(section, "element"));
    }
    if (active) {
      if (table >= tables.size()) {
        throw section.malformed(at, "unknown table " + table);
      }
      // Tables that are imported have another size than their declaration says.
      if (unlinkable == null && offset + count > tables.get(table).minimum()) {
        throw refused(at, "element segment lies out of the bounds of table " + table);
      }
    }
    Module.Mode mode =
        active ? Module.Mode.ACTIVE : explicit ? Module.Mode.DECLARATIVE : Module.Mode.PASSIVE;
    elements.add(new Module.Elements(mode, table, offset, functions));
  }

  /**
   * {@code ref.func x end} or {@code ref.null type end}: the function's index, or -1. A constant
   * that is a reference can only be one that cannot be imported: -1 as well.
   */
  private int reference(ByteReader section, int type) {
    int at = section.position;
    int code = section.u8("element");
    int function =
        switch (code) {
          case 0xd2 -> functionIndex(section, "element");
          case 0xd0 -> section.u8("reference type") == type ? -1 : -2;
          case 0x23 -> importedConstant(section, "element").type().code() == type ? -1 : -2;
          default -> -2;
        };
    if (function == -2 || section.u8("element") != 0x0b) {
      throw refused(at, "element is neither a function nor null, which is not supported");
    }
    return function;
  }

  private void readBody(ByteReader section, int index) {
    ByteReader body = section.part(section.index("body size"), "code of function " + index);
    int groups = body.count("locals");
    long total = types.get(functionTypes.get(index)).parameters().size();
    long locals = 0;
    for (int i = 0; i < groups; i++) {
      locals += body.u32("number of locals");
      if (total + locals > MAX_LOCALS) {
        throw refused(
            body.position, "function " + index + " has more than " + MAX_LOCALS + " locals");
      }
      numberType(body, "local of function " + index);
    }
    bodies.add(new int[] {(int) locals, body.position, body.end});
  }

  private void readData(ByteReader section) {
    int at = section.position;
    int flags = section.index("data segment");
    dataSegments++;
    if (flags > 2) {
      throw section.malformed(at, "data segment of kind " + flags);
    }
    if (flags == 2 && section.index("memory") != 0) {
      throw refused(
          at,
          "data segment of a second memory, which is not supported; compile without multi-memory");
    }
    long offset = flags == 1 ? -1 : constant(section, "data segment at byte " + at);
    int size = section.index("size of a data segment");
    int from = section.position;
    section.skip(size, "data segment");
    if (flags != 1) {
      if (memory == null) {
        throw section.malformed(at, "data segment without memory");
      }
      if (unlinkable == null && offset + size > memory.minimum() * 65536L) {
        throw refused(
            at,
            "data segment of "
                + size
                + " bytes at address "
                + offset
                + " lies out of the bounds of the memory ("
                + memory.minimum()
                + " pages)");
      }
    }
    data.add(
        new Module.Data(flags == 1 ? Module.Mode.PASSIVE : Module.Mode.ACTIVE, offset, from, size));
  }

  private void readCustom(ByteReader section) {
    String name = section.name("custom section name");
    if (!name.equals("name")) {
      return;
    }
    try {
      while (!section.atEnd()) {
        int kind = section.u8("name section");
        ByteReader part = section.part(section.index("name section"), "name section");
        if (kind == 1) {
          for (int n = part.count("names"); n > 0; n--) {
            names.put(part.index("function"), Names.printable(part.name("function name")));
          }
        }
      }
    } catch (ModuleException e) {
      // Names are for messages only; the specification lets a malformed name section pass.
      return;
    }
  }

  private List<Module.Function> functions() {
    List<Module.Function> functions = new ArrayList<>();
    for (int i = 0; i < functionTypes.size(); i++) {
      Module.FunctionType type = types.get(functionTypes.get(i));
      boolean imported = i < imports.size();
      String name = imported ? imports.get(i).toString() : names.getOrDefault(i, "function " + i);
      int[] body = imported ? new int[3] : bodies.get(i - imports.size());
      functions.add(
          new Module.Function(
              i, name, type, imported ? imports.get(i) : null, body[0], body[1], body[2]));
    }
    return functions;
  }

  private void checkSegments() {
    if (start >= 0) {
      Module.FunctionType type = types.get(functionTypes.get(start));
      if (!type.parameters().isEmpty() || !type.results().isEmpty()) {
        throw new ModuleException(
            "invalid WebAssembly module: start function " + start + " has type " + type);
      }
    }
  }
}
