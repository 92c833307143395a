package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.ALU_B_REG;
import static dev.zkwasm.isa.Flags.ALU_SUB;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.OpClass;

/**
 * Class ALU, narrow: sum and difference of two registers modulo 2^32. As in {@link AluTable} a
 * subtraction c = a - b is the addition c + b = a.
 */
public final class NarrowSumTable extends NarrowTable {
  // ---- columns

  private final Column sub = flag("sub", ALU_SUB);
  private final Column aLo = main("aLo", Width.U32);
  private final Column bLo = main("bLo", Width.U32);
  private final Column[] c = limbs("c", 2, Width.U16);
  private final Column carry = main("carry", Width.BIT);

  NarrowSumTable(String name) {
    super(name, OpClass.ALU, ALU_B_REG, Second.REGISTER, Result.REGISTER);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr cLo = Expr.compose(16, c);
    Expr sign = Expr.of(1).minus(sub.times(2));
    booleans(cs);
    cs.bool(carry);
    cs.equal("sum", sign.times(aLo.minus(cLo)).plus(bLo), carry.times(Expr.powerOfTwo(32)));

    connect(cs, pc.plus(1), aLo, bLo, cLo);
    range16(cs, "c0", active, c[0]);
    range16(cs, "c1", active, c[1]);
  }

  // ---- fill

  @Override
  void fill(Rows rows, Step step) {
    boolean subtract = step.instruction().opcode().has(ALU_SUB);
    long result = lo(subtract ? step.a() - step.b() : step.a() + step.b());
    rows.set(aLo, step.a());
    rows.set(bLo, step.b());
    rows.setLimbs(16, result, c);
    rows.set(carry, ((subtract ? result : step.a()) + step.b()) >>> 32);
    fillNarrow(rows, step, result);
  }
}
