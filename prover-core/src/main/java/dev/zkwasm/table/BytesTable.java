package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.poly.TypedVector;
import java.util.List;

/**
 * All pairs of bytes: row 256 x + y. Provides 16-bit ranges and signs, pairs of bytes, and their
 * conjunctions.
 */
public final class BytesTable extends FixedTable {
  static final int HEIGHT = 1 << 16;

  // ---- columns

  private final Column x = fixed("x", Width.U8);
  private final Column y = fixed("y", Width.U8);
  private final Column both = fixed("both", Width.U8);
  private final Column sign = fixed("sign", Width.BIT);
  private final Column range16 = main("range16Multiplicity", Width.U32);
  private final Column sign16 = main("sign16Multiplicity", Width.U32);
  private final Column pair = main("pairMultiplicity", Width.U32);
  private final Column and = main("andMultiplicity", Width.U32);

  BytesTable() {
    super("bytes", HEIGHT);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr word = x.times(256).plus(y);
    cs.receive("range16", Bus.RANGE16, range16, word);
    cs.receive("sign16", Bus.SIGN16, sign16, word, sign);
    cs.receive("pair", Bus.PAIR, pair, x, y);
    cs.receive("and", Bus.AND, and, x, y, both);
  }

  // ---- fill

  @Override
  List<String> rules() {
    return List.of("floor(row / 256)", "row mod 256", "x AND y", "floor(x / 128)");
  }

  @Override
  List<TypedVector> makeFixedColumns() {
    byte[] xs = new byte[HEIGHT];
    byte[] ys = new byte[HEIGHT];
    byte[] conjunctions = new byte[HEIGHT];
    byte[] signs = new byte[HEIGHT];
    for (int row = 0; row < HEIGHT; row++) {
      int upper = row >> 8;
      int lower = row & 0xff;
      xs[row] = (byte) upper;
      ys[row] = (byte) lower;
      conjunctions[row] = (byte) (upper & lower);
      signs[row] = (byte) (upper >> 7);
    }
    return List.of(
        new TypedVector.U8(xs),
        new TypedVector.U8(ys),
        new TypedVector.U8(conjunctions),
        new TypedVector.Bits(signs));
  }
}
