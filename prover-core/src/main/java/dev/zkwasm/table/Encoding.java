package dev.zkwasm.table;

import dev.zkwasm.isa.Instruction;

/**
 * The fields of an instruction as the program table holds them, unsigned. A field that no
 * instruction of the class uses is 0 whatever the instruction says, so that the tables of the class
 * need no column for it.
 */
final class Encoding {
  private Encoding() {}

  static long d(Instruction i) {
    return switch (i.opcode().opClass()) {
      case MEM, CELL -> 0;
      case ALU, CMP, BIT, MUL, DIV, MOVE, FLOW, HOST, GROW, EXIT -> Integer.toUnsignedLong(i.d());
    };
  }

  static long a(Instruction i) {
    return Integer.toUnsignedLong(i.a());
  }

  static long b(Instruction i) {
    return switch (i.opcode().opClass()) {
      case MOVE, FLOW, HOST, GROW -> 0;
      case ALU, CMP, BIT, MUL, DIV, MEM, EXIT, CELL -> Integer.toUnsignedLong(i.b());
    };
  }

  static long kLo(Instruction i) {
    return i.kLo();
  }

  static long kHi(Instruction i) {
    return switch (i.opcode().opClass()) {
      case HOST, GROW, CELL -> 0;
      case ALU, CMP, BIT, MUL, DIV, MEM, MOVE, FLOW, EXIT -> i.kHi();
    };
  }
}
