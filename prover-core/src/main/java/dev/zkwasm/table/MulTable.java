package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.MUL_ADD;
import static dev.zkwasm.isa.Flags.MUL_B_REG;
import static dev.zkwasm.isa.Flags.MUL_HI;
import static dev.zkwasm.isa.Flags.MUL_LEFT;
import static dev.zkwasm.isa.Flags.MUL_LO;
import static dev.zkwasm.isa.Flags.MUL_RIGHT;
import static dev.zkwasm.isa.Flags.MUL_W64;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import java.math.BigInteger;

/**
 * Class MUL: products, shifts and rotations, all as {@code a M = low + 2^W high}. M is B, or a
 * power of two that is looked up. For shifts to the right the table holds M / 2, which fits 64
 * bits. A sum {@code a k + B} takes the factor from the constant; without register b the constant
 * has both, the factor in its lower half and the summand in the upper one.
 */
public final class MulTable extends OperandTable {
  // ---- columns

  private final Column w64 = flag("w64", MUL_W64);
  private final Column takeLow = flag("takeLow", MUL_LO);
  private final Column takeHigh = flag("takeHigh", MUL_HI);
  private final Column left = flag("left", MUL_LEFT);
  private final Column right = flag("right", MUL_RIGHT);
  private final Column add = flag("add", MUL_ADD);
  private final Column aLo = main("aLo", Width.U32);
  private final Column aHi = main("aHi", Width.U32);
  private final Column bLo = main("bLo", Width.U32);
  private final Column bHi = main("bHi", Width.U32);

  /** M, or M / 2 for shifts to the right. */
  private final Column factor = main("factor", Width.U64);

  /** Low byte of B, and what is above it in the low half; for shifts. */
  private final Column amount = main("amount", Width.U8);

  private final Column[] above = limbs("above", 2, Width.U16);

  private final Column[] low = limbs("low", 4, Width.U16);
  private final Column[] high = limbs("high", 4, Width.U16);
  private final Column cLo = main("cLo", Width.U32);
  private final Column cHi = main("cHi", Width.U32);

  MulTable() {
    super("mul", OpClass.MUL, MUL_B_REG);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr shift = left.plus(right);
    // 2^W
    Expr modulus =
        Expr.powerOfTwo(32)
            .plus(w64.times(Expr.of(BigInteger.TWO.pow(64).subtract(BigInteger.TWO.pow(32)))));
    booleans(cs);
    cs.zero("factor is B", active.minus(shift).minus(add).times(factor.minus(whole(bLo, bHi))));
    cs.zero("factor is the constant", add.times(factor.minus(whole(kLo, bReg.times(kHi)))));
    Expr summand = bHi.plus(bReg.times(whole(bLo, bHi).minus(bHi)));
    cs.equal(
        "shift amount",
        shift.times(bLo),
        amount.plus(above[0].times(1 << 8)).plus(above[1].times(1 << 24)));
    cs.zero("no shift: above0 is 0", shift.not().times(above[0]));
    cs.zero("no shift: above1 is 0", shift.not().times(above[1]));
    // Both sides are integers below 2^129.
    cs.equal(
        "product",
        whole(aLo, aHi).times(factor).times(right.plus(1)).plus(add.times(summand)),
        Expr.compose(16, low[0], low[1], low[2], low[3])
            .plus(modulus.times(Expr.compose(16, high[0], high[1], high[2], high[3]))));
    cs.zero("32 bits: limb 2 of the low part is 0", active.minus(w64).times(low[2]));
    cs.zero("32 bits: limb 3 of the low part is 0", active.minus(w64).times(low[3]));
    for (int half = 0; half < 2; half++) {
      cs.equal(
          (half == 0 ? "low" : "high") + " half of the result",
          half == 0 ? cLo : cHi,
          takeLow
              .times(Expr.compose(16, low[2 * half], low[2 * half + 1]))
              .plus(takeHigh.times(Expr.compose(16, high[2 * half], high[2 * half + 1]))));
    }

    fetch(cs);
    next(cs, pc.plus(1), fp, pages);
    readA(cs, aLo, aHi);
    write(cs, active, cLo, cHi);
    readB(cs, bLo, bHi);
    cs.send("power of two", Bus.POWER, shift, amount, w64, right, factor);
    range16(cs, "above0", shift, above[0]);
    range16(cs, "above1", shift, above[1]);
    for (int i = 0; i < 4; i++) {
      range16(cs, "low" + i, active, low[i]);
    }
    for (int i = 0; i < 4; i++) {
      range16(cs, "high" + i, active, high[i]);
    }
  }

  // ---- fill

  @Override
  void fill(Rows rows, Step step) {
    Opcode opcode = step.instruction().opcode();
    boolean wide = opcode.has(MUL_W64);
    int bits = wide ? 64 : 32;
    long x = step.a();
    long y = step.b();
    boolean toLeft = opcode.has(MUL_LEFT);
    boolean toRight = opcode.has(MUL_RIGHT);
    long shift = lo(y) & (bits - 1);
    boolean adds = opcode.has(MUL_ADD);
    long k = step.instruction().k();
    boolean register = step.instruction().bRegister();
    long summand = !adds ? 0 : register ? y : hi(k);
    long m = y;
    if (toLeft) {
      m = 1L << shift;
    } else if (toRight) {
      m = 1L << (bits - 1 - shift);
    } else if (adds) {
      m = register ? k : lo(k);
    }
    // The 128-bit product, doubled for shifts to the right: then it is below 2^128 again.
    long productLow = x * m;
    long productHigh = Math.unsignedMultiplyHigh(x, m);
    if (toRight) {
      productHigh = productHigh << 1 | productLow >>> 63;
      productLow <<= 1;
    }
    productLow += summand;
    if (Long.compareUnsigned(productLow, summand) < 0) {
      productHigh++;
    }
    long lowPart = wide ? productLow : lo(productLow);
    long highPart = wide ? productHigh : productHigh << 32 | productLow >>> 32;
    if (!wide && productHigh >>> 32 != 0) {
      throw step.error("operands of a 32-bit product have upper halves that are not 0");
    }
    long result = (opcode.has(MUL_LO) ? lowPart : 0) + (opcode.has(MUL_HI) ? highPart : 0);
    fillOperands(rows, step);
    rows.setHalves(aLo, aHi, x);
    rows.setHalves(bLo, bHi, y);
    rows.set(factor, m);
    if (toLeft || toRight) {
      rows.set(amount, y & 0xff);
      rows.setLimbs(16, lo(y) >>> 8, above);
    }
    rows.setLimbs(16, lowPart, low);
    rows.setLimbs(16, highPart, high);
    rows.setHalves(cLo, cHi, result);
    fillResult(rows, step, result);
  }
}
