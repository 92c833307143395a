package dev.zkwasm.host;

import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.TrapReason;

/**
 * {@code table.copy} (which serves {@code table.init} too), {@code table.fill} and {@code
 * table.grow}. A table or segment is given by the address of its first cell and its number of
 * elements; bounds come first, so that a trap leaves nothing written.
 */
final class TableRoutines {
  private TableRoutines() {}

  /** {@code (to, from, length, base of to, size of to, base of from, size of from)}. */
  static void copy(Assembler a) {
    final int to = 0;
    final int from = 1;
    final int length = 2;
    final int toBase = 3;
    final int toSize = 4;
    final int fromBase = 5;
    final int fromSize = 6;
    final int end = 7;
    final int value = 8;
    check(a, from, length, fromSize, end);
    check(a, to, length, toSize, end);
    a.op(Opcode.ADD32, from, from, fromBase);
    a.op(Opcode.ADD32, to, to, toBase);
    Label backward = new Label();
    a.branch(Opcode.BR_LTU, from, to, backward);

    a.op(Opcode.ADD64, end, from, length);
    Label done = new Label();
    a.branch(Opcode.BR_GEU, from, end, done);
    Label up = new Label();
    a.bind(up);
    load(a, value, from);
    store(a, to, value);
    a.opConstant(Opcode.ADD64, from, from, 1);
    a.opConstant(Opcode.ADD64, to, to, 1);
    a.branch(Opcode.BR_LTU, from, end, up);
    a.bind(done);
    a.ret();

    // The source may reach into the destination: its last element goes first.
    a.bind(backward);
    a.copy(end, from);
    a.op(Opcode.ADD64, from, from, length);
    a.op(Opcode.ADD64, to, to, length);
    Label none = new Label();
    a.branch(Opcode.BR_GEU, end, from, none);
    Label down = new Label();
    a.bind(down);
    a.opConstant(Opcode.SUB64, from, from, 1);
    a.opConstant(Opcode.SUB64, to, to, 1);
    load(a, value, from);
    store(a, to, value);
    a.branch(Opcode.BR_LTU, end, from, down);
    a.bind(none);
    a.ret();
  }

  /** {@code (to, value, length, base, size)}. */
  static void fill(Assembler a) {
    final int to = 0;
    final int value = 1;
    final int length = 2;
    final int base = 3;
    final int size = 4;
    final int end = 5;
    check(a, to, length, size, end);
    a.op(Opcode.ADD32, to, to, base);
    a.op(Opcode.ADD64, end, to, length);
    storeUpTo(a, to, end, value);
    a.ret();
  }

  /** {@code (value, delta, base, size, limit) -> (old size or -1, size)}. */
  static void grow(Assembler a) {
    final int value = 0;
    final int delta = 1;
    final int to = 2;
    final int size = 3;
    final int limit = 4;
    final int grown = 5;
    final int end = 6;
    a.op(Opcode.ADD64, grown, size, delta);
    Label granted = new Label();
    a.branch(Opcode.BR_GEU, limit, grown, granted);
    a.constant(0, 0xffffffffL);
    a.copy(1, size);
    a.ret();
    a.bind(granted);
    // What lies beyond the size was never written, so it is null.
    Label done = new Label();
    a.branchConstant(Opcode.BR_EQ, value, 0, done);
    a.op(Opcode.ADD64, end, to, grown);
    a.op(Opcode.ADD64, to, to, size);
    storeUpTo(a, to, end, value);
    a.bind(done);
    a.copy(0, size);
    a.copy(1, grown);
    a.ret();
  }

  /** Traps unless {@code index + length <= size}, all below 2^32. */
  private static void check(Assembler a, int index, int length, int size, int t) {
    Label fine = new Label();
    a.op(Opcode.ADD64, t, index, length);
    a.branch(Opcode.BR_GEU, size, t, fine);
    a.trap(TrapReason.TABLE_OUT_OF_BOUNDS);
    a.bind(fine);
  }

  /** Stores the value in the cells from {@code to} to before {@code end}. */
  private static void storeUpTo(Assembler a, int to, int end, int value) {
    Label done = new Label();
    a.branch(Opcode.BR_GEU, to, end, done);
    Label loop = new Label();
    a.bind(loop);
    store(a, to, value);
    a.opConstant(Opcode.ADD64, to, to, 1);
    a.branch(Opcode.BR_LTU, to, end, loop);
    a.bind(done);
  }

  private static void load(Assembler a, int d, int address) {
    a.emit(new Instruction(Opcode.CELL_LOAD, 0, address, d, 0, true, true));
  }

  private static void store(Assembler a, int address, int value) {
    a.emit(new Instruction(Opcode.CELL_STORE, 0, address, value, 0, true, true));
  }
}
