package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.air.Table;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Space;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A table whose rows are executed instructions. What they have in common is written here once: the
 * execution state, the fetch, and accesses to cells with their time check.
 *
 * <p>A row is active or padding. On padding every flag is 0, and every multiplicity is {@code
 * active} or a flag, so that padding acts on no bus.
 */
public abstract class InstructionTable extends Table {
  // ---- columns

  final Column active = main("active", Width.BIT);
  final Column pc = main("pc", Width.U32);
  final Column fp = main("fp", Width.U32);
  final Column time = main("time", Width.U32);
  final Column pages = main("pages", Width.U32);

  private final OpClass opClass;

  /** Flag bits of all instructions that the table serves. */
  private final int always;

  private final List<Flag> flags = new ArrayList<>();

  /** A flag bit without a column: an instruction has it if it has none of {@link #others}. */
  private int otherwise;

  private List<Column> others = List.of();

  /** A flag of the operation: its column and its bit. */
  private record Flag(Column column, int bit) {}

  /** A table for a whole class. */
  InstructionTable(String name, OpClass opClass) {
    this(name, opClass, 0);
  }

  /** A table for the instructions of a class that have these flag bits. */
  InstructionTable(String name, OpClass opClass, int always) {
    super(name, Role.INSTRUCTION);
    this.opClass = opClass;
    this.always = always;
  }

  /** Declares the column of a flag of this table's class. */
  final Column flag(String name, int bit) {
    Column column = main(name, Width.BIT);
    flags.add(new Flag(column, bit));
    return column;
  }

  /**
   * Declares that each instruction has this flag or one of some others, and not two of them: then
   * it needs no column.
   */
  final void otherwise(int bit, Column... exclusive) {
    otherwise = bit;
    others = List.of(exclusive);
  }

  /** Declares the column of an access besides what it reads and writes: the cell's last time. */
  final Column previous(String name) {
    return main(name + "Previous", Width.U32);
  }

  /** Declares columns {@code name0, name1, ...}. */
  final Column[] limbs(String name, int count, Width width) {
    Column[] limbs = new Column[count];
    Arrays.setAll(limbs, i -> main(name + i, width));
    return limbs;
  }

  // ---- constrain

  /** {@code class + 32 * flags}: the field F of the fetch. */
  final Expr operation() {
    Expr sum = Expr.of(opClass.code() + OpClass.RADIX * always);
    for (Flag flag : flags) {
      sum = sum.plus(flag.column.times(Math.multiplyExact(OpClass.RADIX, flag.bit)));
    }
    if (otherwise != 0) {
      Expr has = active.minus(Expr.sum(others.toArray(Expr[]::new)));
      sum = sum.plus(has.times(OpClass.RADIX * otherwise));
    }
    return sum;
  }

  /** Booleans: the active flag, and flags that are 0 on padding rows. */
  final void booleans(ConstraintBuilder cs, Column... more) {
    cs.bool(active);
    List<Column> gated = new ArrayList<>();
    flags.forEach(f -> gated.add(f.column));
    gated.addAll(List.of(more));
    gated.forEach(cs::bool);
    if (!gated.isEmpty()) {
      // Fewer booleans than the characteristic: their sum is 0 only if each is.
      cs.zero("flags only if active", Expr.sum(gated.toArray(Expr[]::new)).times(active.not()));
    }
  }

  /** Receives the execution state and fetches the instruction. */
  final void fetch(
      ConstraintBuilder cs, Expr operation, Expr d, Expr a, Expr b, Expr kLo, Expr kHi) {
    cs.receive("state", Bus.EXEC, active, pc, fp, time, pages);
    cs.send("fetch", Bus.PROGRAM, active, pc, operation, d, a, b, kLo, kHi);
  }

  /** Sends the execution state of the next row. */
  final void next(ConstraintBuilder cs, Expr nextPc, Expr nextFp, Expr nextPages) {
    cs.send(
        "next state", Bus.EXEC, active, nextPc, nextFp, time.plus(Program.TIME_STEP), nextPages);
  }

