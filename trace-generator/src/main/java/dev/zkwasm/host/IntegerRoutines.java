package dev.zkwasm.host;

import dev.zkwasm.isa.Opcode;

/** Integer instructions of WebAssembly that are many rows: called, not inlined. */
final class IntegerRoutines {
  private IntegerRoutines() {}

  private static Opcode subtract(int width) {
    return width == 64 ? Opcode.SUB64 : Opcode.SUB32;
  }

  private static Opcode branchIfNegative(int width) {
    return width == 64 ? Opcode.BR_LTS64 : Opcode.BR_LTS32;
  }

  /** {@code slot = -slot}; slot 2 becomes 0. */
  private static void negate(Assembler a, int slot, int width) {
    a.constant(2, 0);
    a.op(subtract(width), slot, 2, slot);
  }

  /** Slot 0 divided by slot 1, on magnitudes; the quotient is negative if one operand is. */
  static void divide(Assembler a, int width) {
    Label dividendNegative = new Label();
    Label divisorNegative = new Label();
    Label bothNegative = new Label();
    a.branchConstant(branchIfNegative(width), 0, 0, dividendNegative);
    a.branchConstant(branchIfNegative(width), 1, 0, divisorNegative);
    a.op(Opcode.DIVU, 0, 0, 1);
    a.ret();
    a.bind(divisorNegative);
    negate(a, 1, width);
    a.op(Opcode.DIVU, 0, 0, 1);
    a.op(subtract(width), 0, 2, 0);
    a.ret();
    a.bind(dividendNegative);
    negate(a, 0, width);
    a.branchConstant(branchIfNegative(width), 1, 0, bothNegative);
    a.op(Opcode.DIVU, 0, 0, 1);
    a.op(subtract(width), 0, 2, 0);
    a.ret();
    a.bind(bothNegative);
    a.op(subtract(width), 1, 2, 1);
    a.op(Opcode.DIVU, 0, 0, 1);
    a.ret();
  }

  /** The remainder of magnitudes with the dividend's sign. */
  static void remainder(Assembler a, int width) {
    Label divisorNegative = new Label();
    Label ready = new Label();
    Label dividendNegative = new Label();
    a.branchConstant(branchIfNegative(width), 1, 0, divisorNegative);
    a.bind(ready);
    a.branchConstant(branchIfNegative(width), 0, 0, dividendNegative);
    a.op(Opcode.REMU, 0, 0, 1);
    a.ret();
    a.bind(dividendNegative);
    negate(a, 0, width);
    a.op(Opcode.REMU, 0, 0, 1);
    a.op(subtract(width), 0, 2, 0);
    a.ret();
    a.bind(divisorNegative);
    negate(a, 1, width);
    a.jump(ready);
  }

  /** Binary search for the highest set bit. */
  static void leadingZeros(Assembler a, int width) {
    final int x = 0;
    final int count = 1;
    Opcode multiply = width == 64 ? Opcode.MUL64 : Opcode.MUL32;
    Label some = new Label();
    a.branchConstant(Opcode.BR_NE, x, 0, some);
    a.constant(0, width);
    a.ret();
    a.bind(some);
    a.constant(count, 0);
    for (int step = width / 2; step >= 1; step /= 2) {
      Label full = new Label();
      a.branchConstant(Opcode.BR_GEU, x, 1L << (width - step), full);
      a.opConstant(multiply, x, x, 1L << step);
      a.opConstant(Opcode.ADD32, count, count, step);
      a.bind(full);
    }
    a.copy(0, count);
    a.ret();
  }

  /** {@code popcnt((x and -x) - 1)}, which is the width for 0. */
  static void trailingZeros(Assembler a, int width) {
    a.constant(1, 0);
    a.op(subtract(width), 1, 1, 0);
    a.op(Opcode.AND, 0, 0, 1);
    a.opConstant(subtract(width), 0, 0, 1);
    populationCount(a, width);
  }

  /** Sums of 2, 4, 8 bits side by side; then a multiplication adds the bytes up. */
  static void populationCount(Assembler a, int width) {
    final int x = 0;
    final int t = 1;
    boolean wide = width == 64;
    long mask = wide ? -1L : 0xffffffffL;
    Opcode high = wide ? Opcode.MULHU64 : Opcode.MULHU32;
    Opcode multiply = wide ? Opcode.MUL64 : Opcode.MUL32;
    Opcode add = wide ? Opcode.ADD64 : Opcode.ADD32;
    a.opConstant(high, t, x, 1L << (width - 1));
    a.opConstant(Opcode.AND, t, t, 0x5555555555555555L & mask);
    a.op(subtract(width), x, x, t);
    a.opConstant(high, t, x, 1L << (width - 2));
    a.opConstant(Opcode.AND, t, t, 0x3333333333333333L & mask);
    a.opConstant(Opcode.AND, x, x, 0x3333333333333333L & mask);
    a.op(add, x, x, t);
    a.opConstant(high, t, x, 1L << (width - 4));
    a.op(add, x, x, t);
    a.opConstant(Opcode.AND, x, x, 0x0f0f0f0f0f0f0f0fL & mask);
    a.opConstant(multiply, x, x, 0x0101010101010101L & mask);
    a.opConstant(high, x, x, 256);
    a.ret();
  }
}
