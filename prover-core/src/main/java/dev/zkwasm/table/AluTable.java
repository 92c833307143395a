package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.ALU_B_REG;
import static dev.zkwasm.isa.Flags.ALU_SUB;
import static dev.zkwasm.isa.Flags.ALU_W64;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.OpClass;

/**
 * Class ALU: addition and subtraction of 32 and 64 bits. A subtraction c = a - B is the addition c
 * + B = a.
 */
public final class AluTable extends OperandTable {
  // ---- columns

  private final Column w64 = flag("w64", ALU_W64);
  private final Column sub = flag("sub", ALU_SUB);
  private final Column aLo = main("aLo", Width.U32);
  private final Column aHi = main("aHi", Width.U32);
  private final Column bLo = main("bLo", Width.U32);
  private final Column bHi = main("bHi", Width.U32);
  private final Column[] c = limbs("c", 4, Width.U16);
  private final Column carryLo = main("carryLo", Width.BIT);
  private final Column carryHi = main("carryHi", Width.BIT);

  AluTable() {
    super("alu", OpClass.ALU, ALU_B_REG);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr cLo = Expr.compose(16, c[0], c[1]);
    Expr cHi = Expr.compose(16, c[2], c[3]);
    Expr sign = Expr.of(1).minus(sub.times(2));
    booleans(cs);
    cs.bool(carryLo);
    cs.bool(carryHi);
    cs.equal(
        "sum of low halves",
        sign.times(aLo.minus(cLo)).plus(bLo),
        carryLo.times(Expr.powerOfTwo(32)));
    cs.equal(
        "sum of high halves",
        w64.times(sign.times(aHi.minus(cHi)).plus(bHi).plus(carryLo)),
        carryHi.times(Expr.powerOfTwo(32)));
    cs.zero("32 bits: limb 2 is 0", active.minus(w64).times(c[2]));
    cs.zero("32 bits: limb 3 is 0", active.minus(w64).times(c[3]));

    fetch(cs);
    next(cs, pc.plus(1), fp, pages);
    readA(cs, aLo, aHi);
    write(cs, active, cLo, cHi);
    readB(cs, bLo, bHi);
    range16(cs, "c0", active, c[0]);
    range16(cs, "c1", active, c[1]);
    range16(cs, "c2", w64, c[2]);
    range16(cs, "c3", w64, c[3]);
  }

  // ---- fill

  @Override
  void fill(Rows rows, Step step) {
    boolean wide = step.instruction().opcode().has(ALU_W64);
    boolean subtract = step.instruction().opcode().has(ALU_SUB);
    long x = step.a();
    long y = step.b();
    long result = subtract ? x - y : x + y;
    if (!wide) {
      result = lo(result);
    }
    // The addition that is proven: summand + y = sum.
    long summand = subtract ? result : x;
    long lowCarry = (lo(summand) + lo(y)) >>> 32;
    fillOperands(rows, step);
    rows.setHalves(aLo, aHi, x);
    rows.setHalves(bLo, bHi, y);
    rows.setLimbs(16, result, c);
    rows.set(carryLo, lowCarry);
    rows.set(carryHi, wide ? (hi(summand) + hi(y) + lowCarry) >>> 32 : 0);
    fillResult(rows, step, result);
  }
}
