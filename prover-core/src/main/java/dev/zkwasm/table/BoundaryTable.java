package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.air.Selector;
import dev.zkwasm.air.Table;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.Space;
import java.util.Arrays;

/**
 * Opens each cell that is used and is not in the image with value 0 at time 0, and takes its last
 * tuple.
 *
 * <p>No cell is opened twice: the keys of the active rows, which come first, strictly ascend, and
 * there is one instance. None is in the image: its key lies strictly between two neighbours of the
 * sorted image keys. Keys are a function of the cell, so nothing needs to be known about space and
 * address one by one.
 */
public final class BoundaryTable extends Table {
  // ---- columns

  private final Column active = main("active", Width.BIT);
  private final Column space = main("space", Width.U8);
  private final Column address = main("address", Width.U32);
  private final Column lo = main("lo", Width.U32);
  private final Column hi = main("hi", Width.U32);
  private final Column time = main("time", Width.U32);

  /** Key of the image cell before this one, and of the one after. */
  private final Column low = main("low", Width.U64);

  private final Column high = main("high", Width.U64);

  /** Key of the next active row - key - 1; 0 if there is none. */
  private final Column[] step = limbs("step");

  /** Key - low - 1. */
  private final Column[] above = limbs("above");

  /** High - key - 1. */
  private final Column[] below = limbs("below");

  BoundaryTable() {
    super("boundary", Role.SINGLE);
  }

  private Column[] limbs(String name) {
    Column[] limbs = new Column[3];
    Arrays.setAll(limbs, i -> main(name + i, Width.U16));
    return limbs;
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr key = Expr.compose(32, address, space);
    Expr nextKey = Expr.compose(32, address.next(), space.next());
    cs.bool(active);
    cs.constrain("active rows come first", Selector.TRANSITION, active.next().times(active.not()));
    cs.constrain(
        "keys ascend",
        Selector.TRANSITION,
        Expr.compose(16, step).minus(active.next().times(nextKey.minus(key).minus(1))));
    cs.constrain("nothing follows the last row", Selector.LAST, Expr.compose(16, step));
    cs.zero(
        "above the lower neighbour",
        active.times(key.minus(low).minus(1)).minus(Expr.compose(16, above)));
    cs.zero(
        "below the upper neighbour",
        active.times(high.minus(key).minus(1)).minus(Expr.compose(16, below)));

    cs.send("open", Bus.MEMORY, active, space, address, Expr.of(0), Expr.of(0), Expr.of(0));
    cs.receive("close", Bus.MEMORY, active, space, address, lo, hi, time);
    cs.send("gap", Bus.GAP, active, low, high);
    for (Column[] limbs : new Column[][] {step, above, below}) {
      for (Column limb : limbs) {
        cs.send(limb.name(), Bus.RANGE16, active, limb);
      }
    }
  }

  // ---- fill

  /** Fills a row for each accessed cell that is not in the image. */
  void fill(Rows rows, CellMemory cells, ImageKeys image) {
    Last last = new Last();
    cells.forEachAccessed(
        (of, at, value, accessed) -> {
          long key = of.key(at);
          if (image.indexOf(key) >= 0) {
            return;
          }
          // The row before is complete only now that the key after it is known.
          if (last.key >= 0) {
            rows.setLimbs(16, key - last.key - 1, step);
          }
          rows.add();
          fillCell(rows, of, at, value, accessed, image);
          last.key = key;
        });
  }

  /** Key of the last row filled. */
  private static final class Last {
    private long key = -1;
  }

  private void fillCell(Rows rows, Space of, long at, long value, long accessed, ImageKeys image) {
    long key = of.key(at);
    int gap = image.gapOf(key);
    rows.set(active, 1);
    rows.set(space, of.code());
    rows.set(address, at);
    rows.setHalves(lo, hi, value);
    rows.set(time, accessed);
    rows.set(low, image.gapLow(gap));
    rows.set(high, image.gapHigh(gap));
    rows.setLimbs(16, key - image.gapLow(gap) - 1, above);
    rows.setLimbs(16, image.gapHigh(gap) - key - 1, below);
  }
}
