package dev.zkwasm.isa;

/**
 * Bits of the flag part of an encoded operation, by class. Each bit is a boolean column of the
 * tables that accept the class; packing booleans into one field is sound because each of them is
 * constrained to 0 or 1.
 */
public final class Flags {
  private Flags() {}

  public static final int ALU_W64 = 1;
  public static final int ALU_SUB = 2;
  public static final int ALU_B_REG = 4;

  public static final int CMP_W64 = 1;
  public static final int CMP_EQ = 2;
  public static final int CMP_LT = 4;
  public static final int CMP_SIGNED = 8;
  public static final int CMP_NEGATE = 16;
  public static final int CMP_BRANCH = 32;
  public static final int CMP_B_REG = 64;
  public static final int CMP_ADD = 128;
  public static final int CMP_KEEP = 256;
  public static final int CMP_PUT = 512;

  public static final int BIT_AND = 1;
  public static final int BIT_OR = 2;
  public static final int BIT_XOR = 4;
  public static final int BIT_B_REG = 8;
  public static final int BIT_BRANCH = 16;
  public static final int BIT_NEGATE = 32;
  public static final int BIT_AND_NOT = 64;

  public static final int MUL_W64 = 1;
  public static final int MUL_LO = 2;
  public static final int MUL_HI = 4;
  public static final int MUL_LEFT = 8;
  public static final int MUL_RIGHT = 16;
  public static final int MUL_B_REG = 32;
  public static final int MUL_ADD = 64;

  public static final int DIV_REMAINDER = 1;
  public static final int DIV_B_REG = 2;

  public static final int MEM_STORE = 1;
  public static final int MEM_SIZE1 = 2;
  public static final int MEM_SIZE2 = 4;
  public static final int MEM_SIZE4 = 8;
  public static final int MEM_SIZE8 = 16;
  public static final int MEM_A_REG = 32;
  public static final int MEM_B_REG = 64;
  public static final int MEM_WRAP = 128;

  public static final int MOVE_FROM_REGISTER = 1;
  public static final int MOVE_FROM_GLOBAL = 2;
  public static final int MOVE_FROM_MEMORY_SIZE = 4;
  public static final int MOVE_TO_GLOBAL = 8;

  public static final int FLOW_JUMP = 1;
  public static final int FLOW_JUMP_INDEXED = 2;
  public static final int FLOW_CALL = 4;
  public static final int FLOW_RETURN = 8;

  public static final int HOST_ARGUMENT = 1;
  public static final int HOST_RESULT = 2;
  public static final int HOST_PUBLIC_WORD = 4;
  public static final int HOST_PRIVATE_WORD = 8;
  public static final int HOST_OUTPUT_BYTE = 16;

  public static final int EXIT_HALT = 1;
  public static final int EXIT_CODE = 2;
  public static final int EXIT_TRAP = 4;

  public static final int CELL_STORE = 1;
}
