package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.MUL_ADD;
import static dev.zkwasm.isa.Flags.MUL_HI;
import static dev.zkwasm.isa.Flags.MUL_LO;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;

/**
 * Class MUL, narrow: 32-bit products with a constant, and so shifts and rotations by constants, as
 * in {@link MulTable}. To a product a second constant may be added.
 */
public final class NarrowProductTable extends NarrowTable {
  // ---- columns

  private final Column takeLow = flag("takeLow", MUL_LO);
  private final Column takeHigh = flag("takeHigh", MUL_HI);
  private final Column add = flag("add", MUL_ADD);
  private final Column aLo = main("aLo", Width.U32);
  private final Column kLo = main("kLo", Width.U32);

  /** The summand; 0 without one. */
  private final Column kHi = main("kHi", Width.U32);

  private final Column[] low = limbs("low", 2, Width.U16);
  private final Column[] high = limbs("high", 2, Width.U16);
  private final Column cLo = main("cLo", Width.U32);

  NarrowProductTable(String name) {
    super(name, OpClass.MUL, 0, Second.CONSTANT, Result.REGISTER);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr lowPart = Expr.compose(16, low);
    Expr highPart = Expr.compose(16, high);
    booleans(cs);
    cs.zero("no summand", active.minus(add).times(kHi));
    // Below 2^64 with the summand, too.
    cs.equal(
        "product", aLo.times(kLo).plus(kHi), lowPart.plus(highPart.times(Expr.powerOfTwo(32))));
    cs.equal("result", cLo, takeLow.times(lowPart).plus(takeHigh.times(highPart)));

    connect(cs, pc.plus(1), aLo, kLo, kHi, cLo);
    range16(cs, "low0", active, low[0]);
    range16(cs, "low1", active, low[1]);
    range16(cs, "high0", active, high[0]);
    range16(cs, "high1", active, high[1]);
  }

  // ---- fill

  @Override
  boolean hasTwoConstants(Instruction instruction) {
    return instruction.opcode().has(MUL_ADD);
  }

  @Override
  void fill(Rows rows, Step step) {
    Opcode opcode = step.instruction().opcode();
    long factor = step.instruction().kLo();
    long summand = step.instruction().kHi();
    long product = step.a() * factor + summand;
    long result = (opcode.has(MUL_LO) ? lo(product) : 0) + (opcode.has(MUL_HI) ? hi(product) : 0);
    rows.set(aLo, step.a());
    rows.set(kLo, factor);
    rows.set(kHi, summand);
    rows.setLimbs(16, lo(product), low);
    rows.setLimbs(16, hi(product), high);
    rows.set(cLo, result);
    fillNarrow(rows, step, result);
  }
}
