package dev.zkwasm.table;

import static dev.zkwasm.isa.Opcode.*;

import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Space;
import dev.zkwasm.isa.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs that between them use every opcode, every table and every kind of exit. */
final class Programs {
  /** Operands at the edges of both widths. */
  static final long[] EDGES = {
    0,
    1,
    2,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fffffffL,
    0x80000000L,
    0xffffffffL,
    0x100000000L,
    0x123456789abcdefL,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -2,
    -1
  };

  /** Edges of 32 bits. */
  private static final long[] NARROW_EDGES = {
    0, 1, 0xff, 0x8000, 0xffff, 0x10000, 0x12345678L, 0x7fffffffL, 0x80000000L, 0xffffffffL
  };

  /** What narrow tables serve. */
  static final List<Opcode> NARROW =
      List.of(
          ADD32,
          SUB32,
          AND,
          OR,
          XOR,
          AND_NOT,
          MUL32,
          MULADD32,
          MULHU32,
          MULROT32,
          SET_EQ,
          SET_LTU,
          SET_LTS32,
          SET_GES32,
          SET_SUM_EQ,
          SET_SUM_LTU,
          SET_SUM_LTS32,
          BR_LTS32,
          BR_GES32,
          BR_EQ,
          BR_NE,
          BR_LTU,
          BR_GEU,
          BR_AND_ZERO,
          BR_AND_NONZERO);

  private Programs() {}

  static Map<String, ExecutionTrace> all() {
    Map<String, ExecutionTrace> runs = new LinkedHashMap<>();
    runs.put("fibonacci", fibonacci(10));
    runs.put("operands", operands());
    runs.put("sums", sums());
    runs.put("narrow", narrow());
    runs.put("memory", memory());
    runs.put("wrapping addresses", wrapping());
    runs.put("cells", cells());
    runs.put("waiting", waiting());
    runs.put("host", host());
    runs.put("exit code", exitCode());
    runs.put("trap", trap());
    runs.put("out of bounds", outOfBounds());
    runs.put("out of bounds without a register", outOfBoundsConstant());
    runs.put("out of bounds after wrapping", outOfBoundsWrapped(0xffff0000L, 131071));
    runs.put("out of bounds in 32 bits", outOfBoundsWrapped(0xffff0000L, 65535));
    runs.put("stack exhausted", stackExhausted());
    return runs;
  }

  /** fib(n) by a loop in a callee: arguments, call, return, branch, result. */
  static ExecutionTrace fibonacci(long n) {
    return new Assembler()
        .types(List.of(ValueType.I32), List.of(ValueType.I64))
        .none(ARGUMENT, 0, 0, 0)
        .call("fib", 0, 8)
        .a(RESULT, 0, 0, 0)
        .none(HALT, 0, 0, 0)
        .label("fib")
        .constant(1, 0)
        .constant(2, 1)
        .label("loop")
        .branchConstant(BR_EQ, 0, 0, "done")
        .rr(ADD64, 3, 1, 2)
        .a(COPY, 1, 2, 0)
        .a(COPY, 2, 3, 0)
        .rk(SUB32, 0, 0, 1)
        .jump("loop")
        .label("done")
        .a(COPY, 0, 1, 0)
        .none(RETURN, 0, 0, 0)
        .run(Assembler.i32(n));
  }

  /** Every operation of two operands on all pairs of edge values. */
  static ExecutionTrace edges(Opcode op) {
    Assembler assembler = new Assembler();
    for (long a : EDGES) {
      assembler.constant(1, narrow(op) ? a & 0xffffffffL : a);
      for (long b : EDGES) {
        long second = narrow(op) ? b & 0xffffffffL : b;
        if (op.opClass() != OpClass.DIV || second != 0) {
          assembler.constant(2, second);
          int d = op.name().startsWith("BR_") ? assembler.here() + 1 : 3;
          assembler.rr(op, d, 1, 2);
        }
      }
    }
    return assembler.none(HALT, 0, 0, 0).run();
  }

