package dev.zkwasm.isa;

import static dev.zkwasm.isa.Flags.*;

/**
 * The instructions of the proven register machine. Semantics, operand by operand, are in {@code
 * docs/spec/machine.md}; in short: {@code d}, {@code a}, {@code b} are register slots relative to
 * {@code fp}, {@code k} is a 64-bit constant, and {@code B} below is register {@code b} or the
 * constant {@code k}.
 */
public enum Opcode {
  /** {@code d = (a + B) mod 2^32}; the upper halves of the operands are ignored. */
  ADD32(OpClass.ALU, 0),
  /** {@code d = (a + B) mod 2^64}. */
  ADD64(OpClass.ALU, ALU_W64),
  /** {@code d = (a - B) mod 2^32}; the upper halves of the operands are ignored. */
  SUB32(OpClass.ALU, ALU_SUB),
  /** {@code d = (a - B) mod 2^64}. */
  SUB64(OpClass.ALU, ALU_W64 | ALU_SUB),

  /**
   * {@code d = a == B ? 1 : 0} on 64 bits; i32 values have upper half 0, so it serves both widths.
   */
  SET_EQ(OpClass.CMP, CMP_EQ),
  SET_NE(OpClass.CMP, CMP_EQ | CMP_NEGATE),
  /** Unsigned, 64 bits; serves both widths. */
  SET_LTU(OpClass.CMP, CMP_LT),
  SET_GEU(OpClass.CMP, CMP_LT | CMP_NEGATE),
  SET_LTS32(OpClass.CMP, CMP_LT | CMP_SIGNED),
  SET_GES32(OpClass.CMP, CMP_LT | CMP_SIGNED | CMP_NEGATE),
  SET_LTS64(OpClass.CMP, CMP_LT | CMP_SIGNED | CMP_W64),
  SET_GES64(OpClass.CMP, CMP_LT | CMP_SIGNED | CMP_NEGATE | CMP_W64),

  /** {@code if (a == B) pc = d}; {@code d} is an absolute pc here, as in every BR. */
  BR_EQ(OpClass.CMP, CMP_EQ | CMP_BRANCH),
  BR_NE(OpClass.CMP, CMP_EQ | CMP_NEGATE | CMP_BRANCH),
  BR_LTU(OpClass.CMP, CMP_LT | CMP_BRANCH),
  BR_GEU(OpClass.CMP, CMP_LT | CMP_NEGATE | CMP_BRANCH),
  BR_LTS32(OpClass.CMP, CMP_LT | CMP_SIGNED | CMP_BRANCH),
  BR_GES32(OpClass.CMP, CMP_LT | CMP_SIGNED | CMP_NEGATE | CMP_BRANCH),
  BR_LTS64(OpClass.CMP, CMP_LT | CMP_SIGNED | CMP_W64 | CMP_BRANCH),
  BR_GES64(OpClass.CMP, CMP_LT | CMP_SIGNED | CMP_NEGATE | CMP_W64 | CMP_BRANCH),

  /**
   * Comparisons of a sum {@code s = (a + high32(k)) mod 2^32} in place of a; B is register {@code
   * b} or {@code low32(k)}. The upper half of a is ignored. {@code d = s == B ? 1 : 0}.
   */
  SET_SUM_EQ(OpClass.CMP, CMP_ADD | CMP_EQ),
  SET_SUM_NE(OpClass.CMP, CMP_ADD | CMP_EQ | CMP_NEGATE),
  SET_SUM_LTU(OpClass.CMP, CMP_ADD | CMP_LT),
  SET_SUM_GEU(OpClass.CMP, CMP_ADD | CMP_LT | CMP_NEGATE),
  SET_SUM_LTS32(OpClass.CMP, CMP_ADD | CMP_LT | CMP_SIGNED),
  SET_SUM_GES32(OpClass.CMP, CMP_ADD | CMP_LT | CMP_SIGNED | CMP_NEGATE),

