package dev.zkwasm.lower;

import dev.zkwasm.isa.Flags;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import java.util.HashMap;
import java.util.Map;

/** Relations between the instructions of one class, by their flags. */
final class Operations {
  private static final Map<Integer, Opcode> BY_CODE = new HashMap<>();

  static {
    for (Opcode opcode : Opcode.values()) {
      BY_CODE.put(opcode.opClass().code() + OpClass.RADIX * opcode.flags(), opcode);
    }
  }

  private Operations() {}

  private static Opcode withFlags(Opcode opcode, int flags) {
    Opcode found = BY_CODE.get(opcode.opClass().code() + OpClass.RADIX * flags);
    if (found == null) {
      throw new IllegalArgumentException(opcode + " has no variant with flags " + flags);
    }
    return found;
  }

  /** True for the comparisons that write their result to a register. */
  static boolean isSet(Opcode opcode) {
    return opcode.opClass() == OpClass.CMP && !opcode.has(Flags.CMP_BRANCH);
  }

  /** The comparison with the opposite result. */
  static Opcode negate(Opcode comparison) {
    return withFlags(comparison, comparison.flags() ^ Flags.CMP_NEGATE);
  }

  /** True for the branches. */
  static boolean isBranch(Opcode opcode) {
    return opcode.opClass() == OpClass.CMP && opcode.has(Flags.CMP_BRANCH)
        || opcode.opClass() == OpClass.BIT && opcode.has(Flags.BIT_BRANCH);
  }

  /** The branch with the opposite condition. */
  static Opcode negateBranch(Opcode branch) {
    return branch.opClass() == OpClass.BIT
        ? withFlags(branch, branch.flags() ^ Flags.BIT_NEGATE)
        : negate(branch);
  }

  /** The branch on a comparison. */
  static Opcode branch(Opcode comparison) {
    return withFlags(comparison, comparison.flags() | Flags.CMP_BRANCH);
  }

  /** Whether the comparison also exists for a sum of 32 bits as first operand. */
  static boolean comparesSums(Opcode comparison) {
    return !comparison.has(Flags.CMP_W64 | Flags.CMP_ADD | Flags.CMP_PUT);
  }

  /** The comparison of a sum. */
  static Opcode ofSum(Opcode comparison) {
    return withFlags(comparison, comparison.flags() | Flags.CMP_ADD);
  }

  /** The branch on a comparison of a sum that keeps the sum. */
  static Opcode keepingSum(Opcode branch) {
    return withFlags(branch, branch.flags() | Flags.CMP_ADD | Flags.CMP_KEEP);
  }

  /** The branch that also puts a constant in a register. */
  static Opcode puttingConstant(Opcode branch) {
    return withFlags(branch, branch.flags() | Flags.CMP_PUT);
  }

  /** The access at an address of 32 bits. */
  static Opcode wrapping(Opcode access) {
    return withFlags(access, access.flags() | Flags.MEM_WRAP);
  }

  /** True if the instruction's result is below 2^32 whatever its operands are. */
  static boolean fits32(Instruction i) {
    return switch (i.opcode()) {
      case LOAD8, LOAD16, LOAD32 -> true;
      case AND -> !i.bRegister() && i.k() >>> 32 == 0;
      case MULHU64 -> !i.bRegister() && Long.compareUnsigned(i.k(), 1L << 32) <= 0;
      default -> isSet(i.opcode());
    };
  }
}
