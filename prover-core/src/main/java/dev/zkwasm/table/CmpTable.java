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
import static dev.zkwasm.isa.Flags.CMP_W64;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import java.math.BigInteger;

/**
 * Class CMP: comparison to a value or with a branch.
 *
 * <p>Both kinds look at one difference x = a - B, shifted into {@code [0, 2^64)} by the borrow.
 * Less: the borrow says so. Equal: {@code same} claims x = 0; if it is not claimed, {@code x + 2^64
 * borrow + borrow - 1} must be in range, which it cannot be for x = 0, with either borrow. So
 * neither answer can be forged, and no inverse is needed.
 *
 * <p>The first operand is register a, or its sum with a constant on 32 bits. A branch may put that
 * sum, or another constant, in a register.
 */
public final class CmpTable extends OperandTable {
  // ---- columns

  private final Column w64 = flag("w64", CMP_W64);
  private final Column eq = flag("eq", CMP_EQ);
  private final Column lt = flag("lt", CMP_LT);
  private final Column signed = flag("signed", CMP_SIGNED);
  private final Column negate = flag("negate", CMP_NEGATE);
  private final Column branch = flag("branch", CMP_BRANCH);
  private final Column add = flag("add", CMP_ADD);
  private final Column keep = flag("keep", CMP_KEEP);
  private final Column put = flag("put", CMP_PUT);

  /** What register a holds; the first operand is {@code aLo, aHi}. */
  private final Column baseLo = main("baseLo", Width.U32);

  private final Column baseHi = main("baseHi", Width.U32);
  private final Column carry = main("carry", Width.BIT);

  /** Operand a is cut into limbs: it is signed or a sum. */
  private final Column cut = main("cut", Width.BIT);

  private final Column aLo = main("aLo", Width.U32);
  private final Column aHi = main("aHi", Width.U32);
  private final Column bLo = main("bLo", Width.U32);
  private final Column bHi = main("bHi", Width.U32);

  /**
   * Limbs of the word that holds the sign of an operand, and its top bit; 0 if it is neither signed
   * nor a sum.
   */
  private final Column aSignLow = main("aSignLow", Width.U16);

  private final Column aSignHigh = main("aSignHigh", Width.U16);
  private final Column aSign = main("aSign", Width.BIT);
  private final Column bSignLow = main("bSignLow", Width.U16);
  private final Column bSignHigh = main("bSignHigh", Width.U16);
  private final Column bSign = main("bSign", Width.BIT);

  private final Column[] x = limbs("x", 4, Width.U16);
  private final Column borrow = main("borrow", Width.BIT);
  private final Column same = main("same", Width.BIT);
  private final Column outcome = main("outcome", Width.BIT);
  private final Column nextPc = main("nextPc", Width.U32);

  /** What is written and where. */
  private final Column result = main("result", Width.U32);

  private final Column target = main("target", Width.U32);

  CmpTable() {
    super("cmp", OpClass.CMP, CMP_B_REG);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr difference = whole(aLo, aHi).minus(whole(bLo, bHi));
    Expr two64 = Expr.powerOfTwo(64);
    // 2^W
    Expr modulus =
        Expr.powerOfTwo(32)
            .plus(w64.times(Expr.of(BigInteger.TWO.pow(64).subtract(BigInteger.TWO.pow(32)))));
    booleans(cs);
    cs.gatedBool(carry, add);
    cs.zero("operand a: low", add.not().times(aLo.minus(baseLo)));
    cs.zero("operand a: high", add.not().times(aHi.minus(baseHi)));
    cs.zero(
        "sum: low", add.times(baseLo.plus(kHi).minus(carry.times(Expr.powerOfTwo(32))).minus(aLo)));
    cs.zero("sum: high", add.times(aHi));
    cs.equal("cut if signed or a sum", cut, signed.plus(add).minus(signed.times(add)));
    cs.bool(borrow);
    cs.gatedBool(same, eq);
    cs.bool(aSign);
    cs.bool(bSign);
    sign(cs, "a", cut, aLo, aHi, aSignLow, aSignHigh, aSign);
    sign(cs, "b", signed, bLo, bHi, bSignLow, bSignHigh, bSign);
    cs.zero("same claims a = B", same.times(difference));
    cs.equal(
        "difference",
        difference
            .minus(modulus.times(signed.times(aSign).minus(bSign)))
            .plus(borrow.times(two64))
            .plus(eq.times(borrow.minus(1).plus(same))),
        Expr.compose(16, x[0], x[1], x[2], x[3]));
    // outcome = negate xor answer
    Expr answer = same.plus(lt.times(borrow));
    cs.equal("outcome", outcome, negate.plus(answer).minus(negate.times(answer).times(2)));
    cs.equal(
        "next pc", nextPc, pc.plus(active).plus(branch.times(outcome).times(d.minus(pc).minus(1))));
    cs.equal(
        "what is written",
        result,
        outcome.plus(keep.times(aLo.minus(outcome))).plus(put.times(kHi.minus(outcome))));
    Expr kept = b.plus(bReg.times(kLo.minus(b)));
    cs.equal("where it is written", target, d.plus(keep.plus(put).times(kept.minus(d))));

    fetch(cs);
    next(cs, nextPc, fp, pages);
    readA(cs, baseLo, baseHi);
    write(cs, active.minus(branch).plus(keep).plus(put), target, result, Expr.of(0));
    readB(cs, bLo, bHi, add.plus(put).not().times(kHi));
    for (int i = 0; i < 4; i++) {
      range16(cs, "x" + i, active, x[i]);
    }
    cs.send("a: sign", Bus.SIGN16, cut, aSignHigh, aSign);
    range16(cs, "a: low limb of the sign's word", cut, aSignLow);
    cs.send("b: sign", Bus.SIGN16, signed, bSignHigh, bSign);
    range16(cs, "b: low limb of the sign's word", signed, bSignLow);
  }

