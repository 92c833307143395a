package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.CMP_BRANCH;
import static dev.zkwasm.isa.Flags.CMP_B_REG;
import static dev.zkwasm.isa.Flags.CMP_EQ;
import static dev.zkwasm.isa.Flags.CMP_LT;
import static dev.zkwasm.isa.Flags.CMP_NEGATE;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;

/**
 * Class CMP, narrow: branches on equality and unsigned order of 32 bits. Each row says which of a <
 * B, a = B and a > B holds: {@code a - B + 2^32 less + less + same - 1} is in {@code [0, 2^32)},
 * and same claims a = B. It is a - B + 2^32 for less, 0 for same, 2^32 + 1 for both, and a - B - 1
 * for neither, so only the true case holds.
 */
public final class NarrowBranchTable extends NarrowTable {
  // ---- columns

  /** Equality is asked for; otherwise order. */
  private final Column eq = flag("eq", CMP_EQ);

  private final Column negate = flag("negate", CMP_NEGATE);
  private final Column aLo = main("aLo", Width.U32);
  private final Column bLo = main("bLo", Width.U32);
  private final Column less = main("less", Width.BIT);
  private final Column same = main("same", Width.BIT);

  /** Upper limb of the difference. */
  private final Column x1 = main("x1", Width.U16);

  private final Column nextPc = main("nextPc", Width.U32);

  NarrowBranchTable(String name, Second second) {
    super(
        name,
        OpClass.CMP,
        CMP_BRANCH | (second == Second.REGISTER ? CMP_B_REG : 0),
        second,
        Result.NONE);
    otherwise(CMP_LT, eq);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr difference = aLo.minus(bLo);
    Expr answer = less.plus(eq.times(same.minus(less)));
    // negate xor answer
    Expr outcome = negate.plus(answer).minus(negate.times(answer).times(2));
    booleans(cs, less, same);
    cs.zero("same claims a = B", same.times(difference));
    cs.equal("next pc", nextPc, pc.plus(active).plus(outcome.times(d.minus(pc).minus(1))));

    connect(cs, nextPc, aLo, bLo, Expr.of(0));
    range32(
        cs,
        "difference",
        active,
        difference.plus(less.times(Expr.of((1L << 32) + 1))).plus(same).minus(1),
        x1);
  }

  // ---- fill

  @Override
  void fill(Rows rows, Step step) {
    Opcode opcode = step.instruction().opcode();
    boolean below = step.a() < step.b();
    boolean equal = step.a() == step.b();
    boolean outcome = (opcode.has(CMP_EQ) ? equal : below) != opcode.has(CMP_NEGATE);
    long difference = step.a() - step.b() - (equal || below ? 0 : 1);
    rows.set(aLo, step.a());
    rows.set(bLo, step.b());
    rows.set(less, below);
    rows.set(same, equal);
    rows.set(x1, lo(difference) >>> 16);
    fillNarrow(rows, step, outcome ? 1 : 0);
    if (outcome) {
      step.next(Integer.toUnsignedLong(step.instruction().d()), step.fp(), step.pages());
    }
    rows.set(nextPc, step.nextPc());
  }
}
