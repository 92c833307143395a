package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.poly.TypedVector;
import java.util.List;

/**
 * All pairs of nibbles, row 16 x + y, with their conjunctions: what {@link UsedBytesTable} asks.
 */
public final class NibblesTable extends FixedTable {
  static final int HEIGHT = 1 << 8;

  // ---- columns

  private final Column x = fixed("x", Width.U8);
  private final Column y = fixed("y", Width.U8);
  private final Column both = fixed("both", Width.U8);
  private final Column sign = fixed("sign", Width.BIT);
  private final Column nibbles = main("nibblesMultiplicity", Width.U32);
  private final Column topNibbles = main("topNibblesMultiplicity", Width.U32);

  NibblesTable() {
    super("nibbles", HEIGHT);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    cs.receive("nibbles", Bus.NIBBLES, nibbles, x, y, both);
    cs.receive("top nibbles", Bus.TOP_NIBBLES, topNibbles, x, y, both, sign);
  }

  // ---- fill

  @Override
  List<String> rules() {
    return List.of("floor(row / 16)", "row mod 16", "x AND y", "floor(x / 8)");
  }

  @Override
  List<TypedVector> makeFixedColumns() {
    byte[] xs = new byte[HEIGHT];
    byte[] ys = new byte[HEIGHT];
    byte[] conjunctions = new byte[HEIGHT];
    byte[] signs = new byte[HEIGHT];
    for (int row = 0; row < HEIGHT; row++) {
      int upper = row >> 4;
      int lower = row & 0xf;
      xs[row] = (byte) upper;
      ys[row] = (byte) lower;
      conjunctions[row] = (byte) (upper & lower);
      signs[row] = (byte) (upper >> 3);
    }
    return List.of(
        new TypedVector.U8(xs),
        new TypedVector.U8(ys),
        new TypedVector.U8(conjunctions),
        new TypedVector.Bits(signs));
  }
}
