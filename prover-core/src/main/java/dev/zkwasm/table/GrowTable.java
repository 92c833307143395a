package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Space;

/**
 * Class GROW: the memory grows if and only if the limit allows it. Either outcome is shown by a
 * difference in range, and the two differences add up to -1, so that only one of them can be.
 */
public final class GrowTable extends InstructionTable {
  /** Result of a refused growth: -1 as an i32. */
  private static final long REFUSED = 0xffffffffL;

  // ---- columns

  private final Column d = main("d", Width.U32);
  private final Column a = main("a", Width.U32);
  private final Column kLo = main("kLo", Width.U32);
  private final Column delta = main("delta", Width.U32);
  private final Column aPrevious = previous("a");
  private final Column granted = main("granted", Width.BIT);

  /** Pages that are added: delta or 0. */
  private final Column growth = main("growth", Width.U32);

  private final Column[] gap = limbs("gap", 2, Width.U16);
  private final Column result = main("result", Width.U32);
  private final Column dOldLo = main("dOldLo", Width.U32);
  private final Column dOldHi = main("dOldHi", Width.U32);
  private final Column dPrevious = previous("d");

  GrowTable() {
    super("grow", OpClass.GROW);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr left = kLo.minus(pages).minus(delta);
    Expr missing = Expr.of(-1).minus(left);
    Expr refused = active.minus(granted);
    booleans(cs, granted);
    cs.equal("limit", Expr.compose(16, gap), granted.times(left).plus(refused.times(missing)));
    cs.equal("growth", growth, granted.times(delta));
    cs.equal("result", result, granted.times(pages).plus(refused.times(REFUSED)));

    fetch(cs, operation(), d, a, Expr.of(0), kLo, Expr.of(0));
    next(cs, pc.plus(1), fp, pages.plus(growth));
    readRegister(cs, "read a", aPrevious, active, a, 0, delta, Expr.of(0));
    access(
        cs,
        "write d",
        dPrevious,
        active,
        space(Space.REGISTER),
        fp.plus(d),
        Expr.of(3),
        new Expr[] {dOldLo, dOldHi},
        new Expr[] {result, Expr.of(0)});
    range16(cs, "limit, low limb", active, gap[0]);
    range16(cs, "limit, high limb", active, gap[1]);
  }

  // ---- fill

  @Override
  boolean serves(Step step) {
    return true;
  }

  @Override
  void fill(Rows rows, Step step) {
    Instruction instruction = step.instruction();
    long by = step.a();
    long limit = instruction.kLo();
    boolean grows = step.pages() + by <= limit;
    long value = grows ? step.pages() : REFUSED;
    fillState(rows, step);
    rows.set(d, Integer.toUnsignedLong(instruction.d()));
    rows.set(a, Integer.toUnsignedLong(instruction.a()));
    rows.set(kLo, limit);
    fillRead(rows, step, aPrevious, instruction.a(), 0, "operand a", by);
    rows.set(delta, by);
    rows.set(granted, grows);
    rows.set(growth, grows ? by : 0);
    long left = limit - step.pages() - by;
    rows.setLimbs(16, grows ? left : -1 - left, gap);
    rows.set(result, value);
    step.expect("the result", step.result(), value);
    long old =
        fillAccess(rows, step, dPrevious, Space.REGISTER, step.register(instruction.d()), 3, value);
    rows.setHalves(dOldLo, dOldHi, old);
    step.next(step.pc() + 1L, step.fp(), step.pages() + (grows ? by : 0));
  }
}
