package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.CMP_ADD;
import static dev.zkwasm.isa.Flags.CMP_BRANCH;
import static dev.zkwasm.isa.Flags.CMP_B_REG;
import static dev.zkwasm.isa.Flags.CMP_EQ;
import static dev.zkwasm.isa.Flags.CMP_KEEP;
import static dev.zkwasm.isa.Flags.CMP_LT;
import static dev.zkwasm.isa.Flags.CMP_NEGATE;
import static dev.zkwasm.isa.Flags.CMP_PUT;
import static dev.zkwasm.isa.Flags.CMP_SIGNED;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Space;

/**
 * Class CMP, narrow: all comparisons of 32 bits, as in {@link CmpTable}, with the difference of
 * {@link NarrowBranchTable}: signed operands enter it less 2^32 times their sign.
 */
public final class NarrowCmpTable extends InstructionTable {
  // ---- columns

  private final Column bReg = flag("bReg", CMP_B_REG);

  /** Equality is asked for; otherwise order. */
  private final Column eq = flag("eq", CMP_EQ);

  private final Column signed = flag("signed", CMP_SIGNED);
  private final Column negate = flag("negate", CMP_NEGATE);
  private final Column branch = flag("branch", CMP_BRANCH);
  private final Column add = flag("add", CMP_ADD);
  private final Column keep = flag("keep", CMP_KEEP);
  private final Column put = flag("put", CMP_PUT);
  private final Column d = main("d", Width.U32);
  private final Column a = main("a", Width.U32);
  private final Column b = main("b", Width.U32);
  private final Column kLo = main("kLo", Width.U32);
  private final Column kHi = main("kHi", Width.U32);

  /** What register a holds; the first operand is {@code aLo}. */
  private final Column baseLo = main("baseLo", Width.U32);

  private final Column aPrevious = previous("a");
  private final Column carry = main("carry", Width.BIT);
  private final Column aLo = main("aLo", Width.U32);

  /** Upper limb of the first operand, and its top bit. */
  private final Column aHigh = main("aHigh", Width.U16);

  private final Column aSign = main("aSign", Width.BIT);
  private final Column bLo = main("bLo", Width.U32);
  private final Column bPrevious = previous("b");

  /** The same of the second operand. */
  private final Column bHigh = main("bHigh", Width.U16);

  private final Column bSign = main("bSign", Width.BIT);
  private final Column less = main("less", Width.BIT);
  private final Column same = main("same", Width.BIT);

  /** The difference. */
  private final Column[] x = limbs("x", 2, Width.U16);

  private final Column outcome = main("outcome", Width.BIT);
  private final Column nextPc = main("nextPc", Width.U32);

  /** What is written and where. */
  private final Column result = main("result", Width.U32);

  private final Column target = main("target", Width.U32);
  private final Column dOldLo = main("dOldLo", Width.U32);
  private final Column dPrevious = previous("d");

  NarrowCmpTable(String name) {
    super(name, OpClass.CMP);
    otherwise(CMP_LT, eq);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr zero = Expr.of(0);
    Expr two32 = Expr.powerOfTwo(32);
    Expr unsigned = aLo.minus(bLo);
    Expr difference = unsigned.minus(signed.times(aSign.minus(bSign)).times(two32));
    booleans(cs, less, same);
    cs.gatedBool(carry, add);
    cs.equal("operand a", aLo, baseLo.plus(add.times(kHi)).minus(carry.times(two32)));
    cs.zero("operand b is the constant", active.minus(bReg).times(bLo.minus(kLo)));
    cs.zero(
        "no upper half of the constant",
        active.minus(bReg).times(active.minus(add).minus(put)).times(kHi));
    cs.zero("same claims a = B", same.times(unsigned));
    cs.equal(
        "difference",
        difference.plus(less.times(two32.plus(1))).plus(same).minus(active),
        Expr.compose(16, x));
    // outcome = negate xor answer
    Expr answer = less.plus(eq.times(same.minus(less)));
    cs.equal("outcome", outcome, negate.plus(answer).minus(negate.times(answer).times(2)));
    cs.equal(
        "next pc", nextPc, pc.plus(active).plus(branch.times(outcome).times(d.minus(pc).minus(1))));
    cs.equal(
        "what is written",
        result,
        outcome.plus(keep.times(aLo.minus(outcome))).plus(put.times(kHi.minus(outcome))));
    Expr kept = b.plus(bReg.times(kLo.minus(b)));
    cs.equal("where it is written", target, d.plus(keep.plus(put).times(kept.minus(d))));

    fetch(cs, operation(), d, a, b, kLo, kHi);
    next(cs, nextPc, fp, pages);
    readRegister(cs, "read a", aPrevious, active, a, 0, baseLo, zero);
    access(
        cs,
        "write d",
        dPrevious,
        active.minus(branch).plus(keep).plus(put),
        space(Space.REGISTER),
        fp.plus(target),
        Expr.of(3),
        new Expr[] {dOldLo, zero},
        new Expr[] {result, zero});
    readRegister(cs, "read b", bPrevious, bReg, b, 1, bLo, zero);
    sign(cs, "a", aLo, aHigh, aSign);
    sign(cs, "b", bLo, bHigh, bSign);
    range16(cs, "x0", active, x[0]);
    range16(cs, "x1", active, x[1]);
  }