  private void sign(
      ConstraintBuilder cs,
      String name,
      Column gate,
      Column lo,
      Column hi,
      Column low,
      Column high,
      Column sign) {
    Expr word = lo.plus(w64.times(hi.minus(lo)));
    cs.equal(name + ": the sign's word", gate.times(word), Expr.compose(16, low, high));
    cs.zero(name + ": no high limb if unsigned", gate.not().times(high));
    cs.zero(name + ": no sign if unsigned", gate.not().times(sign));
  }

  // ---- fill

  @Override
  void fill(Rows rows, Step step) {
    Instruction instruction = step.instruction();
    Opcode opcode = instruction.opcode();
    boolean adds = opcode.has(CMP_ADD);
    long left = adds ? lo(step.a() + instruction.kHi()) : step.a();
    long right = step.b();
    boolean puts = opcode.has(CMP_PUT);
    fillOperands(rows, step, adds || puts ? instruction.kLo() : instruction.k());
    rows.setHalves(baseLo, baseHi, step.a());
    rows.set(cut, adds || opcode.has(CMP_SIGNED));
    if (adds) {
      rows.set(carry, lo(step.a()) + instruction.kHi() != left);
      fillSign(rows, left, aSignLow, aSignHigh, aSign);
    }
    rows.setHalves(aLo, aHi, left);
    rows.setHalves(bLo, bHi, right);
    boolean answer;
    if (opcode.has(CMP_EQ)) {
      answer = left == right;
      boolean less = Long.compareUnsigned(left, right) < 0;
      rows.set(same, answer);
      rows.set(borrow, less);
      rows.setLimbs(16, answer || less ? left - right : left - right - 1, x);
    } else if (opcode.has(CMP_SIGNED)) {
      boolean wide = opcode.has(CMP_W64);
      fillSign(rows, wide ? hi(left) : lo(left), aSignLow, aSignHigh, aSign);
      fillSign(rows, wide ? hi(right) : lo(right), bSignLow, bSignHigh, bSign);
      long signedLeft = wide ? left : (int) left;
      long signedRight = wide ? right : (int) right;
      answer = signedLeft < signedRight;
      rows.set(borrow, answer);
      rows.setLimbs(16, signedLeft - signedRight, x);
    } else {
      answer = Long.compareUnsigned(left, right) < 0;
      rows.set(borrow, answer);
      rows.setLimbs(16, left - right, x);
    }
    long answered = answer != opcode.has(CMP_NEGATE) ? 1 : 0;
    boolean keeps = opcode.has(CMP_KEEP);
    int written =
        !keeps && !puts
            ? instruction.d()
            : instruction.bRegister() ? (int) instruction.kLo() : instruction.b();
    rows.set(outcome, answered);
    long value = keeps ? left : puts ? instruction.kHi() : answered;
    rows.set(result, value);
    rows.set(target, Integer.toUnsignedLong(written));
    if (opcode.has(CMP_BRANCH)) {
      step.expect("the outcome", step.result(), answered);
      if (answered == 1) {
        step.next(Integer.toUnsignedLong(instruction.d()), step.fp(), step.pages());
      }
      if (keeps || puts) {
        fillWrite(rows, step, written, value);
      }
    } else {
      fillResult(rows, step, answered);
    }
    rows.set(nextPc, step.nextPc());
  }

  private static void fillSign(Rows rows, long word, Column low, Column high, Column sign) {
    rows.setLimbs(16, word, low, high);
    rows.set(sign, word >>> 31);
  }
}
