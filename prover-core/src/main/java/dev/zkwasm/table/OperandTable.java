package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Space;

/**
 * An instruction {@code d = a op B} with register a, and B a register or a constant. Operand and
 * destination accesses are written here once; the halves of the values are whatever expressions the
 * table has for them.
 */
abstract class OperandTable extends InstructionTable {
  // ---- columns

  final Column d = main("d", Width.U32);
  final Column a = main("a", Width.U32);
  final Column b = main("b", Width.U32);
  final Column kLo = main("kLo", Width.U32);
  final Column kHi = main("kHi", Width.U32);
  final Column bReg;
  private final Column aPrevious = previous("a");
  private final Column bPrevious = previous("b");
  private final Column dOldLo = main("dOldLo", Width.U32);
  private final Column dOldHi = main("dOldHi", Width.U32);
  private final Column dPrevious = previous("d");

  OperandTable(String name, OpClass opClass, int bRegBit) {
    super(name, opClass);
    bReg = flag("bReg", bRegBit);
  }

  // ---- constrain

  final void fetch(ConstraintBuilder cs) {
    fetch(cs, operation(), d, a, b, kLo, kHi);
  }

  /** Operand a is register a. */
  final void readA(ConstraintBuilder cs, Expr lo, Expr hi) {
    readRegister(cs, "read a", aPrevious, active, a, 0, lo, hi);
  }

  /** Operand B is register b or the constant k. */
  final void readB(ConstraintBuilder cs, Expr lo, Expr hi) {
    readB(cs, lo, hi, kHi);
  }

  /** Operand B is register b or the constant of lower half kLo and this upper half. */
  final void readB(ConstraintBuilder cs, Expr lo, Expr hi, Expr constantHi) {
    Expr constant = active.minus(bReg);
    cs.zero("B is the constant: low", constant.times(lo.minus(kLo)));
    cs.zero("B is the constant: high", constant.times(hi.minus(constantHi)));
    readRegister(cs, "read b", bPrevious, bReg, b, 1, lo, hi);
  }

  /** Register d becomes the result. */
  final void write(ConstraintBuilder cs, Expr multiplicity, Expr lo, Expr hi) {
    write(cs, multiplicity, d, lo, hi);
  }

  /** A register becomes the result. */
  final void write(ConstraintBuilder cs, Expr multiplicity, Expr register, Expr lo, Expr hi) {
    access(
        cs,
        "write d",
        dPrevious,
        multiplicity,
        space(Space.REGISTER),
        fp.plus(register),
        Expr.of(3),
        new Expr[] {dOldLo, dOldHi},
        new Expr[] {lo, hi});
  }

  // ---- fill

  @Override
  final boolean serves(Step step) {
    return true;
  }

  /** Fills state, fetch and operand accesses. */
  final void fillOperands(Rows rows, Step step) {
    fillOperands(rows, step, step.instruction().k());
  }

  /** The same with another constant operand B than k. */
  final void fillOperands(Rows rows, Step step, long constant) {
    Instruction instruction = step.instruction();
    fillState(rows, step);
    rows.set(d, Integer.toUnsignedLong(instruction.d()));
    rows.set(a, Integer.toUnsignedLong(instruction.a()));
    rows.set(b, Integer.toUnsignedLong(instruction.b()));
    rows.set(kLo, instruction.kLo());
    rows.set(kHi, instruction.kHi());
    fillRead(rows, step, aPrevious, instruction.a(), 0, "operand a", step.a());
    if (instruction.bRegister()) {
      fillRead(rows, step, bPrevious, instruction.b(), 1, "operand b", step.b());
    } else {
      step.expect("operand b (constant)", step.b(), constant);
    }
  }

  /** Fills the write of the result, after checking the recorded one. */
  final void fillResult(Rows rows, Step step, long result) {
    step.expect("the result", step.result(), result);
    fillWrite(rows, step, step.instruction().d(), result);
  }

  /** Fills the write of a register. */
  final void fillWrite(Rows rows, Step step, int register, long value) {
    long old = fillAccess(rows, step, dPrevious, Space.REGISTER, step.register(register), 3, value);
    rows.setHalves(dOldLo, dOldHi, old);
  }

  /** {@code lo + 2^32 hi}. */
  static Expr whole(Expr lo, Expr hi) {
    return Expr.compose(32, lo, hi);
  }
}
