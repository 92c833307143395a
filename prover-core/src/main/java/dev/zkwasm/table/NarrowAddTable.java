package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.OpClass;

/**
 * Class ALU, narrow: the sum of a register and a constant modulo 2^32. The result is what is left
 * of the sum without its carry, so it has no column: that it is in range is all there is to show.
 */
public final class NarrowAddTable extends NarrowTable {
  // ---- columns

  private final Column aLo = main("aLo", Width.U32);
  private final Column kLo = main("kLo", Width.U32);
  private final Column carry = main("carry", Width.BIT);

  /** Upper limb of the result. */
  private final Column c1 = main("c1", Width.U16);

  NarrowAddTable(String name, Result result) {
    super(name, OpClass.ALU, 0, Second.CONSTANT, result);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr sum = aLo.plus(kLo).minus(carry.times(Expr.powerOfTwo(32)));
    booleans(cs);
    cs.bool(carry);

    connect(cs, pc.plus(1), aLo, kLo, sum);
    range32(cs, "the result", active, sum, c1);
  }

  // ---- fill

  @Override
  void fill(Rows rows, Step step) {
    long sum = step.a() + step.b();
    rows.set(aLo, step.a());
    rows.set(kLo, step.b());
    rows.set(carry, hi(sum));
    rows.set(c1, lo(sum) >>> 16);
    fillNarrow(rows, step, lo(sum));
  }
}
