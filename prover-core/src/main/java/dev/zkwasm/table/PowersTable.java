package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.poly.TypedVector;
import java.util.List;

/**
 * Powers of two for shifts: row {@code x + 256 w + 512 right}, W = 32 or 64 as w is 0 or 1, holds
 * 2^s for shifts to the left and 2^(W - 1 - s) for shifts to the right, s = x mod W.
 */
public final class PowersTable extends FixedTable {
  static final int HEIGHT = 1 << 10;

  // ---- columns

  private final Column x = fixed("x", Width.U8);
  private final Column w = fixed("w", Width.BIT);
  private final Column right = fixed("right", Width.BIT);
  private final Column power = fixed("power", Width.U64);
  private final Column multiplicity = main("multiplicity", Width.U32);

  PowersTable() {
    super("powers", HEIGHT);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    cs.receive("power", Bus.POWER, multiplicity, x, w, right, power);
  }

  // ---- fill

  @Override
  List<String> rules() {
    return List.of(
        "row mod 256",
        "floor(row / 256) mod 2",
        "floor(row / 512)",
        "with W = 32 + 32 w and s = x mod W: 2^s if right = 0, 2^(W - 1 - s) if right = 1");
  }

  @Override
  List<TypedVector> makeFixedColumns() {
    byte[] xs = new byte[HEIGHT];
    byte[] ws = new byte[HEIGHT];
    byte[] rights = new byte[HEIGHT];
    long[] powers = new long[HEIGHT];
    for (int row = 0; row < HEIGHT; row++) {
      int bits = (row >> 8 & 1) == 0 ? 32 : 64;
      int shift = row & (bits - 1);
      boolean toRight = row >> 9 == 1;
      xs[row] = (byte) row;
      ws[row] = (byte) (row >> 8 & 1);
      rights[row] = (byte) (row >> 9);
      powers[row] = 1L << (toRight ? bits - 1 - shift : shift);
    }
    return List.of(
        new TypedVector.U8(xs),
        new TypedVector.Bits(ws),
        new TypedVector.Bits(rights),
        new TypedVector.U64(powers));
  }
}