  private static boolean narrow(Opcode op) {
    return op == MULADD32
        || op.name().endsWith("32") && !op.name().startsWith("ADD") && !op.name().startsWith("SUB");
  }

  /** Every operation of two operands at edge values, registers and constants, a slot used twice. */
  static ExecutionTrace operands() {
    Assembler assembler = new Assembler();
    int pair = 0;
    for (Opcode op : Opcode.values()) {
      switch (op.opClass()) {
        case ALU, CMP, BIT, MUL, DIV -> {
          for (int n = 0; n < 6; n++) {
            long a = EDGES[(pair * 7 + 3) % EDGES.length];
            long b = n == 0 ? a : EDGES[(pair * 5 + 9) % EDGES.length];
            pair++;
            if (narrow(op)) {
              a &= 0xffffffffL;
              b &= 0xffffffffL;
            }
            if (op == MULROT32 || op == MULROT64) {
              b = 1L << (pair * 11 % (op == MULROT32 ? 32 : 64));
            }
            if (op.opClass() == OpClass.DIV && b == 0) {
              b = 3;
            }
            boolean constant = n % 2 == 1 || op == MULROT32 || op == MULROT64;
            assembler.constant(1, a).constant(2, b);
            int d = 3 + n;
            if (op.name().startsWith("BR_")) {
              // Either way the next instruction.
              d = assembler.here() + 1;
            }
            if (constant) {
              assembler.rk(op, d, 1, b);
            } else {
              assembler.rr(op, d, 1, n == 0 ? 1 : 2);
            }
          }
        }
        case MEM, MOVE, FLOW, HOST, GROW, EXIT, CELL -> {}
      }
    }
    return assembler.none(HALT, 0, 0, 0).run();
  }

  /**
   * Comparisons of sums with registers and constants, kept in the slot of the operand, in that of B
   * and in another, at edge values; sums of products with both kinds of summand.
   */
  static ExecutionTrace sums() {
    Assembler assembler = new Assembler();
    int pair = 0;
    for (Opcode op : Opcode.values()) {
      String name = op.name();
      boolean keeps = name.startsWith("BR_KEEP") || name.startsWith("BR_PUT");
      boolean multiplies = op == MULADD32 || op == MULADD64;
      if (!keeps && !name.contains("_SUM_") && !multiplies) {
        continue;
      }
      for (int n = 0; n < 6; n++) {
        long a = EDGES[(pair * 7 + 3) % EDGES.length];
        long b = EDGES[(pair * 5 + 9) % EDGES.length];
        long addend = EDGES[pair * 3 % EDGES.length] & 0xffffffffL;
        pair++;
        if (op != MULADD64) {
          a &= 0xffffffffL;
          b &= 0xffffffffL;
        }
        if (n == 0) {
          b = (a + addend) & 0xffffffffL;
        }
        assembler.constant(1, a).constant(2, b);
        int d = name.startsWith("BR_") ? assembler.here() + 1 : 3 + n;
        int slot = 1 + n % 3;
        if (n % 2 == 0) {
          long k = multiplies ? b + 1 & (op == MULADD32 ? 0xffffffffL : -1) : addend << 32;
          assembler.add(new Instruction(op, d, 1, 2, keeps ? k | slot : k, true, true));
        } else {
          long k = addend << 32 | b & 0xffffffffL;
          assembler.add(new Instruction(op, d, 1, keeps ? slot : 0, k, true, false));
        }
      }
    }
    return assembler.none(HALT, 0, 0, 0).run();
  }