  /**
   * Accesses a cell at {@code time + slot}: takes its live tuple and puts a new one, and shows that
   * the old one is older, though not by more than 2^16: an older one is touched first ({@link
   * TouchTable}). Three interactions: where they begin a helper column and are not made, the helper
   * is 0.
   */
  final void access(
      ConstraintBuilder cs,
      String label,
      Column previous,
      Expr multiplicity,
      Expr space,
      Expr address,
      Expr slot,
      Expr[] old,
      Expr[] now) {
    Expr at = time.plus(slot);
    cs.receive(label + ": old", Bus.MEMORY, multiplicity, space, address, old[0], old[1], previous);
    cs.send(label + ": new", Bus.MEMORY, multiplicity, space, address, now[0], now[1], at);
    range16(cs, label + ": earlier", multiplicity, at.minus(previous).minus(1));
  }

  /** Reads a register of the running function. */
  final void readRegister(
      ConstraintBuilder cs,
      String label,
      Column previous,
      Expr multiplicity,
      Expr register,
      int slot,
      Expr lo,
      Expr hi) {
    Expr[] value = {lo, hi};
    access(
        cs,
        label,
        previous,
        multiplicity,
        space(Space.REGISTER),
        fp.plus(register),
        Expr.of(slot),
        value,
        value);
  }

  static Expr space(Space space) {
    return Expr.of(space.code());
  }

  /** Shows {@code 0 <= value < 2^32}, given the upper 16 bits. Two interactions. */
  static void range32(
      ConstraintBuilder cs, String label, Expr multiplicity, Expr value, Column upper) {
    range16(cs, label + ", low limb", multiplicity, value.minus(upper.times(1 << 16)));
    range16(cs, label + ", high limb", multiplicity, upper);
  }

  static void range16(ConstraintBuilder cs, String label, Expr multiplicity, Expr value) {
    cs.send(label, Bus.RANGE16, multiplicity, value);
  }

  // ---- fill

  /** The class whose instructions it serves. */
  final OpClass opClass() {
    return opClass;
  }

  /** Whether an instruction has all of {@link #always} and else flags of this table only. */
  final boolean hasFlagsOf(Instruction instruction) {
    int bits = instruction.operation() / OpClass.RADIX;
    int known = always | otherwise;
    int exclusive = otherwise;
    for (Flag flag : flags) {
      known |= flag.bit;
      exclusive |= others.contains(flag.column) ? flag.bit : 0;
    }
    return instruction.opcode().opClass() == opClass
        && (bits & always) == always
        && (bits & ~known) == 0
        && (exclusive == 0 || Integer.bitCount(bits & exclusive) == 1);
  }

  /** Whether the table may serve an instruction, as far as its operation says. */
  boolean accepts(Instruction instruction) {
    return instruction.opcode().opClass() == opClass;
  }

  /**
   * Whether the table has rows for what is executed here, an instruction that it accepts. Of an
   * instruction that several tables serve each says the same.
   */
  abstract boolean serves(Step step);

  /** Fills the current row of {@code rows}. */
  abstract void fill(Rows rows, Step step);

  /** Fills the active flag, the state and the flags. */
  final void fillState(Rows rows, Step step) {
    rows.set(active, 1);
    rows.set(pc, step.pc());
    rows.set(fp, step.fp());
    rows.set(time, step.time());
    rows.set(pages, step.pages());
    int bits = step.instruction().operation() / OpClass.RADIX;
    for (Flag flag : flags) {
      rows.set(flag.column, (bits & flag.bit) != 0);
    }
  }

  /**
   * Fills an access at {@code time + slot} that leaves {@code value} in the cell, and returns the
   * old value.
   */
  static long fillAccess(
      Rows rows, Step step, Column previous, Space space, long address, int slot, long value) {
    long old = step.value(space, address);
    long at = step.time() + slot;
    rows.set(previous, step.lastTime(space, address, at));
    step.put(space, address, value, at);
    return old;
  }

  /** Fills a read of a register and checks the recorded value. */
  static void fillRead(
      Rows rows, Step step, Column previous, int register, int slot, String what, long recorded) {
    long address = step.register(register);
    long actual = step.value(Space.REGISTER, address);
    if (recorded != actual) {
      String place = " (register " + Integer.toUnsignedString(register) + ")";
      step.expect(what + place, recorded, actual);
    }
    fillAccess(rows, step, previous, Space.REGISTER, address, slot, recorded);
  }

  static long lo(long value) {
    return value & 0xffffffffL;
  }

  static long hi(long value) {
    return value >>> 32;
  }
}
