package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.CMP_ADD;
import static dev.zkwasm.isa.Flags.CMP_BRANCH;
import static dev.zkwasm.isa.Flags.CMP_B_REG;
import static dev.zkwasm.isa.Flags.CMP_EQ;
import static dev.zkwasm.isa.Flags.CMP_KEEP;
import static dev.zkwasm.isa.Flags.CMP_LT;
import static dev.zkwasm.isa.Flags.CMP_NEGATE;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Space;
import dev.zkwasm.table.NarrowTable.Second;
import org.jspecify.annotations.Nullable;

/**
 * Class CMP, narrow: branches on equality and unsigned order of a sum of 32 bits, which may be
 * kept. The sum is formed as in {@link NarrowAddTable} and compared as in {@link
 * NarrowBranchTable}.
 */
public final class SumBranchTable extends InstructionTable {
  // ---- columns

  /** Equality is asked for; otherwise order. */
  private final Column eq = flag("eq", CMP_EQ);

  private final Column negate = flag("negate", CMP_NEGATE);
  private final Column keep = flag("keep", CMP_KEEP);
  private final Column d = main("d", Width.U32);
  private final Column a = main("a", Width.U32);
  private final Column b = main("b", Width.U32);
  private final Column kLo = main("kLo", Width.U32);
  private final Column kHi = main("kHi", Width.U32);
  private final Column aLo = main("aLo", Width.U32);
  private final Column aPrevious = previous("a");
  private final Column carry = main("carry", Width.BIT);

  /** Upper limb of the sum. */
  private final Column sum1 = main("sum1", Width.U16);

  /** What register b holds, where it is the second operand. */
  private final @Nullable Column bLo;

  private final @Nullable Column bPrevious;
  private final Column keptOld = main("keptOld", Width.U32);
  private final Column keptPrevious = previous("kept");
  private final Column less = main("less", Width.BIT);
  private final Column same = main("same", Width.BIT);

  /** Upper limb of the difference. */
  private final Column x1 = main("x1", Width.U16);

  private final Column nextPc = main("nextPc", Width.U32);

  SumBranchTable(String name, Second second) {
    super(name, OpClass.CMP, CMP_ADD | CMP_BRANCH | (second == Second.REGISTER ? CMP_B_REG : 0));
    otherwise(CMP_LT, eq);
    boolean register = second == Second.REGISTER;
    bLo = register ? main("bLo", Width.U32) : null;
    bPrevious = register ? previous("b") : null;
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr zero = Expr.of(0);
    Expr sum = aLo.plus(kHi).minus(carry.times(Expr.powerOfTwo(32)));
    Expr difference = sum.minus(bLo == null ? kLo : bLo);
    Expr answer = less.plus(eq.times(same.minus(less)));
    // negate xor answer
    Expr outcome = negate.plus(answer).minus(negate.times(answer).times(2));
    booleans(cs, less, same);
    cs.bool(carry);
    cs.zero("same claims the sum = B", same.times(difference));
    cs.equal("next pc", nextPc, pc.plus(active).plus(outcome.times(d.minus(pc).minus(1))));

    fetch(cs, operation(), d, a, b, kLo, kHi);
    next(cs, nextPc, fp, pages);
    readRegister(cs, "read a", aPrevious, active, a, 0, aLo, zero);
    access(
        cs,
        "keep the sum",
        keptPrevious,
        keep,
        space(Space.REGISTER),
        fp.plus(bLo == null ? b : kLo),
        Expr.of(3),
        new Expr[] {keptOld, zero},
        new Expr[] {sum, zero});
    if (bLo != null && bPrevious != null) {
      readRegister(cs, "read b", bPrevious, active, b, 1, bLo, zero);
    }
    range32(cs, "sum", active, sum, sum1);
    range32(
        cs,
        "difference",
        active,
        difference.plus(less.times(Expr.of((1L << 32) + 1))).plus(same).minus(1),
        x1);
  }

  // ---- fill

  /** The slot in which the sum is kept. */
  private int kept(Instruction i) {
    return bLo == null ? i.b() : (int) i.kLo();
  }

  @Override
  boolean accepts(Instruction instruction) {
    return hasFlagsOf(instruction) && instruction.bRegister() == (bLo != null);
  }

  @Override
  boolean serves(Step step) {
    Instruction i = step.instruction();
    return hi(step.a()) == 0
        && hi(step.b()) == 0
        && (!i.opcode().has(CMP_KEEP)
            || hi(step.value(Space.REGISTER, step.register(kept(i)))) == 0);
  }

  @Override
  void fill(Rows rows, Step step) {
    Instruction i = step.instruction();
    Opcode opcode = i.opcode();
    long value = lo(step.a() + i.kHi());
    boolean below = value < step.b();
    boolean equal = value == step.b();
    boolean outcome = (opcode.has(CMP_EQ) ? equal : below) != opcode.has(CMP_NEGATE);
    long difference = value - step.b() - (equal || below ? 0 : 1);
    fillState(rows, step);
    rows.set(d, Integer.toUnsignedLong(i.d()));
    rows.set(a, Integer.toUnsignedLong(i.a()));
    rows.set(b, Integer.toUnsignedLong(i.b()));
    rows.set(kLo, i.kLo());
    rows.set(kHi, i.kHi());
    fillRead(rows, step, aPrevious, i.a(), 0, "operand a", step.a());
    rows.set(aLo, step.a());
    rows.set(carry, hi(step.a() + i.kHi()));
    rows.set(sum1, value >>> 16);
    if (bLo != null && bPrevious != null) {
      fillRead(rows, step, bPrevious, i.b(), 1, "operand b", step.b());
      rows.set(bLo, step.b());
    } else {
      step.expect("operand b (constant)", step.b(), i.kLo());
    }
    rows.set(less, below);
    rows.set(same, equal);
    rows.set(x1, lo(difference) >>> 16);
    step.expect("the outcome", step.result(), outcome ? 1 : 0);
    if (opcode.has(CMP_KEEP)) {
      long address = step.register(kept(i));
      rows.set(keptOld, fillAccess(rows, step, keptPrevious, Space.REGISTER, address, 3, value));
    }
    if (outcome) {
      step.next(Integer.toUnsignedLong(i.d()), step.fp(), step.pages());
    }
    rows.set(nextPc, step.nextPc());
  }
}