  /**
   * Operations on registers whose upper halves are 0, with constants and registers, into other
   * registers and in place; and bytes at all offsets.
   */
  static ExecutionTrace narrow() {
    Assembler assembler = new Assembler().pages(1).image(Space.MEMORY, 2, 0x8070_6050_4030_2010L);
    int pair = 0;
    for (Opcode op : NARROW) {
      for (int n = 0; n < 6; n++) {
        long a = NARROW_EDGES[(3 * pair + 1) % NARROW_EDGES.length];
        long b = n == 0 ? a : NARROW_EDGES[(7 * pair + 2) % NARROW_EDGES.length];
        pair++;
        if (op == MULROT32) {
          b = 1L << (7 * pair % 32);
        }
        int d = op.name().startsWith("BR_") ? assembler.here() + 4 : n == 1 ? 1 : 3;
        assembler.constant(1, a).constant(2, b);
        if (n % 2 == 1 || op == MULROT32) {
          assembler.rk(op, d, 1, b);
        } else {
          assembler.rr(op, d, 1, n == 0 ? 1 : 2);
        }
        assembler.a(COPY, 4, 1, 0);
      }
    }
    assembler.constant(1, 9).constant(2, 0x87654321L).constant(3, 5);
    for (int offset = 0; offset < 8; offset++) {
      assembler.memory(LOAD8, 3, 1, offset + 7).memory(STORE8, 2, 1, offset + 6);
    }
    return assembler.memory(LOAD8, 1, 1, 3).memory(LOAD64, 5, 3, 8).none(HALT, 0, 0, 0).run();
  }

  /**
   * An operation on all pairs of edge values of 32 bits, with registers, constants and in place.
   */
  static ExecutionTrace narrowEdges(Opcode op) {
    Assembler assembler = new Assembler();
    boolean branch = op.name().startsWith("BR_");
    for (long a : NARROW_EDGES) {
      for (long b : NARROW_EDGES) {
        assembler.constant(1, a).constant(2, b);
        if (op == MULROT32) {
          assembler.rk(op, 3, 1, 1L << (int) (b & 31));
          continue;
        }
        if (op == MULADD32 || op.name().contains("_SUM_")) {
          // Two constants.
          assembler.add(new Instruction(op, 3, 1, 0, a << 32 | b, true, false));
          assembler.add(new Instruction(op, 3, 1, 0, b << 32 | a, true, false));
          continue;
        }
        assembler.rr(op, branch ? assembler.here() + 1 : 3, 1, 2);
        assembler.rk(op, branch ? assembler.here() + 2 : 3, 1, b);
        assembler.rk(op, branch ? assembler.here() + 1 : 1, 1, b);
      }
    }
    return assembler.none(HALT, 0, 0, 0).run();
  }

  /** Addresses that wrap and such that do not although they could, of all sizes, over words too. */
  static ExecutionTrace wrapping() {
    Assembler assembler =
        new Assembler().pages(1).image(Space.MEMORY, 4, 0x1122334455667788L).constant(2, -3);
    for (Opcode op :
        List.of(
            LOAD8_WRAP,
            LOAD16_WRAP,
            LOAD32_WRAP,
            LOAD64_WRAP,
            STORE8_WRAP,
            STORE16_WRAP,
            STORE32_WRAP,
            STORE64_WRAP)) {
      boolean load = op.name().startsWith("LOAD");
      for (int address : new int[] {0, 32, 35, 37, 65528}) {
        assembler
            .constant(1, 0xfffffff0L)
            .memory(op, load ? 3 : 2, 1, address + 16)
            .constant(1, address)
            .memory(op, load ? 3 : 2, 1, 0);
        if (!load) {
          assembler.constant(1, 0xffffffffL).storeConstant(op, 1, address + 1, 0x87654321L);
        }
      }
    }
    return assembler.none(HALT, 0, 0, 0).run();
  }

  static ExecutionTrace outOfBoundsWrapped(long base, long offset) {
    return new Assembler().pages(1).constant(3, base).memory(STORE16_WRAP, 3, 3, offset).run();
  }

