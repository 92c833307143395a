package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.BIT_AND;
import static dev.zkwasm.isa.Flags.BIT_BRANCH;
import static dev.zkwasm.isa.Flags.BIT_NEGATE;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;

/** Class BIT, narrow: branches on the conjunction with a constant, as {@link BitTable} does. */
public final class AndBranchTable extends NarrowTable {
  // ---- columns

  private final Column negate = flag("negate", BIT_NEGATE);
  private final Column[] aBytes = limbs("aByte", 4, Width.U8);
  private final Column[] kBytes = limbs("kByte", 4, Width.U8);
  private final Column[] both = limbs("both", 4, Width.U8);

  /** The conjunction is 0. */
  private final Column none = main("none", Width.BIT);

  private final Column nextPc = main("nextPc", Width.U32);

  AndBranchTable(String name) {
    super(name, OpClass.BIT, BIT_AND | BIT_BRANCH, Second.CONSTANT, Result.NONE);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr bits = Expr.sum(both);
    Expr taken = none.plus(negate).minus(none.times(negate).times(2));
    booleans(cs, none);
    cs.zero("none claims 0", none.times(bits));
    cs.equal("next pc", nextPc, pc.plus(active).plus(taken.times(d.minus(pc).minus(1))));

    connect(cs, nextPc, Expr.compose(8, aBytes), Expr.compose(8, kBytes), Expr.of(0));
    for (int i = 0; i < 4; i++) {
      cs.send("and of byte " + i, Bus.AND, active, aBytes[i], kBytes[i], both[i]);
    }
    range16(cs, "some unless none", active, bits.minus(1).plus(none));
  }

  // ---- fill

  @Override
  void fill(Rows rows, Step step) {
    Opcode opcode = step.instruction().opcode();
    long conjunction = step.a() & step.b();
    boolean taken = conjunction == 0 != opcode.has(BIT_NEGATE);
    rows.setLimbs(8, step.a(), aBytes);
    rows.setLimbs(8, step.b(), kBytes);
    rows.setLimbs(8, conjunction, both);
    rows.set(none, conjunction == 0);
    fillNarrow(rows, step, taken ? 1 : 0);
    if (taken) {
      step.next(Integer.toUnsignedLong(step.instruction().d()), step.fp(), step.pages());
    }
    rows.set(nextPc, step.nextPc());
  }
}
