package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.DIV_B_REG;
import static dev.zkwasm.isa.Flags.DIV_REMAINDER;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.OpClass;
import java.util.Arrays;

/**
 * Class DIV: {@code a = quotient B + rest} with {@code rest < B}, shown by {@code B - rest - 1}
 * being in range; all three of 64 bits. With B = 0 there is no valid row.
 */
public final class DivTable extends OperandTable {
  // ---- columns

  private final Column remainder = flag("remainder", DIV_REMAINDER);
  private final Column aLo = main("aLo", Width.U32);
  private final Column aHi = main("aHi", Width.U32);
  private final Column bLo = main("bLo", Width.U32);
  private final Column bHi = main("bHi", Width.U32);
  private final Column[] quotient = limbs("quotient", 4, Width.U16);
  private final Column[] rest = limbs("rest", 4, Width.U16);

  /** Limbs 1 to 3 of B - rest - 1; limb 0 is what is left. */
  private final Column[] margin = limbs("margin", 3, Width.U16);

  private final Column cLo = main("cLo", Width.U32);
  private final Column cHi = main("cHi", Width.U32);

  DivTable() {
    super("div", OpClass.DIV, DIV_B_REG);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr divisor = whole(bLo, bHi);
    booleans(cs);
    // Both sides are integers below 2^129.
    cs.equal(
        "a = quotient B + rest",
        whole(aLo, aHi),
        Expr.compose(16, quotient).times(divisor).plus(Expr.compose(16, rest)));
    cs.equal("low half of the result", cLo, result(0));
    cs.equal("high half of the result", cHi, result(1));

    fetch(cs);
    next(cs, pc.plus(1), fp, pages);
    readA(cs, aLo, aHi);
    write(cs, active, cLo, cHi);
    readB(cs, bLo, bHi);
    for (int i = 0; i < 4; i++) {
      range16(cs, "quotient" + i, active, quotient[i]);
    }
    for (int i = 0; i < 4; i++) {
      range16(cs, "rest" + i, active, rest[i]);
    }
    Expr upper = Expr.compose(16, margin).times(1 << 16);
    range16(
        cs,
        "rest is less than B, limb 0",
        active,
        divisor.minus(Expr.compose(16, rest)).minus(1).minus(upper));
    for (int i = 0; i < 3; i++) {
      range16(cs, "rest is less than B, limb " + (i + 1), active, margin[i]);
    }
  }

  private Expr result(int half) {
    Expr q = Expr.compose(16, Arrays.copyOfRange(quotient, 2 * half, 2 * half + 2));
    Expr r = Expr.compose(16, Arrays.copyOfRange(rest, 2 * half, 2 * half + 2));
    return q.plus(remainder.times(r.minus(q)));
  }

  // ---- fill

  @Override
  void fill(Rows rows, Step step) {
    long x = step.a();
    long y = step.b();
    if (y == 0) {
      throw step.error("divides by zero: the program must check before");
    }
    long q = Long.divideUnsigned(x, y);
    long r = Long.remainderUnsigned(x, y);
    fillOperands(rows, step);
    rows.setHalves(aLo, aHi, x);
    rows.setHalves(bLo, bHi, y);
    rows.setLimbs(16, q, quotient);
    rows.setLimbs(16, r, rest);
    rows.setLimbs(16, (y - r - 1) >>> 16, margin);
    long result = step.instruction().opcode().has(DIV_REMAINDER) ? r : q;
    rows.setHalves(cLo, cHi, result);
    fillResult(rows, step, result);
  }
}
