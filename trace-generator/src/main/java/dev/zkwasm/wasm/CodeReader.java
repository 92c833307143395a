package dev.zkwasm.wasm;

import dev.zkwasm.isa.ValueType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over the instructions of one function. After {@link #next} the accessors tell the
 * instruction; an instruction that is unknown or not supported is a {@link ModuleException}.
 */
public final class CodeReader {
  private final ByteReader reader;
  private final List<Module.FunctionType> types;
  private final String where;
  private int offset;
  private WasmOpcode opcode = WasmOpcode.NOP;
  private int index;
  private long value;
  private int[] labels = {};
  private Module.@Nullable FunctionType blockType;
  private @Nullable ValueType singleResult;

  CodeReader(Module module, Module.Function function) {
    this(module.bytes(), function.start(), function.end(), module.types(), describe(function));
  }

  CodeReader(byte[] bytes, int start, int end, List<Module.FunctionType> types, String where) {
    this.reader = new ByteReader(bytes, start, end);
    this.types = types;
    this.where = where;
  }

  static String describe(Module.Function function) {
    return describe(function.index(), function.name());
  }

  static String describe(int index, String name) {
    String plain = "function " + index;
    return name.equals(plain) ? plain : plain + " (" + name + ")";
  }

  /** Moves to the next instruction; false after the last one. */
  public boolean next() {
    if (reader.atEnd()) {
      return false;
    }
    offset = reader.position;
    opcode = readOpcode();
    switch (opcode.immediate()) {
      case NONE -> {}
      case BLOCK -> readBlockType();
      case LABEL -> index = reader.index("label");
      case INDEX -> index = reader.index("index");
      case LABELS -> {
        labels = new int[reader.count("labels") + 1];
        for (int i = 0; i < labels.length; i++) {
          labels[i] = reader.index("label");
        }
      }
      case INDEX_INDEX -> {
        index = reader.index("index");
        value = reader.index("index");
      }
      case MEMORY -> readMemory();
      case MEMORY_MEMORY -> {
        readMemory();
        readMemory();
      }
      case INDEX_MEMORY -> {
        index = reader.index("index");
        readMemory();
      }
      case TYPES -> {
        for (int n = reader.count("types"); n > 0; n--) {
          readNumberType(reader.u8("type"));
        }
      }
      case REFERENCE_TYPE -> index = reader.u8("reference type");
      case MEMORY_ARGUMENT -> {
        long alignment = reader.u32("alignment");
        if (alignment >= 64 && alignment < 128) {
          throw secondMemory();
        }
        if (alignment >= 32) {
          throw refused("malformed: alignment 2^" + alignment);
        }
        value = reader.u32("offset");
      }
      case I32 -> value = reader.signed(32, "constant") & 0xffffffffL;
      case I64 -> value = reader.signed(64, "constant");
      case F32 -> value = reader.littleEndian(4, "constant");
      case F64 -> value = reader.littleEndian(8, "constant");
    }
    return true;
  }

  /** The local that the next instruction writes, if it is a {@code local.set} or tee; else -1. */
  public int localWrittenNext() {
    int start = reader.position;
    int code = reader.atEnd() ? -1 : reader.u8("code");
    boolean writes =
        code >= 0
            && (WasmOpcode.ofByte(code) == WasmOpcode.LOCAL_SET
                || WasmOpcode.ofByte(code) == WasmOpcode.LOCAL_TEE);
    int local = writes ? reader.index("local") : -1;
    reader.position = start;
    return local;
  }

  private WasmOpcode readOpcode() {
    int code = reader.u8("code");
    WasmOpcode found = WasmOpcode.ofByte(code);
    if (code == 0xfc) {
      long second = reader.u32("code");
      found = WasmOpcode.ofSecond(second);
      if (found == null) {
        throw refused("unknown instruction 0xfc " + second);
      }
    }
    if (found == null) {
      throw refused(
          switch (code) {
            case 0xfd ->
                "SIMD instruction 0xfd "
                    + reader.u32("code")
                    + " is not supported; compile without simd128";
            case 0xfe ->
                "atomic instruction 0xfe "
                    + reader.u32("code")
                    + " is not supported; compile without threads";
            case 0xfb ->
                "garbage collection instruction 0xfb "
                    + reader.u32("code")
                    + " is not supported; compile without garbage collection";
            case 0x14, 0xd3, 0xd4, 0xd5, 0xd6 ->
                "instruction 0x"
                    + Integer.toHexString(code)
                    + " of typed references is not supported; compile without typed references";
            case 0x12, 0x13, 0x15 ->
                "tail call 0x"
                    + Integer.toHexString(code)
                    + " is not supported; compile without tail calls";
            case 0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f ->
                "exception handling 0x"
                    + Integer.toHexString(code)
                    + " is not supported; compile without exceptions";
            default -> "unknown instruction 0x" + Integer.toHexString(code);
          });
    }
    return found;
  }

  /** The memory index, one zero byte; a later proposal makes it a number. */
  private void readMemory() {
    if (reader.u8("memory") != 0) {
      throw secondMemory();
    }
  }

  private ModuleException secondMemory() {
    return refused(
        opcode.text()
            + " names a memory, where only one is supported; compile without multi-memory");
  }

  private void readBlockType() {
    int start = reader.position;
    int code = reader.u8("block type");
    blockType = null;
    singleResult = null;
    if (code == 0x40) {
      return;
    }
    if ((code & 0xc0) == 0x40) {
      singleResult = readNumberType(code);
      return;
    }
    reader.position = start;
    long type = reader.signed(33, "block type");
    if (type < 0 || type >= types.size()) {
      throw refused("unknown type " + type);
    }
    blockType = types.get((int) type);
  }

  private ValueType readNumberType(int code) {
    return Types.number(code, what -> refused(opcode.text() + ": " + what));
  }

  /** A refusal that names the function, the offset of the instruction and what is wrong. */
  public ModuleException refused(String what) {
    return new ModuleException(where + " at byte " + offset + ": " + what);
  }

  /** Offset of the instruction in the binary. */
  public int offset() {
    return offset;
  }

  public WasmOpcode opcode() {
    return opcode;
  }

  /**
   * First immediate index: of a local, global, function, type, label (relative depth) or segment.
   */
  public int index() {
    return index;
  }

  /** Constant (its bits, 32-bit ones zero-extended), memory offset or second index. */
  public long value() {
    return value;
  }

  /** Relative depths of a {@code br_table}; the last one is the default. */
  public int[] labels() {
    return labels;
  }

  /** Number of parameters of the block. */
  public int blockParameters() {
    return blockType == null ? 0 : blockType.parameters().size();
  }

  /** Number of results of the block. */
  public int blockResults() {
    return blockType == null ? (singleResult == null ? 0 : 1) : blockType.results().size();
  }
}
