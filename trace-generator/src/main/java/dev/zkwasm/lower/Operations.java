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

  /** The branch on a comparison. */
  static Opcode branch(Opcode comparison) {
    return withFlags(comparison, comparison.flags() | Flags.CMP_BRANCH);
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
