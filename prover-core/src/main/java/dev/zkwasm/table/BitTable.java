package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.BIT_AND;
import static dev.zkwasm.isa.Flags.BIT_AND_NOT;
import static dev.zkwasm.isa.Flags.BIT_BRANCH;
import static dev.zkwasm.isa.Flags.BIT_B_REG;
import static dev.zkwasm.isa.Flags.BIT_NEGATE;
import static dev.zkwasm.isa.Flags.BIT_OR;
import static dev.zkwasm.isa.Flags.BIT_XOR;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import java.util.Arrays;

/**
 * Class BIT: and, or, xor, and not. The conjunction is looked up byte by byte; or = a + b - and,
 * xor = a + b - 2 and, and not = a - and. A branch looks whether the conjunction is 0: the sum of
 * its bytes, at most 2040, is 0, or one less than it is in range.
 */
public final class BitTable extends OperandTable {
  // ---- columns

  private final Column and = flag("and", BIT_AND);
  private final Column or = flag("or", BIT_OR);
  private final Column xor = flag("xor", BIT_XOR);
  private final Column andNot = flag("andNot", BIT_AND_NOT);
  private final Column branch = flag("branch", BIT_BRANCH);
  private final Column negate = flag("negate", BIT_NEGATE);
  private final Column[] aBytes = limbs("aByte", 8, Width.U8);
  private final Column[] bBytes = limbs("bByte", 8, Width.U8);
  private final Column[] both = limbs("both", 8, Width.U8);
  private final Column cLo = main("cLo", Width.U32);
  private final Column cHi = main("cHi", Width.U32);

  /** The conjunction is 0; 0 without branch. */
  private final Column none = main("none", Width.BIT);

  private final Column nextPc = main("nextPc", Width.U32);

  BitTable() {
    super("bit", OpClass.BIT, BIT_B_REG);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    booleans(cs);
    cs.equal("low half of the result", cLo, result(0));
    cs.equal("high half of the result", cHi, result(1));
    cs.gatedBool(none, branch);
    Expr bits = Expr.sum(both);
    cs.zero("none claims 0", none.times(bits));
    Expr taken = none.plus(negate).minus(none.times(negate).times(2));
    cs.equal(
        "next pc", nextPc, pc.plus(active).plus(branch.times(taken).times(d.minus(pc).minus(1))));

    fetch(cs);
    next(cs, nextPc, fp, pages);
    readA(cs, half(aBytes, 0), half(aBytes, 1));
    write(cs, active.minus(branch), cLo, cHi);
    readB(cs, half(bBytes, 0), half(bBytes, 1));
    for (int i = 0; i < 8; i++) {
      cs.send("and of byte " + i, Bus.AND, active, aBytes[i], bBytes[i], both[i]);
    }
    range16(cs, "some unless none", branch, bits.minus(1).plus(none));
  }

  private Expr result(int half) {
    Expr conjunction = half(both, half);
    Expr sum = half(aBytes, half).plus(half(bBytes, half));
    return and.times(conjunction)
        .plus(andNot.times(half(aBytes, half).minus(conjunction)))
        .plus(or.times(sum.minus(conjunction)))
        .plus(xor.times(sum.minus(conjunction.times(2))));
  }

  private static Expr half(Column[] bytes, int half) {
    return Expr.compose(8, Arrays.copyOfRange(bytes, 4 * half, 4 * half + 4));
  }

  // ---- fill

  @Override
  void fill(Rows rows, Step step) {
    Opcode opcode = step.instruction().opcode();
    long x = step.a();
    long y = step.b();
    long result;
    if (opcode.has(BIT_AND)) {
      result = x & y;
    } else if (opcode.has(BIT_OR)) {
      result = x | y;
    } else {
      result = opcode.has(BIT_AND_NOT) ? x & ~y : x ^ y;
    }
    fillOperands(rows, step);
    rows.setLimbs(8, x, aBytes);
    rows.setLimbs(8, y, bBytes);
    rows.setLimbs(8, x & y, both);
    rows.setHalves(cLo, cHi, result);
    if (opcode.has(BIT_BRANCH)) {
      rows.set(none, result == 0);
      boolean taken = result == 0 != opcode.has(BIT_NEGATE);
      step.expect("the outcome", step.result(), taken ? 1 : 0);
      if (taken) {
        step.next(Integer.toUnsignedLong(step.instruction().d()), step.fp(), step.pages());
      }
    } else {
      fillResult(rows, step, result);
    }
    rows.set(nextPc, step.nextPc());
  }
}
