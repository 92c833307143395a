package dev.zkwasm.isa;

/**
 * The instruction classes. A class owns one encoding of flags; the tables that accept a class
 * (usually one) are listed in {@code docs/spec/machine.md}. The code is never 0, so that an
 * all-zero padding row of the program table matches no instruction.
 */
public enum OpClass {
  ALU(1),
  CMP(2),
  BIT(3),
  MUL(4),
  DIV(5),
  MEM(6),
  MOVE(7),
  FLOW(8),
  HOST(9),
  GROW(10),
  EXIT(11),
  CELL(12);

  /** Number of codes; the flags of an encoded operation start at this factor. */
  public static final int RADIX = 32;

  private final int code;

  OpClass(int code) {
    this.code = code;
  }

  /** Code in {@code 1..RADIX-1}: the low part of {@link Instruction#operation()}. */
  public int code() {
    return code;
  }
}
