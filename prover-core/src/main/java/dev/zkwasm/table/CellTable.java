package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.Flags;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Space;

/**
 * Class CELL: a whole 64-bit value moves between a register and a cell of space TABLE. Either way
 * both hold the value afterwards; what differs is whose old value it is. Nothing is range-checked,
 * for the value is a copy of a received one.
 */
public final class CellTable extends InstructionTable {
  // ---- columns

  private final Column store = flag("store", Flags.CELL_STORE);
  private final Column a = main("a", Width.U32);
  private final Column b = main("b", Width.U32);
  private final Column kLo = main("kLo", Width.U32);
  private final Column index = main("index", Width.U32);
  private final Column aPrevious = previous("a");
  private final Column valueLo = main("valueLo", Width.U32);
  private final Column valueHi = main("valueHi", Width.U32);
  private final Column cellOldLo = main("cellOldLo", Width.U32);
  private final Column cellOldHi = main("cellOldHi", Width.U32);
  private final Column cellPrevious = previous("cell");
  private final Column bOldLo = main("bOldLo", Width.U32);
  private final Column bOldHi = main("bOldHi", Width.U32);
  private final Column bPrevious = previous("b");

  CellTable() {
    super("cell", OpClass.CELL);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr load = active.minus(store);
    Expr[] value = {valueLo, valueHi};
    booleans(cs);
    cs.zero("a load reads the cell: low", load.times(cellOldLo.minus(valueLo)));
    cs.zero("a load reads the cell: high", load.times(cellOldHi.minus(valueHi)));
    cs.zero("a store reads slot b: low", store.times(bOldLo.minus(valueLo)));
    cs.zero("a store reads slot b: high", store.times(bOldHi.minus(valueHi)));

    fetch(cs, operation(), Expr.of(0), a, b, kLo, Expr.of(0));
    next(cs, pc.plus(1), fp, pages);
    readRegister(cs, "read a", aPrevious, active, a, 0, index, Expr.of(0));
    access(
        cs,
        "cell",
        cellPrevious,
        active,
        space(Space.TABLE),
        index.plus(kLo),
        Expr.of(2),
        new Expr[] {cellOldLo, cellOldHi},
        value);
    access(
        cs,
        "slot b",
        bPrevious,
        active,
        space(Space.REGISTER),
        fp.plus(b),
        Expr.of(3).minus(store.times(2)),
        new Expr[] {bOldLo, bOldHi},
        value);
  }

  // ---- fill

  @Override
  boolean serves(Step step) {
    return true;
  }

  @Override
  void fill(Rows rows, Step step) {
    Instruction instruction = step.instruction();
    boolean storing = instruction.opcode().has(Flags.CELL_STORE);
    long address = step.a() + instruction.kLo();
    if (hi(step.a()) != 0 || hi(address) != 0) {
      throw step.error("accesses a table cell beyond 2^32: the program must check before");
    }
    fillState(rows, step);
    rows.set(a, Integer.toUnsignedLong(instruction.a()));
    rows.set(b, Integer.toUnsignedLong(instruction.b()));
    rows.set(kLo, instruction.kLo());
    fillRead(rows, step, aPrevious, instruction.a(), 0, "the index", step.a());
    rows.set(index, step.a());
    // A store reads slot b before the cell, a load writes it after.
    long value;
    if (storing) {
      value = step.b();
      fillRead(rows, step, bPrevious, instruction.b(), 1, "the stored value", value);
      rows.setHalves(bOldLo, bOldHi, value);
    } else {
      value = step.value(Space.TABLE, address);
      step.expect("the loaded value", step.result(), value);
    }
    rows.setHalves(valueLo, valueHi, value);
    rows.setHalves(
        cellOldLo, cellOldHi, fillAccess(rows, step, cellPrevious, Space.TABLE, address, 2, value));
    if (!storing) {
      long old =
          fillAccess(
              rows, step, bPrevious, Space.REGISTER, step.register(instruction.b()), 3, value);
      rows.setHalves(bOldLo, bOldHi, old);
    }
  }
}