  /** Shows that an operand is in range, and its top bit. */
  private void sign(ConstraintBuilder cs, String name, Column operand, Column high, Column sign) {
    cs.send(name + ": sign", Bus.SIGN16, active, high, sign);
    range16(cs, name + ": low limb", active, operand.minus(high.times(1 << 16)));
  }

  // ---- fill

  /** The slot that is written, or -1. */
  private static int written(Instruction i) {
    if (i.opcode().has(CMP_KEEP | CMP_PUT)) {
      return i.bRegister() ? (int) i.kLo() : i.b();
    }
    return i.opcode().has(CMP_BRANCH) ? -1 : i.d();
  }

  @Override
  boolean accepts(Instruction instruction) {
    return hasFlagsOf(instruction);
  }

  @Override
  boolean serves(Step step) {
    int slot = written(step.instruction());
    return hi(step.a()) == 0
        && hi(step.b()) == 0
        && (slot < 0 || hi(step.value(Space.REGISTER, step.register(slot))) == 0);
  }

  @Override
  void fill(Rows rows, Step step) {
    Instruction i = step.instruction();
    Opcode opcode = i.opcode();
    boolean negative = opcode.has(CMP_SIGNED);
    long left = opcode.has(CMP_ADD) ? lo(step.a() + i.kHi()) : step.a();
    long right = step.b();
    long difference = negative ? (int) left - (long) (int) right : left - right;
    boolean below = difference < 0;
    boolean equal = difference == 0;
    boolean outcomes = (opcode.has(CMP_EQ) ? equal : below) != opcode.has(CMP_NEGATE);
    fillState(rows, step);
    rows.set(d, Integer.toUnsignedLong(i.d()));
    rows.set(a, Integer.toUnsignedLong(i.a()));
    rows.set(b, Integer.toUnsignedLong(i.b()));
    rows.set(kLo, i.kLo());
    rows.set(kHi, i.kHi());
    fillRead(rows, step, aPrevious, i.a(), 0, "operand a", step.a());
    rows.set(baseLo, step.a());
    rows.set(carry, opcode.has(CMP_ADD) && step.a() + i.kHi() != left);
    rows.set(aLo, left);
    rows.set(aHigh, left >>> 16);
    rows.set(aSign, left >>> 31);
    if (i.bRegister()) {
      fillRead(rows, step, bPrevious, i.b(), 1, "operand b", right);
    } else {
      step.expect("operand b (constant)", right, i.kLo());
    }
    rows.set(bLo, right);
    rows.set(bHigh, right >>> 16);
    rows.set(bSign, right >>> 31);
    rows.set(less, below);
    rows.set(same, equal);
    rows.setLimbs(16, lo(below || equal ? difference : difference - 1), x);
    rows.set(outcome, outcomes);
    step.expect("the outcome", step.result(), outcomes ? 1 : 0);
    long value = opcode.has(CMP_KEEP) ? left : opcode.has(CMP_PUT) ? i.kHi() : outcomes ? 1 : 0;
    int slot = written(i);
    rows.set(result, value);
    rows.set(target, Integer.toUnsignedLong(slot < 0 ? i.d() : slot));
    if (slot >= 0) {
      long address = step.register(slot);
      rows.set(dOldLo, fillAccess(rows, step, dPrevious, Space.REGISTER, address, 3, value));
    }
    if (opcode.has(CMP_BRANCH) && outcomes) {
      step.next(Integer.toUnsignedLong(i.d()), step.fp(), step.pages());
    }
    rows.set(nextPc, step.nextPc());
  }
}
