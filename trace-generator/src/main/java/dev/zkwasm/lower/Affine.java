package dev.zkwasm.lower;

import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Opcode;
import java.util.List;

/**
 * A value {@code (base * factor + addend) mod 2^W} that is not computed yet: an instruction that
 * needs it may do with the base, as an access to memory or a comparison does with a sum, and sums
 * and products with constants fold.
 *
 * @param wide W is 64, else 32; then the base's upper half is 0
 * @param base slot of the base
 * @param factor below 2^W; a 1 and an addend of 0 do not come together from the constructors below
 * @param addend below 2^W
 */
record Affine(boolean wide, int base, long factor, long addend) {
  Affine {
    if (!wide) {
      factor &= 0xffffffffL;
      addend &= 0xffffffffL;
    }
  }

  /** The value in a slot. */
  static Affine of(boolean wide, int base) {
    return new Affine(wide, base, 1, 0);
  }

  Affine plus(long c) {
    return new Affine(wide, base, factor, addend + c);
  }

  Affine times(long c) {
    return new Affine(wide, base, factor * c, addend * c);
  }

  /** The same without the addend. */
  Affine product() {
    return new Affine(wide, base, factor, 0);
  }

  /** True if it is the base plus a constant of 32 bits. */
  boolean isSum32() {
    return !wide && factor == 1;
  }

  /** True if it is the base with all bits inverted, which is {@code -base - 1}. */
  boolean isComplement() {
    return isNegative() && addend == factor;
  }

  /** True if the factor is -1. */
  boolean isNegative() {
    return factor == (wide ? -1 : 0xffffffffL);
  }

  /** Instructions that put the value in a slot, which may be the base. */
  List<Instruction> into(int slot) {
    Opcode add = wide ? Opcode.ADD64 : Opcode.ADD32;
    Opcode multiply = wide ? Opcode.MUL64 : Opcode.MUL32;
    if (factor == 1) {
      return List.of(Instruction.ofConstant(add, slot, base, addend));
    }
    Instruction product = Instruction.ofConstant(multiply, slot, base, factor);
    if (addend == 0) {
      return List.of(product);
    }
    if (isComplement()) {
      return List.of(Instruction.ofConstant(Opcode.XOR, slot, base, factor));
    }
    if (factor >>> 32 != 0 || addend >>> 32 != 0) {
      return List.of(product, Instruction.ofConstant(add, slot, slot, addend));
    }
    Opcode both = wide ? Opcode.MULADD64 : Opcode.MULADD32;
    return List.of(Instruction.ofConstant(both, slot, base, addend << 32 | factor));
  }

  /** The instruction that puts {@code base * factor + register} in a slot. */
  Instruction productPlus(int slot, int register) {
    if (factor == 1) {
      return Instruction.ofRegisters(wide ? Opcode.ADD64 : Opcode.ADD32, slot, base, register);
    }
    if (isNegative()) {
      return Instruction.ofRegisters(wide ? Opcode.SUB64 : Opcode.SUB32, slot, register, base);
    }
    Opcode op = wide ? Opcode.MULADD64 : Opcode.MULADD32;
    return new Instruction(op, slot, base, register, factor, true, true);
  }
}
