package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.air.Table;
import dev.zkwasm.bus.Bus;
import java.util.List;

/**
 * The pairs of bytes (x, y) that a run asks for: provides the same as {@link BytesTable}, at a
 * height that is the run's. Short runs use it, since work at height 2^16 is nearly all of theirs.
 *
 * <p>The rows are the prover's choice, so each shows that it is what it claims to be: its nibbles
 * are looked up on every row, padding included. Then nothing that a row can provide is false, and
 * multiplicities may be free.
 */
public final class UsedBytesTable extends Table {
  /** What this table and {@link BytesTable} provide. */
  static final List<Bus> PROVIDED = List.of(Bus.RANGE16, Bus.SIGN16, Bus.PAIR, Bus.AND);

  // ---- columns

  /** x = 16 xHigh + xLow; y likewise. */
  private final Column xHigh = main("xHigh", Width.U8);

  private final Column xLow = main("xLow", Width.U8);
  private final Column yHigh = main("yHigh", Width.U8);
  private final Column yLow = main("yLow", Width.U8);

  /** The conjunctions of the nibbles. */
  private final Column bothHigh = main("bothHigh", Width.U8);

  private final Column bothLow = main("bothLow", Width.U8);

  /** Bit 7 of x. */
  private final Column sign = main("sign", Width.BIT);

  private final Column range16 = main("range16Multiplicity", Width.U32);
  private final Column sign16 = main("sign16Multiplicity", Width.U32);
  private final Column pair = main("pairMultiplicity", Width.U32);
  private final Column and = main("andMultiplicity", Width.U32);

  UsedBytesTable() {
    super("usedBytes", Role.AUXILIARY);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr x = Expr.compose(4, xLow, xHigh);
    Expr y = Expr.compose(4, yLow, yHigh);
    Expr word = x.times(256).plus(y);
    cs.send("high nibbles", Bus.TOP_NIBBLES, Expr.of(1), xHigh, yHigh, bothHigh, sign);
    cs.send("low nibbles", Bus.NIBBLES, Expr.of(1), xLow, yLow, bothLow);
    cs.receive("range16", Bus.RANGE16, range16, word);
    cs.receive("sign16", Bus.SIGN16, sign16, word, sign);
    cs.receive("pair", Bus.PAIR, pair, x, y);
    cs.receive("and", Bus.AND, and, x, y, Expr.compose(4, bothLow, bothHigh));
  }

  // ---- fill

  /** Takes over all that was asked of {@link BytesTable} so far: a row for each pair. */
  void fill(Rows rows, LookupCounter lookups) {
    List<long[]> counts = PROVIDED.stream().map(lookups::take).toList();
    List<Column> multiplicities = List.of(range16, sign16, pair, and);
    for (int word = 0; word < BytesTable.HEIGHT; word++) {
      if (isUsed(counts, word)) {
        rows.add();
        rows.set(xHigh, word >> 12);
        rows.set(xLow, word >> 8 & 0xf);
        rows.set(yHigh, word >> 4 & 0xf);
        rows.set(yLow, word & 0xf);
        int both = (word >> 8) & word & 0xff;
        rows.set(bothHigh, both >> 4);
        rows.set(bothLow, both & 0xf);
        rows.set(sign, word >> 15);
        for (int k = 0; k < multiplicities.size(); k++) {
          rows.set(multiplicities.get(k), counts.get(k)[word]);
        }
      }
    }
  }

  private static boolean isUsed(List<long[]> counts, int word) {
    for (long[] count : counts) {
      if (count[word] != 0) {
        return true;
      }
    }
    return false;
  }
}