  /** Loads and stores of all sizes at all offsets, image words, growth, memory size, globals. */
  static ExecutionTrace memory() {
    Assembler assembler =
        new Assembler()
            .pages(1)
            .image(Space.MEMORY, 4, 0x1122334455667788L)
            .image(Space.MEMORY, 1000, 7)
            .image(Space.GLOBAL, 1, 0x99)
            .constant(1, 30)
            .constant(2, 0xfedcba9876543210L);
    for (Opcode op : List.of(LOAD8, LOAD16, LOAD32, LOAD64, STORE8, STORE16, STORE32, STORE64)) {
      for (int offset = 0; offset < 8; offset++) {
        assembler.rk(ADD64, 2, 2, 0x0101010101010101L);
        boolean load = op.name().startsWith("LOAD");
        assembler.memory(op, load ? 3 : 2, 1, offset + 2);
        if (!load && offset % 3 == 0) {
          assembler.storeConstant(op, 1, offset + 40, 0x87654321L - offset);
        }
      }
    }
    return assembler
        .memoryAt(LOAD64, 4, 32)
        .memoryAt(STORE64, 4, 65536 - 8)
        .memoryAt(LOAD8, 4, 65535)
        .memoryAt(LOAD16, 4, 65534)
        // The slot of the address is overwritten by what is loaded.
        .memory(LOAD32, 1, 1, 2)
        .none(MEMORY_SIZE, 5, 0, 0)
        .constant(6, 2)
        .a(MEMORY_GROW, 7, 6, 3)
        .a(MEMORY_GROW, 7, 6, 3)
        .constant(6, 0xffffffffL)
        .a(MEMORY_GROW, 7, 6, 65536)
        .constant(6, 0)
        .a(MEMORY_GROW, 7, 6, 3)
        .constant(1, 196600)
        .memory(STORE64, 2, 1, 0)
        .memory(LOAD32, 8, 1, 4)
        .storeConstant(STORE32, 1, 0, 0x87654321L)
        .memoryAt(LOAD64, 8, 196600)
        // Over the end of the initial memory, and beyond.
        .memoryAt(STORE64, 2, 65533)
        .memoryAt(LOAD32, 8, 65534)
        .memoryAt(LOAD64, 8, 65536)
        .memoryAt(LOAD8, 8, 65537)
        .memoryAt(STORE16, 2, 131069)
        .none(GLOBAL_GET, 8, 1, 0)
        .a(GLOBAL_SET, 2, 8, 0)
        .none(GLOBAL_CONST, 1, 0, -5)
        .none(GLOBAL_GET, 8, 1, 0)
        .none(GLOBAL_GET, 9, 3, 0)
        .none(HALT, 0, 0, 0)
        .run();
  }

  /**
   * Table cells: of the image and not, loaded and stored, with index and value in one slot, next to
   * a memory word and a global of the same addresses.
   */
  static ExecutionTrace cells() {
    Assembler assembler =
        new Assembler()
            .pages(1)
            .image(Space.GLOBAL, 5, 0x55)
            .image(Space.MEMORY, 5, 0x66)
            .image(Space.TABLE, 5, 0x1122334455667788L)
            .image(Space.TABLE, 70_000, 3)
            .constant(1, 2)
            .memory(CELL_LOAD, 2, 1, 3)
            .memory(CELL_LOAD, 3, 1, 4)
            .rk(ADD64, 3, 2, 0xfedcba9876543210L)
            .memory(CELL_STORE, 3, 1, 3)
            .memory(CELL_LOAD, 4, 1, 3)
            .memory(CELL_STORE, 3, 1, 100)
            .memory(CELL_STORE, 1, 1, 0xfffffffdL)
            .memory(CELL_LOAD, 4, 1, 0xfffffffdL)
            .constant(1, 0xffffffffL)
            .memory(CELL_LOAD, 4, 1, 0)
            .constant(1, 70_000)
            .memory(CELL_STORE, 1, 1, 0)
            .constant(5, 0)
            .memory(CELL_STORE, 5, 5, 5)
            .memory(CELL_LOAD, 1, 1, 0)
            .memory(CELL_LOAD, 1, 1, 0);
    for (int i = 0; i < 3; i++) {
      assembler.constant(1, i).memory(CELL_LOAD, 6 + i, 1, 98);
    }
    return assembler.none(GLOBAL_GET, 2, 5, 0).memoryAt(LOAD64, 3, 40).none(HALT, 0, 0, 0).run();
  }