  /** {@code if (s == B) pc = d}. */
  BR_SUM_EQ(OpClass.CMP, CMP_ADD | CMP_EQ | CMP_BRANCH),
  BR_SUM_NE(OpClass.CMP, CMP_ADD | CMP_EQ | CMP_NEGATE | CMP_BRANCH),
  BR_SUM_LTU(OpClass.CMP, CMP_ADD | CMP_LT | CMP_BRANCH),
  BR_SUM_GEU(OpClass.CMP, CMP_ADD | CMP_LT | CMP_NEGATE | CMP_BRANCH),
  BR_SUM_LTS32(OpClass.CMP, CMP_ADD | CMP_LT | CMP_SIGNED | CMP_BRANCH),
  BR_SUM_GES32(OpClass.CMP, CMP_ADD | CMP_LT | CMP_SIGNED | CMP_NEGATE | CMP_BRANCH),

  /**
   * {@code if (s == B) pc = d}, and s is put in a register whichever way it goes: slot {@code
   * low32(k)} if B is a register, else slot {@code b}.
   */
  BR_KEEP_EQ(OpClass.CMP, CMP_ADD | CMP_KEEP | CMP_EQ | CMP_BRANCH),
  BR_KEEP_NE(OpClass.CMP, CMP_ADD | CMP_KEEP | CMP_EQ | CMP_NEGATE | CMP_BRANCH),
  BR_KEEP_LTU(OpClass.CMP, CMP_ADD | CMP_KEEP | CMP_LT | CMP_BRANCH),
  BR_KEEP_GEU(OpClass.CMP, CMP_ADD | CMP_KEEP | CMP_LT | CMP_NEGATE | CMP_BRANCH),
  BR_KEEP_LTS32(OpClass.CMP, CMP_ADD | CMP_KEEP | CMP_LT | CMP_SIGNED | CMP_BRANCH),
  BR_KEEP_GES32(OpClass.CMP, CMP_ADD | CMP_KEEP | CMP_LT | CMP_SIGNED | CMP_NEGATE | CMP_BRANCH),

  /**
   * {@code if (a == B) pc = d}, B being register {@code b} or {@code low32(k)}, and {@code
   * high32(k)} is put in a register, whichever way it goes: where BR_KEEP puts the sum.
   */
  BR_PUT_EQ(OpClass.CMP, CMP_PUT | CMP_EQ | CMP_BRANCH),
  BR_PUT_NE(OpClass.CMP, CMP_PUT | CMP_EQ | CMP_NEGATE | CMP_BRANCH),
  BR_PUT_LTU(OpClass.CMP, CMP_PUT | CMP_LT | CMP_BRANCH),
  BR_PUT_GEU(OpClass.CMP, CMP_PUT | CMP_LT | CMP_NEGATE | CMP_BRANCH),
  BR_PUT_LTS32(OpClass.CMP, CMP_PUT | CMP_LT | CMP_SIGNED | CMP_BRANCH),
  BR_PUT_GES32(OpClass.CMP, CMP_PUT | CMP_LT | CMP_SIGNED | CMP_NEGATE | CMP_BRANCH),

  /** Bitwise on 64 bits; i32 operands have upper half 0 and so has the result. */
  AND(OpClass.BIT, BIT_AND),
  OR(OpClass.BIT, BIT_OR),
  XOR(OpClass.BIT, BIT_XOR),
  /** {@code d = a and not B}. */
  AND_NOT(OpClass.BIT, BIT_AND_NOT),

  /** {@code if ((a and B) == 0) pc = d}, on 64 bits. */
  BR_AND_ZERO(OpClass.BIT, BIT_AND | BIT_BRANCH),
  /** {@code if ((a and B) != 0) pc = d}. */
  BR_AND_NONZERO(OpClass.BIT, BIT_AND | BIT_BRANCH | BIT_NEGATE),

