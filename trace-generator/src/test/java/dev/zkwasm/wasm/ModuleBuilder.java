package dev.zkwasm.wasm;

import dev.zkwasm.isa.ValueType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Builds small modules for tests, byte by byte. Imports must come before functions. */
public final class ModuleBuilder {
  private final List<byte[]> types = new ArrayList<>();
  private final List<byte[]> imports = new ArrayList<>();
  private final List<Integer> functions = new ArrayList<>();
  private final List<byte[]> tables = new ArrayList<>();
  private final List<byte[]> memories = new ArrayList<>();
  private final List<byte[]> globals = new ArrayList<>();
  private final List<byte[]> exports = new ArrayList<>();
  private final List<byte[]> elements = new ArrayList<>();
  private final List<byte[]> bodies = new ArrayList<>();
  private final List<byte[]> data = new ArrayList<>();
  private int importedFunctions;
  private int start = -1;
  private boolean countsData;

  /** Bytes of an instruction sequence. */
  public static final class Code {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public Code raw(int... bytes) {
      for (int b : bytes) {
        out.write(b);
      }
      return this;
    }

    /** An instruction without immediates. */
    public Code op(WasmOpcode op) {
      int code = op.code();
      if (code >= 0xfc00) {
        return raw(0xfc).u32(code & 0xff);
      }
      return raw(code);
    }

    /** An instruction with one or two unsigned immediates. */
    public Code op(WasmOpcode op, long... immediates) {
      op(op);
      for (long i : immediates) {
        u32(i);
      }
      return this;
    }

    /**
     * {@code block}, {@code loop} or {@code if} with a type: 0x40, a value type, or a type index.
     */
    public Code block(WasmOpcode op, int type) {
      op(op);
      return type == 0x40 || type >= 0x7c ? raw(type) : signed(type);
    }

    public Code i32(int value) {
      return raw(0x41).signed(value);
    }

    public Code i64(long value) {
      return raw(0x42).signed(value);
    }

    /** A constant; floats are given by their bits. */
    public Code constant(ValueType type, long value) {
      return switch (type) {
        case I32 -> i32((int) value);
        case I64 -> i64(value);
        case F32 -> raw(0x43).littleEndian(value, 4);
        case F64 -> raw(0x44).littleEndian(value, 8);
        case FUNCREF, EXTERNREF -> throw new IllegalArgumentException("no constant of " + type);
      };
    }

    private Code littleEndian(long value, int size) {
      for (int i = 0; i < size; i++) {
        out.write((int) (value >>> 8 * i) & 0xff);
      }
      return this;
    }

    public Code get(int local) {
      return op(WasmOpcode.LOCAL_GET, local);
    }

    public Code set(int local) {
      return op(WasmOpcode.LOCAL_SET, local);
    }

    public Code end() {
      return raw(0x0b);
    }

    public Code append(Code other) {
      out.writeBytes(other.bytes());
      return this;
    }

    public Code u32(long value) {
      while (value >= 0x80) {
        out.write((int) value & 0x7f | 0x80);
        value >>>= 7;
      }
      out.write((int) value);
      return this;
    }

    public Code signed(long value) {
      while (value < -64 || value > 63) {
        out.write((int) value & 0x7f | 0x80);
        value >>= 7;
      }
      out.write((int) value & 0x7f);
      return this;
    }

    public Code name(String name) {
      byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
      u32(bytes.length);
      out.writeBytes(bytes);
      return this;
    }

    public byte[] bytes() {
      return out.toByteArray();
    }
  }

  public static Code code() {
    return new Code();
  }

  public int type(List<ValueType> parameters, List<ValueType> results) {
    Code code = code().raw(0x60).u32(parameters.size());
    parameters.forEach(t -> code.raw(t.code()));
    code.u32(results.size());
    results.forEach(t -> code.raw(t.code()));
    types.add(code.bytes());
    return types.size() - 1;
  }

  public int importFunction(String module, String name, int type) {
    imports.add(code().name(module).name(name).raw(0).u32(type).bytes());
    return importedFunctions++;
  }

  /** Adds an import that is no function: kind and type as they stand in the binary. */
  public ModuleBuilder importOther(String module, String name, int... kindAndType) {
    imports.add(code().name(module).name(name).raw(kindAndType).bytes());
    return this;
  }