  /** Cells of several spaces that are left alone for more than 2^16 time units, some twice. */
  static ExecutionTrace waiting() {
    return new Assembler()
        .pages(1)
        .image(Space.MEMORY, 5, 0x1122334455667788L)
        .constant(1, 5)
        .none(GLOBAL_CONST, 3, 0, 7)
        .constant(2, 0)
        .constant(3, 1L << 33)
        .label("again")
        .constant(0, 1 << 13)
        .label("loop")
        .rk(SUB32, 0, 0, 1)
        .branchConstant(BR_NE, 0, 0, "loop")
        .memoryAt(LOAD64, 4, 40)
        .memoryAt(STORE64, 1, 800)
        .rk(ADD32, 2, 2, 1)
        .branchConstant(BR_NE, 2, 2, "again")
        .none(GLOBAL_GET, 5, 3, 0)
        .a(COPY, 6, 3, 0)
        .none(HALT, 0, 0, 0)
        .run();
  }

  /** Arguments, results, input words, output, an indexed jump, nested calls. */
  static ExecutionTrace host() {
    return new Assembler()
        .types(List.of(ValueType.I32, ValueType.I64), List.of(ValueType.I64, ValueType.I32))
        .none(ARGUMENT, 0, 0, 0)
        .none(ARGUMENT, 1, 0, 1)
        .a(PUBLIC_WORD, 2, 0, 0)
        .a(PRIVATE_WORD, 3, 0, 0)
        .constant(4, 0)
        .a(PUBLIC_WORD, 5, 4, 0)
        .a(PRIVATE_WORD, 6, 4, 0)
        .constant(4, 'h')
        .a(OUTPUT_BYTE, 0, 4, 0)
        .constant(4, 255)
        .a(OUTPUT_BYTE, 0, 4, 0)
        .a(JUMP_INDEXED, 0, 0, 0)
        .none(TRAP, 0, 0, 1)
        .none(TRAP, 0, 0, 1)
        .call("outer", 4, 10)
        .a(RESULT, 0, 1, 0)
        .a(RESULT, 0, 6, 1)
        .none(HALT, 0, 0, 0)
        .label("outer")
        .rr(ADD64, 0, 0, 0)
        .call("inner", 1, 5)
        .call("inner", 2, 5)
        .none(RETURN, 0, 0, 0)
        .label("inner")
        .constant(0, 17)
        .none(RETURN, 0, 0, 0)
        .run(
            "public input".getBytes(StandardCharsets.UTF_8),
            "private".getBytes(StandardCharsets.UTF_8),
            Assembler.i32(2),
            Assembler.i64(-3));
  }

  static ExecutionTrace exitCode() {
    return new Assembler().constant(3, 0xfffffffeL).a(EXIT, 0, 3, 0).run();
  }

  static ExecutionTrace trap() {
    return new Assembler().none(TRAP, 0, 0, 3).run();
  }

  static ExecutionTrace outOfBounds() {
    return new Assembler().pages(2).constant(3, 131065).memory(STORE64, 3, 3, 0).run();
  }

  static ExecutionTrace outOfBoundsConstant() {
    return new Assembler().add(new Instruction(LOAD16, 0, 0, 2, 0xffffffffL, false, true)).run();
  }

  static ExecutionTrace stackExhausted() {
    return new Assembler().label("again").call("again", 400_000, 10).run();
  }
}
