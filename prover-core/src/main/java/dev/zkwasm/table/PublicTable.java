package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Table;
import dev.zkwasm.bus.Bus;

/**
 * Provides the public input, word by word. The verifier knows the words; words beyond the input are
 * 0.
 */
public final class PublicTable extends Table {
  // ---- columns

  private final Column i = instance("i", Width.U32);
  private final Column lo = instance("lo", Width.U32);
  private final Column hi = instance("hi", Width.U32);
  private final Column multiplicity = main("multiplicity", Width.U32);

  PublicTable() {
    super("public", Role.PUBLIC);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    cs.receive("word", Bus.PUBLIC, multiplicity, i, lo, hi);
  }
}
