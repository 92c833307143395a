package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Table;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.Space;

/**
 * Gives a cell a later time and nothing else, so that accesses, which are many, may show with one
 * lookup that the cell was last accessed at most 2^16 time units before; cells left alone for
 * longer are few. A row is no step: it neither takes nor sends an execution state.
 *
 * <p>The new time is the prover's to choose. It is later than the last one by at most 2^32, and so
 * an integer, far below r; the next access of the cell shows that it is earlier than its own. So
 * the accesses of a cell stay in the order of time, and the value stays what it was.
 */
public final class TouchTable extends Table {
  /** Time that may pass until the next access of a cell. */
  static final long LIMIT = 1 << 16;

  // ---- columns

  private final Column active = main("active", Width.BIT);
  private final Column space = main("space", Width.U8);
  private final Column address = main("address", Width.U32);
  private final Column lo = main("lo", Width.U32);
  private final Column hi = main("hi", Width.U32);
  private final Column previous = main("previous", Width.U32);
  private final Column time = main("time", Width.U32);

  /** Upper 16 bits of time - previous - 1. */
  private final Column distance = main("distance", Width.U16);

  TouchTable() {
    super("touch", Role.AUXILIARY);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    cs.bool(active);

    cs.receive("old", Bus.MEMORY, active, space, address, lo, hi, previous);
    cs.send("new", Bus.MEMORY, active, space, address, lo, hi, time);
    InstructionTable.range32(cs, "earlier", active, time.minus(previous).minus(1), distance);
  }

  // ---- fill

  /** Fills the current row: a cell that was accessed last at {@code last} is touched. */
  void fill(Rows rows, Space of, long at, long value, long last, long touched) {
    rows.set(active, 1);
    rows.set(space, of.code());
    rows.set(address, at);
    rows.setHalves(lo, hi, value);
    rows.set(previous, last);
    rows.set(time, touched);
    rows.set(distance, (touched - last - 1) >>> 16);
  }
}