  /**
   * {@code d = (a * B) mod 2^W}. Operands of the 32-bit forms must have upper half 0 (i32 values
   * have).
   */
  MUL32(OpClass.MUL, MUL_LO),
  MUL64(OpClass.MUL, MUL_LO | MUL_W64),
  /**
   * {@code d = (a * k + register b) mod 2^W}, or {@code (a * low32(k) + high32(k)) mod 2^W} without
   * register b. Operands of the 32-bit form must have upper half 0, and so must {@code k} with
   * register b.
   */
  MULADD32(OpClass.MUL, MUL_LO | MUL_ADD),
  MULADD64(OpClass.MUL, MUL_LO | MUL_ADD | MUL_W64),
  /** {@code d = floor(a * B / 2^W)}, unsigned. A shift right by constant s is this by 2^(W-s). */
  MULHU32(OpClass.MUL, MUL_HI),
  MULHU64(OpClass.MUL, MUL_HI | MUL_W64),
  /**
   * {@code d = low + high part of a * B}; with {@code B = 2^s} a rotation left by s. B must be a
   * power of two.
   */
  MULROT32(OpClass.MUL, MUL_LO | MUL_HI),
  MULROT64(OpClass.MUL, MUL_LO | MUL_HI | MUL_W64),
  /** Shifts and rotations by {@code B mod W}. */
  SHL32(OpClass.MUL, MUL_LO | MUL_LEFT),
  SHL64(OpClass.MUL, MUL_LO | MUL_LEFT | MUL_W64),
  SHRU32(OpClass.MUL, MUL_HI | MUL_RIGHT),
  SHRU64(OpClass.MUL, MUL_HI | MUL_RIGHT | MUL_W64),
  ROTL32(OpClass.MUL, MUL_LO | MUL_HI | MUL_LEFT),
  ROTL64(OpClass.MUL, MUL_LO | MUL_HI | MUL_LEFT | MUL_W64),
  ROTR32(OpClass.MUL, MUL_LO | MUL_HI | MUL_RIGHT),
  ROTR64(OpClass.MUL, MUL_LO | MUL_HI | MUL_RIGHT | MUL_W64),

  /**
   * Unsigned, both widths (upper halves are 0 for i32). B must not be 0: a program checks and traps
   * before.
   */
  DIVU(OpClass.DIV, 0),
  REMU(OpClass.DIV, DIV_REMAINDER),

  /**
   * {@code b = zero-extended bytes at A + low32(k)}, where A is register {@code a} or 0; slot
   * {@code b} is the destination. An access beyond the memory traps.
   */
  LOAD8(OpClass.MEM, MEM_SIZE1),
  LOAD16(OpClass.MEM, MEM_SIZE2),
  LOAD32(OpClass.MEM, MEM_SIZE4),
  LOAD64(OpClass.MEM, MEM_SIZE8),
  /**
   * Stores the low bytes of register {@code b}, or of the 32-bit constant {@code high32(k)}, at A +
   * low32(k).
   */
  STORE8(OpClass.MEM, MEM_STORE | MEM_SIZE1),
  STORE16(OpClass.MEM, MEM_STORE | MEM_SIZE2),
  STORE32(OpClass.MEM, MEM_STORE | MEM_SIZE4),
  STORE64(OpClass.MEM, MEM_STORE | MEM_SIZE8),

  /**
   * The same at {@code (A + low32(k)) mod 2^32}: an address that a program computes in 32 bits
   * before it accesses memory there.
   */
  LOAD8_WRAP(OpClass.MEM, MEM_WRAP | MEM_SIZE1),
  LOAD16_WRAP(OpClass.MEM, MEM_WRAP | MEM_SIZE2),
  LOAD32_WRAP(OpClass.MEM, MEM_WRAP | MEM_SIZE4),
  LOAD64_WRAP(OpClass.MEM, MEM_WRAP | MEM_SIZE8),
  STORE8_WRAP(OpClass.MEM, MEM_STORE | MEM_WRAP | MEM_SIZE1),
  STORE16_WRAP(OpClass.MEM, MEM_STORE | MEM_WRAP | MEM_SIZE2),
  STORE32_WRAP(OpClass.MEM, MEM_STORE | MEM_WRAP | MEM_SIZE4),
  STORE64_WRAP(OpClass.MEM, MEM_STORE | MEM_WRAP | MEM_SIZE8),

