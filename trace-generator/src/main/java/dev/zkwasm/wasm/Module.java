package dev.zkwasm.wasm;

import dev.zkwasm.isa.ValueType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A validated module within what the lowering supports. Indices are those of the binary format:
 * imported functions and constants come first.
 *
 * @param bytes the whole binary; code is read from it in place
 * @param types function types
 * @param functions all functions
 * @param tables the tables
 * @param memory the memory, or null
 * @param globals globals with their initial values
 * @param exports exported functions, in the order of the binary
 * @param start index of the start function, or -1
 * @param elements element segments, by index
 * @param data data segments, by index
 */
public record Module(
    byte[] bytes,
    List<FunctionType> types,
    List<Function> functions,
    List<Table> tables,
    @Nullable Memory memory,
    List<Global> globals,
    List<Export> exports,
    int start,
    List<Elements> elements,
    List<Data> data) {

  /** Parameters and results. */
  public record FunctionType(List<ValueType> parameters, List<ValueType> results) {
    public FunctionType {
      parameters = List.copyOf(parameters);
      results = List.copyOf(results);
    }

    @Override
    public String toString() {
      return "(" + join(parameters) + ") -> (" + join(results) + ")";
    }

    private static String join(List<ValueType> types) {
      return String.join(", ", types.stream().map(Module::name).toList());
    }
  }

  /** The name of a type in the text format. */
  static String name(ValueType type) {
    return type.name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The two names of an import. */
  public record Import(String module, String field) {
    @Override
    public String toString() {
      return Names.printable(module) + "." + Names.printable(field);
    }
  }

  /**
   * A function.
   *
   * @param index function index
   * @param name from the name section or an export, else {@code "function N"}; for messages only
   * @param type its type
   * @param imported what it is imported as, or null for a function with a body
   * @param locals number of locals beside the parameters
   * @param start offset of the first instruction in the binary
   * @param end offset after the final {@code end}
   */
  public record Function(
      int index,
      String name,
      FunctionType type,
      @Nullable Import imported,
      int locals,
      int start,
      int end) {}

  /** Size limits in pages; the maximum is 65536 where none is declared. */
  public record Memory(int minimum, int maximum) {}

  /**
   * A table: its number of elements at the start and at most; the maximum is 2^32 - 1 where none is
   * declared.
   */
  public record Table(ValueType type, long minimum, long maximum) {}

  /** When a segment is copied: by the instantiation, by instructions, or never. */
  public enum Mode {
    ACTIVE,
    PASSIVE,
    DECLARATIVE
  }

  /** A global and its initial value (32-bit types: upper half 0). */
  public record Global(ValueType type, boolean mutable, long value) {}

  /** An exported function. */
  public record Export(String name, int function) {}

  /**
   * An element segment; an entry is a function index or -1 for null. Table and offset are those of
   * an active one.
   */
  public record Elements(Mode mode, int table, long offset, List<Integer> functions) {
    public Elements {
      functions = List.copyOf(functions);
    }
  }

  /**
   * A data segment: {@code size} bytes of the binary from {@code start}; those of an active one go
   * to memory address {@code offset}.
   */
  public record Data(Mode mode, long offset, int start, int size) {}

  /** Instructions of a function that has a body. */
  public CodeReader code(Function function) {
    return new CodeReader(this, function);
  }
}
