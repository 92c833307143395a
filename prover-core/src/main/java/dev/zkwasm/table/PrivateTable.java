package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.air.Selector;
import dev.zkwasm.air.Table;
import dev.zkwasm.bus.Bus;
import java.util.Arrays;

/**
 * Provides the private input, word by word: each index has one word, of 64 bits. Word 0, the
 * length, has 32, because programs take it for an i32.
 */
public final class PrivateTable extends Table {
  // ---- columns

  private final Column i = main("i", Width.U32);
  private final Column[] limbs = limbs();
  private final Column multiplicity = main("multiplicity", Width.U32);

  PrivateTable() {
    super("private", Role.OPTIONAL);
  }

  private Column[] limbs() {
    Column[] columns = new Column[4];
    Arrays.setAll(columns, l -> main("limb" + l, Width.U16));
    return columns;
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    cs.constrain("counts from 0", Selector.FIRST, i);
    cs.constrain("counts", Selector.TRANSITION, i.next().minus(i).minus(1));
    cs.constrain("the length has 32 bits", Selector.FIRST, Expr.compose(16, limbs[2], limbs[3]));
    for (Column limb : limbs) {
      cs.send(limb.name(), Bus.RANGE16, Expr.of(1), limb);
    }
    cs.receive(
        "word",
        Bus.PRIVATE,
        multiplicity,
        i,
        Expr.compose(16, limbs[0], limbs[1]),
        Expr.compose(16, limbs[2], limbs[3]));
  }

  // ---- fill

  /** Fills every row. */
  void fill(Rows rows, InputWords words) {
    for (int row = 0; row < words.height(); row++) {
      rows.add();
      rows.set(i, row);
      rows.setLimbs(16, row < words.count() ? words.word(row) : 0, limbs);
    }
  }
}
