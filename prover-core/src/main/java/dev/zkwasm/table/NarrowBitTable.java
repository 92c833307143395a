package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.BIT_AND;
import static dev.zkwasm.isa.Flags.BIT_AND_NOT;
import static dev.zkwasm.isa.Flags.BIT_B_REG;
import static dev.zkwasm.isa.Flags.BIT_OR;
import static dev.zkwasm.isa.Flags.BIT_XOR;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import org.jspecify.annotations.Nullable;

/**
 * Class BIT, narrow: as {@link BitTable}, on four bytes. Only the table of two registers has the
 * conjunction with a complement: that of a constant is a conjunction.
 */
public final class NarrowBitTable extends NarrowTable {
  // ---- columns

  private final Column and = flag("and", BIT_AND);
  private final Column or = flag("or", BIT_OR);
  private final @Nullable Column andNot;
  private final Column[] aBytes = limbs("aByte", 4, Width.U8);
  private final Column[] bBytes = limbs("bByte", 4, Width.U8);
  private final Column[] both = limbs("both", 4, Width.U8);
  private final Column cLo = main("cLo", Width.U32);

  NarrowBitTable(String name, Second second) {
    super(name, OpClass.BIT, second == Second.REGISTER ? BIT_B_REG : 0, second, Result.REGISTER);
    if (second == Second.REGISTER) {
      andNot = flag("andNot", BIT_AND_NOT);
      otherwise(BIT_XOR, and, or, andNot);
    } else {
      andNot = null;
      otherwise(BIT_XOR, and, or);
    }
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr aLo = Expr.compose(8, aBytes);
    Expr bLo = Expr.compose(8, bBytes);
    Expr conjunction = Expr.compose(8, both);
    Expr sum = aLo.plus(bLo);
    Expr xor = active.minus(and).minus(or);
    Expr result = and.times(conjunction).plus(or.times(sum.minus(conjunction)));
    if (andNot != null) {
      xor = xor.minus(andNot);
      result = result.plus(andNot.times(aLo.minus(conjunction)));
    }
    booleans(cs);
    cs.equal("result", cLo, result.plus(xor.times(sum.minus(conjunction.times(2)))));

    connect(cs, pc.plus(1), aLo, bLo, cLo);
    for (int i = 0; i < 4; i++) {
      cs.send("and of byte " + i, Bus.AND, active, aBytes[i], bBytes[i], both[i]);
    }
  }

  // ---- fill

  @Override
  void fill(Rows rows, Step step) {
    Opcode opcode = step.instruction().opcode();
    long x = step.a();
    long y = step.b();
    long result =
        opcode.has(BIT_AND)
            ? x & y
            : opcode.has(BIT_OR) ? x | y : opcode.has(BIT_AND_NOT) ? x & ~y : x ^ y;
    rows.setLimbs(8, x, aBytes);
    rows.setLimbs(8, y, bBytes);
    rows.setLimbs(8, x & y, both);
    rows.set(cLo, result);
    fillNarrow(rows, step, result);
  }
}