  /** {@code d = a}. */
  COPY(OpClass.MOVE, MOVE_FROM_REGISTER),
  /** {@code d = k}. */
  CONST(OpClass.MOVE, 0),
  /** {@code d = global[a]}. */
  GLOBAL_GET(OpClass.MOVE, MOVE_FROM_GLOBAL),
  /** {@code global[d] = register a}. */
  GLOBAL_SET(OpClass.MOVE, MOVE_FROM_REGISTER | MOVE_TO_GLOBAL),
  /** {@code global[d] = k}. */
  GLOBAL_CONST(OpClass.MOVE, MOVE_TO_GLOBAL),
  /** {@code d = memory size in pages}. */
  MEMORY_SIZE(OpClass.MOVE, MOVE_FROM_MEMORY_SIZE),

  /** {@code pc = d}. */
  JUMP(OpClass.FLOW, FLOW_JUMP),
  /** {@code pc = pc + 1 + low32(a)}; the program has checked {@code a} before. */
  JUMP_INDEXED(OpClass.FLOW, FLOW_JUMP_INDEXED),
  /**
   * {@code return[fp + d] = (pc + 1, d); fp += d; pc = low32(k)}. Traps with call stack exhausted
   * if {@code fp + d + high32(k) > Program.STACK_CELLS}; {@code high32(k)} is the number of cells
   * that the callee's frame needs.
   */
  CALL(OpClass.FLOW, FLOW_CALL),
  /** {@code (pc, distance) = return[fp]; fp -= distance}. */
  RETURN(OpClass.FLOW, FLOW_RETURN),

  /** {@code d = argument low32(k) of the call}. */
  ARGUMENT(OpClass.HOST, HOST_ARGUMENT),
  /** {@code result low32(k) of the call = a}. */
  RESULT(OpClass.HOST, HOST_RESULT),
  /**
   * {@code d = public word low32(a)}: word 0 is the input's length in bytes, word 1 + i its 8 bytes
   * from 8 i.
   */
  PUBLIC_WORD(OpClass.HOST, HOST_PUBLIC_WORD),
  /** The same for the private input. */
  PRIVATE_WORD(OpClass.HOST, HOST_PRIVATE_WORD),
  /** Appends register {@code a}, which must be below 256, to the public output. */
  OUTPUT_BYTE(OpClass.HOST, HOST_OUTPUT_BYTE),

  /**
   * {@code d = old size in pages and the memory grows by low32(a)}, or {@code d = 2^32 - 1} beyond
   * low32(k) pages.
   */
  MEMORY_GROW(OpClass.GROW, 0),

  /** Ends the run: returned. */
  HALT(OpClass.EXIT, EXIT_HALT),
  /** Ends the run with exit code low32(a). */
  EXIT(OpClass.EXIT, EXIT_CODE),
  /** Ends the run: trapped with reason low32(k). */
  TRAP(OpClass.EXIT, EXIT_TRAP),

  /**
   * {@code b = table cell at a + low32(k)}; slot {@code b} is the destination. Nothing is checked:
   * the program does before. The upper half of {@code a} must be 0 and the sum below 2^32.
   */
  CELL_LOAD(OpClass.CELL, 0),
  /** {@code table cell at a + low32(k) = b}. */
  CELL_STORE(OpClass.CELL, Flags.CELL_STORE);

  private final OpClass opClass;
  private final int flags;

  Opcode(OpClass opClass, int flags) {
    this.opClass = opClass;
    this.flags = flags;
  }

  public OpClass opClass() {
    return opClass;
  }

  /**
   * Flag bits of the operation itself, without those that tell register operands from constants.
   */
  public int flags() {
    return flags;
  }

  /** True if any of the bits is set. */
  public boolean has(int bits) {
    return (flags & bits) != 0;
  }

  /** Bytes accessed, for class MEM. */
  public int accessSize() {
    if (opClass != OpClass.MEM) {
      throw new IllegalStateException(this + " accesses no linear memory");
    }
    return (flags >> 1) & 15;
  }
}