  /** Adds a function; the body's final {@code end} is added here. */
  public int function(int type, List<ValueType> locals, Code body) {
    functions.add(type);
    Code code = code().u32(locals.size());
    locals.forEach(t -> code.u32(1).raw(t.code()));
    code.append(body).end();
    bodies.add(code.bytes());
    return importedFunctions + functions.size() - 1;
  }

  public ModuleBuilder export(String name, int function) {
    exports.add(code().name(name).raw(0).u32(function).bytes());
    return this;
  }

  /** Adds and exports a function. */
  public int exported(
      String name,
      List<ValueType> parameters,
      List<ValueType> results,
      List<ValueType> locals,
      Code body) {
    int function = function(type(parameters, results), locals, body);
    export(name, function);
    return function;
  }

  public ModuleBuilder memory(int minimum, int maximum) {
    memories.add(code().raw(1).u32(minimum).u32(maximum).bytes());
    return this;
  }

  public ModuleBuilder table(int size) {
    tables.add(code().raw(0x70, 0).u32(size).bytes());
    return this;
  }

  public ModuleBuilder table(ValueType type, int minimum, int maximum) {
    tables.add(code().raw(type.code(), 1).u32(minimum).u32(maximum).bytes());
    return this;
  }

  /** A memory or table as it stands in the binary. */
  public ModuleBuilder memoryEntry(int... entry) {
    memories.add(code().raw(entry).bytes());
    return this;
  }

  public ModuleBuilder tableEntry(int... entry) {
    tables.add(code().raw(entry).bytes());
    return this;
  }

  /** A type as it stands in the binary. */
  public ModuleBuilder typeEntry(int... entry) {
    types.add(code().raw(entry).bytes());
    return this;
  }

  /** An element segment as it stands in the binary. */
  public ModuleBuilder elements(Code segment) {
    elements.add(segment.bytes());
    return this;
  }

  /** A passive data segment. */
  public ModuleBuilder passiveData(byte[] bytes) {
    Code code = code().raw(1).u32(bytes.length);
    code.out.writeBytes(bytes);
    data.add(code.bytes());
    countsData = true;
    return this;
  }

  public ModuleBuilder elements(int offset, int... entries) {
    Code code = code().raw(0).i32(offset).end().u32(entries.length);
    for (int entry : entries) {
      code.u32(entry);
    }
    elements.add(code.bytes());
    return this;
  }

  /** The index counts the module's own globals only. */
  public int global(ValueType type, boolean mutable, long value) {
    return global(type, mutable, code().constant(type, value));
  }

  /** A global with a constant expression; the final {@code end} is added here. */
  public int global(ValueType type, boolean mutable, Code value) {
    globals.add(code().raw(type.code(), mutable ? 1 : 0).append(value).end().bytes());
    return globals.size() - 1;
  }

  public ModuleBuilder data(int offset, byte[] bytes) {
    return data(code().i32(offset), bytes);
  }

  /** An active data segment; the final {@code end} of its offset is added here. */
  public ModuleBuilder data(Code offset, byte[] bytes) {
    Code code = code().raw(0).append(offset).end().u32(bytes.length);
    for (byte b : bytes) {
      code.raw(b);
    }
    data.add(code.bytes());
    return this;
  }

  public ModuleBuilder start(int function) {
    start = function;
    return this;
  }

  public byte[] build() {
    Code module = code().raw(0, 'a', 's', 'm', 1, 0, 0, 0);
    section(module, 1, types);
    section(module, 2, imports);
    section(module, 3, functions.stream().map(t -> code().u32(t).bytes()).toList());
    section(module, 4, tables);
    section(module, 5, memories);
    section(module, 6, globals);
    section(module, 7, exports);
    if (start >= 0) {
      byte[] content = code().u32(start).bytes();
      module.raw(8).u32(content.length);
      module.out.writeBytes(content);
    }
    section(module, 9, elements);
    if (countsData) {
      module.raw(12).u32(code().u32(data.size()).bytes().length).u32(data.size());
    }
    section(
        module,
        10,
        bodies.stream()
            .map(
                body -> {
                  Code sized = code().u32(body.length);
                  sized.out.writeBytes(body);
                  return sized.bytes();
                })
            .toList());
    section(module, 11, data);
    return module.bytes();
  }

  private static void section(Code module, int id, List<byte[]> entries) {
    if (entries.isEmpty()) {
      return;
    }
    Code content = code().u32(entries.size());
    entries.forEach(content.out::writeBytes);
    byte[] bytes = content.bytes();
    module.raw(id).u32(bytes.length);
    module.out.writeBytes(bytes);
  }
}
