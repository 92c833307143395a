package dev.zkwasm.isa;

/**
 * One lowered instruction.
 *
 * @param opcode what to do
 * @param d destination slot, branch target (absolute pc) or frame distance, by opcode; unsigned
 * @param a first operand slot (or global index); unsigned
 * @param b second operand slot; unsigned
 * @param k 64-bit constant
 * @param aRegister class MEM: the address base is register {@code a} (otherwise 0). Other classes:
 *     true if and only if the opcode reads register {@code a}
 * @param bRegister the second operand is register {@code b} (otherwise the constant)
 */
public record Instruction(
    Opcode opcode, int d, int a, int b, long k, boolean aRegister, boolean bRegister) {

  /** The field {@code F} of a fetch: class code + 32 * flags. */
  public int operation() {
    int flags = opcode.flags();
    switch (opcode.opClass()) {
      case ALU -> flags |= bRegister ? Flags.ALU_B_REG : 0;
      case CMP -> flags |= bRegister ? Flags.CMP_B_REG : 0;
      case BIT -> flags |= bRegister ? Flags.BIT_B_REG : 0;
      case MUL -> flags |= bRegister ? Flags.MUL_B_REG : 0;
      case DIV -> flags |= bRegister ? Flags.DIV_B_REG : 0;
      case MEM -> flags |= (aRegister ? Flags.MEM_A_REG : 0) | (bRegister ? Flags.MEM_B_REG : 0);
      case MOVE, FLOW, HOST, GROW, EXIT, CELL -> {}
    }
    return opcode.opClass().code() + OpClass.RADIX * flags;
  }

  /** The register slot that it writes, or -1. */
  public int destination() {
    if (opcode.opClass() == OpClass.CMP && opcode.has(Flags.CMP_KEEP | Flags.CMP_PUT)) {
      return bRegister ? (int) k : b;
    }
    int without =
        switch (opcode.opClass()) {
          case CMP -> Flags.CMP_BRANCH;
          case BIT -> Flags.BIT_BRANCH;
          case MEM -> Flags.MEM_STORE;
          case CELL -> Flags.CELL_STORE;
          case MOVE -> Flags.MOVE_TO_GLOBAL;
          case HOST -> Flags.HOST_RESULT | Flags.HOST_OUTPUT_BYTE;
          case ALU, MUL, DIV, FLOW, GROW, EXIT -> 0;
        };
    if (opcode.has(without)) {
      return -1;
    }
    return switch (opcode.opClass()) {
      case ALU, CMP, BIT, MUL, DIV, MOVE, HOST, GROW -> d;
      case MEM, CELL -> b;
      case FLOW, EXIT -> -1;
    };
  }

  /** Low half of the constant, unsigned. */
  public long kLo() {
    return k & 0xffffffffL;
  }

  /** High half of the constant, unsigned. */
  public long kHi() {
    return k >>> 32;
  }

  /** {@code d = op(a, register b)}. */
  public static Instruction ofRegisters(Opcode op, int d, int a, int b) {
    return new Instruction(op, d, a, b, 0, true, true);
  }

  /** {@code d = op(a, constant k)}. */
  public static Instruction ofConstant(Opcode op, int d, int a, long k) {
    return new Instruction(op, d, a, 0, k, true, false);
  }
}
