package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.MEM_SIZE4;
import static dev.zkwasm.isa.Flags.MEM_SIZE8;
import static dev.zkwasm.isa.Flags.MEM_STORE;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.Space;

/**
 * Class MEM, aligned accesses of 4 or 8 bytes: whole halves of a word move, so nothing needs to be
 * cut into bytes, and every value sent is one received.
 */
public final class MemTable extends LoadStoreTable {
  // ---- columns

  private final Column size4 = flag("size4", MEM_SIZE4);
  private final Column size8 = flag("size8", MEM_SIZE8);

  /** An access of 4 bytes goes to the upper half of the word. */
  private final Column upper = main("upper", Width.BIT);

  private final Column valueLo = main("valueLo", Width.U32);
  private final Column valueHi = main("valueHi", Width.U32);
  private final Column oldLo = main("oldLo", Width.U32);
  private final Column oldHi = main("oldHi", Width.U32);
  private final Column newLo = main("newLo", Width.U32);
  private final Column newHi = main("newHi", Width.U32);
  private final Column wordPrevious = previous("word");

  /** The words that it serves. */
  private final Space space;

  /** A table for the words of a space, {@link Space#MEMORY} or {@link Space#GROWN}. */
  MemTable(String name, Space space) {
    super(name, 1, space == Space.GROWN);
    this.space = space;
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr load = active.minus(store);
    Expr lower = active.minus(upper);
    booleans(cs);
    cs.gatedBool(upper, size4);
    // What is read from or written to the low half if any is moved there, and the rest.
    cs.zero(
        "load: low half of the value",
        load.times(valueLo.minus(oldLo).minus(upper.times(oldHi.minus(oldLo)))));
    cs.zero("load: high half of the value", load.times(valueHi.minus(size8.times(oldHi))));
    cs.zero("load: the low half of the word stays", load.times(newLo.minus(oldLo)));
    cs.zero("load: the high half of the word stays", load.times(newHi.minus(oldHi)));
    cs.zero(
        "store: low half of the word",
        store.times(newLo.minus(lower.times(valueLo)).minus(upper.times(oldLo))));
    cs.zero(
        "store: high half of the word",
        store.times(
            newHi
                .minus(size8.times(valueHi))
                .minus(upper.times(valueLo))
                .minus(size4.minus(upper).times(oldHi))));

    fetchAndAddress(cs, upper.times(4));
    accessWord(
        cs,
        "word",
        0,
        space(space),
        wordPrevious,
        new Expr[] {oldLo, oldHi},
        new Expr[] {newLo, newHi});
    accessB(cs, valueLo, valueHi);
    inBounds(cs);
  }

  // ---- fill

  @Override
  boolean serves(Step step) {
    int size = step.instruction().opcode().accessSize();
    return inBounds(step)
        && size >= 4
        && (address(step) & (size - 1)) == 0
        && step.spaceOfWord(address(step) >>> 3) == space;
  }

  @Override
  void fill(Rows rows, Step step) {
    long value = fillAddress(rows, step);
    long at = address(step) >>> 3;
    boolean half = step.instruction().opcode().accessSize() == 4;
    boolean high = (address(step) & 4) != 0;
    boolean storing = step.instruction().opcode().has(MEM_STORE);
    long old = step.value(space, at);
    long now = old;
    if (!storing) {
      value = !half ? old : high ? hi(old) : lo(old);
    } else if (!half) {
      now = value;
    } else if (high) {
      now = lo(old) | value << 32;
    } else {
      now = lo(value) | hi(old) << 32;
    }
    rows.set(upper, high);
    rows.setHalves(valueLo, valueHi, value);
    rows.setHalves(oldLo, oldHi, old);
    rows.setHalves(newLo, newHi, now);
    fillAccess(rows, step, wordPrevious, space, at, 2, now);
    if (!storing) {
      fillLoaded(rows, step, value);
    }
  }
}
