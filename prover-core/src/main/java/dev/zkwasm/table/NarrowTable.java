package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Space;
import org.jspecify.annotations.Nullable;

/**
 * A table for the common case of another one: all registers accessed hold upper halves of 0, before
 * and after, the second operand is a constant in all rows or a register in all rows, and so is
 * where the result goes. It says of its rows what the other table says, with fewer columns and
 * interactions; the prover may use either.
 */
abstract class NarrowTable extends InstructionTable {
  /** The second operand. */
  enum Second {
    CONSTANT,
    REGISTER
  }

  /** Where the result goes. */
  enum Result {
    /** Register d. */
    REGISTER,
    /** Register a, which is register d: one access reads and writes it. */
    IN_PLACE,
    /** Nowhere: d is where a branch goes. */
    NONE
  }

  // ---- columns

  private final Second second;
  private final Result result;
  private final Column a = main("a", Width.U32);
  private final Column aPrevious = previous("a");

  /** Field d; column {@code a} if the result goes there. */
  final Column d;

  private final @Nullable Column b;
  private final @Nullable Column bPrevious;
  private final @Nullable Column dOldLo;
  private final @Nullable Column dPrevious;

  /**
   * A narrow table.
   *
   * @param always flag bits of all its instructions, that of a register b among them
   */
  NarrowTable(String name, OpClass opClass, int always, Second second, Result result) {
    super(name, opClass, always);
    this.second = second;
    this.result = result;
    boolean registers = second == Second.REGISTER;
    b = registers ? main("b", Width.U32) : null;
    bPrevious = registers ? previous("b") : null;
    d = result == Result.IN_PLACE ? a : main("d", Width.U32);
    dOldLo = result == Result.REGISTER ? main("dOldLo", Width.U32) : null;
    dPrevious = result == Result.REGISTER ? previous("d") : null;
  }

  // ---- constrain

  /**
   * State, fetch, next state and accesses.
   *
   * @param nextPc pc of the next row
   * @param first low half of operand a
   * @param other low half of the second operand
   * @param now low half of the result; not looked at if it goes nowhere
   */
  final void connect(ConstraintBuilder cs, Expr nextPc, Expr first, Expr other, Expr now) {
    connect(cs, nextPc, first, other, Expr.of(0), now);
  }

  /** The same with an upper half of the constant. */
  final void connect(
      ConstraintBuilder cs, Expr nextPc, Expr first, Expr other, Expr kHi, Expr now) {
    Expr zero = Expr.of(0);
    fetch(cs, operation(), d, a, b == null ? zero : b, b == null ? other : zero, kHi);
    next(cs, nextPc, fp, pages);
    if (result == Result.IN_PLACE) {
      write(cs, "a", a, aPrevious, first, now);
    } else {
      readRegister(cs, "read a", aPrevious, active, a, 0, first, zero);
    }
    if (dOldLo != null && dPrevious != null) {
      write(cs, "write d", d, dPrevious, dOldLo, now);
    }
    if (b != null && bPrevious != null) {
      readRegister(cs, "read b", bPrevious, active, b, 1, other, zero);
    }
  }

  private void write(
      ConstraintBuilder cs, String label, Column register, Column previous, Expr old, Expr now) {
    Expr zero = Expr.of(0);
    access(
        cs,
        label,
        previous,
        active,
        space(Space.REGISTER),
        fp.plus(register),
        Expr.of(3),
        new Expr[] {old, zero},
        new Expr[] {now, zero});
  }

  // ---- fill

  /** Whether the operands are of this table's kind. */
  final boolean isNarrow(Step step) {
    Instruction i = step.instruction();
    return (second == Second.REGISTER ? i.k() == 0 : i.b() == 0)
        && hi(step.a()) == 0
        && (hi(step.b()) == 0 || hasTwoConstants(i))
        && switch (result) {
          case REGISTER -> hi(step.value(Space.REGISTER, step.register(i.d()))) == 0;
          case IN_PLACE -> i.d() == i.a();
          case NONE -> true;
        };
  }

  /** Whether the halves of the constant are two constants, so that the upper one may be any. */
  boolean hasTwoConstants(Instruction instruction) {
    return false;
  }

  @Override
  final boolean accepts(Instruction instruction) {
    return hasFlagsOf(instruction) && instruction.bRegister() == (second == Second.REGISTER);
  }

  @Override
  boolean serves(Step step) {
    return isNarrow(step);
  }

  /** Fills state, fetch and accesses; the result is checked against the recorded one. */
  final void fillNarrow(Rows rows, Step step, long value) {
    Instruction i = step.instruction();
    fillState(rows, step);
    rows.set(a, Integer.toUnsignedLong(i.a()));
    if (result == Result.IN_PLACE) {
      long address = step.register(i.a());
      step.expect("operand a", step.a(), step.value(Space.REGISTER, address));
    } else {
      rows.set(d, Integer.toUnsignedLong(i.d()));
      fillRead(rows, step, aPrevious, i.a(), 0, "operand a", step.a());
    }
    if (b != null && bPrevious != null) {
      rows.set(b, Integer.toUnsignedLong(i.b()));
      fillRead(rows, step, bPrevious, i.b(), 1, "operand b", step.b());
    } else if (opClass() != OpClass.MOVE) {
      step.expect("operand b (constant)", step.b(), i.k());
    }
    step.expect("the result", step.result(), value);
    if (result == Result.IN_PLACE) {
      fillAccess(rows, step, aPrevious, Space.REGISTER, step.register(i.a()), 3, value);
    } else if (dOldLo != null && dPrevious != null) {
      rows.set(
          dOldLo,
          fillAccess(rows, step, dPrevious, Space.REGISTER, step.register(i.d()), 3, value));
    }
  }
}
