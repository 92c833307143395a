package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.MOVE_FROM_REGISTER;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.OpClass;

/** Class MOVE, narrow: a register is copied to a register. The fields b and k are 0. */
public final class NarrowCopyTable extends NarrowTable {
  // ---- columns

  private final Column value = main("value", Width.U32);

  NarrowCopyTable(String name) {
    super(name, OpClass.MOVE, MOVE_FROM_REGISTER, Second.CONSTANT, Result.REGISTER);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    booleans(cs);

    connect(cs, pc.plus(1), value, Expr.of(0), value);
  }

  // ---- fill

  @Override
  boolean serves(Step step) {
    return super.serves(step) && step.instruction().k() == 0;
  }

  @Override
  void fill(Rows rows, Step step) {
    rows.set(value, step.a());
    fillNarrow(rows, step, step.a());
  }
}
