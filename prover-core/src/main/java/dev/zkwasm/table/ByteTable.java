package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.MEM_A_REG;
import static dev.zkwasm.isa.Flags.MEM_B_REG;
import static dev.zkwasm.isa.Flags.MEM_SIZE1;
import static dev.zkwasm.isa.Flags.MEM_STORE;
import static dev.zkwasm.isa.Flags.MEM_WRAP;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Space;

/**
 * Class MEM, single bytes of words that are there from the start, between registers whose upper
 * halves are 0. Three bits of the address pick a half of the word, a limb of the half and a byte of
 * the limb, and nothing else is cut. After the access the byte in memory and the low byte of slot b
 * are the same; what differs is who changed.
 */
public final class ByteTable extends InstructionTable {
  // ---- columns

  private final Column store = flag("store", MEM_STORE);
  private final Column wrap = flag("wrap", MEM_WRAP);
  private final Column a = main("a", Width.U32);
  private final Column b = main("b", Width.U32);
  private final Column kLo = main("kLo", Width.U32);
  private final Column base = main("base", Width.U32);
  private final Column aPrevious = previous("a");
  private final Column carry = main("carry", Width.BIT);
  private final Column word = main("word", Width.U32);

  /** The three bits of the offset in the word. */
  private final Column upperHalf = main("upperHalf", Width.BIT);

  private final Column upperLimb = main("upperLimb", Width.BIT);
  private final Column upperByte = main("upperByte", Width.BIT);
  private final Column oldLo = main("oldLo", Width.U32);
  private final Column oldHi = main("oldHi", Width.U32);
  private final Column newLo = main("newLo", Width.U32);
  private final Column newHi = main("newHi", Width.U32);
  private final Column wordPrevious = previous("word");

  /** The bytes of the limb that is picked, before, and the other limb of its half. */
  private final Column[] limbBytes = limbs("limbByte", 2, Width.U8);

  private final Column otherLimb = main("otherLimb", Width.U16);

  /** The byte before and after the access. */
  private final Column oldByte = main("oldByte", Width.U8);

  private final Column value = main("value", Width.U8);

  /** What is above the low byte in slot b, which a store reads; 0 for a load. */
  private final Column restByte = main("restByte", Width.U8);

  private final Column restLimb = main("restLimb", Width.U16);
  private final Column bOldLo = main("bOldLo", Width.U32);
  private final Column bPrevious = previous("b");

  ByteTable() {
    super("byte", OpClass.MEM, MEM_SIZE1 | MEM_A_REG | MEM_B_REG);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr zero = Expr.of(0);
    Expr load = active.minus(store);
    Expr half = oldLo.plus(upperHalf.times(oldHi.minus(oldLo)));
    Expr limb = Expr.compose(8, limbBytes);
    // What the half becomes greater by.
    Expr change =
        value
            .minus(oldByte)
            .times(upperByte.times((1 << 8) - 1).plus(1))
            .times(upperLimb.times((1 << 16) - 1).plus(1));
    Expr slot = Expr.sum(value, restByte.times(1 << 8), restLimb.times(1 << 16));
    booleans(cs, upperHalf, upperLimb, upperByte);
    cs.gatedBool(carry, wrap);
    cs.equal(
        "address",
        base.plus(kLo).minus(carry.times(Expr.powerOfTwo(32))),
        Expr.sum(word.times(8), upperHalf.times(4), upperLimb.times(2), upperByte));
    cs.equal(
        "limbs of the half",
        half,
        limb.plus(otherLimb.times(1 << 16))
            .plus(upperLimb.times((1 << 16) - 1).times(limb.minus(otherLimb))));
    cs.equal(
        "byte of the limb",
        oldByte,
        limbBytes[0].plus(upperByte.times(limbBytes[1].minus(limbBytes[0]))));
    cs.zero("a load leaves the byte", load.times(value.minus(oldByte)));
    cs.zero("a load has a byte only: rest byte", store.not().times(restByte));
    cs.zero("a load has a byte only: rest limb", store.not().times(restLimb));
    cs.zero("a store reads slot b", store.times(bOldLo.minus(slot)));
    cs.equal("low half of the word", newLo, oldLo.plus(upperHalf.not().times(change)));
    cs.equal("high half of the word", newHi, oldHi.plus(upperHalf.times(change)));

    fetch(cs, operation(), zero, a, b, kLo, zero);
    next(cs, pc.plus(1), fp, pages);
    readRegister(cs, "read a", aPrevious, active, a, 0, base, zero);
    access(
        cs,
        "word",
        wordPrevious,
        active,
        space(Space.MEMORY),
        word,
        Expr.of(2),
        new Expr[] {oldLo, oldHi},
        new Expr[] {newLo, newHi});
    access(
        cs,
        "slot b",
        bPrevious,
        active,
        space(Space.REGISTER),
        fp.plus(b),
        Expr.of(3).minus(store.times(2)),
        new Expr[] {bOldLo, zero},
        new Expr[] {slot, zero});
    cs.send("limb bytes", Bus.PAIR, active, limbBytes[0], limbBytes[1]);
    range16(cs, "other limb", active, otherLimb);
    cs.send("stored bytes", Bus.PAIR, store, value, restByte);
    range16(cs, "rest limb", store, restLimb);
  }

  // ---- fill

  @Override
  boolean accepts(Instruction instruction) {
    return hasFlagsOf(instruction);
  }

  @Override
  boolean serves(Step step) {
    Instruction i = step.instruction();
    long slot =
        i.opcode().has(MEM_STORE) ? step.b() : step.value(Space.REGISTER, step.register(i.b()));
    return i.kHi() == 0
        && LoadStoreTable.inBounds(step)
        && step.spaceOfWord(LoadStoreTable.address(step) >>> 3) == Space.MEMORY
        && hi(slot) == 0;
  }

  @Override
  void fill(Rows rows, Step step) {
    Instruction i = step.instruction();
    boolean storing = i.opcode().has(MEM_STORE);
    long address = LoadStoreTable.address(step);
    long at = address >>> 3;
    int bit = 8 * (int) (address & 7);
    long old = step.value(Space.MEMORY, at);
    long before = old >>> bit & 0xff;
    long after = storing ? step.b() & 0xff : before;
    long now = old + (after - before << bit);
    long half = old >>> (bit & 32) & 0xffffffffL;
    fillState(rows, step);
    rows.set(a, Integer.toUnsignedLong(i.a()));
    rows.set(b, Integer.toUnsignedLong(i.b()));
    rows.set(kLo, i.kLo());
    rows.set(base, step.a());
    rows.set(carry, LoadStoreTable.wraps(step));
    rows.set(word, at);
    rows.set(upperHalf, (bit & 32) != 0);
    rows.set(upperLimb, (bit & 16) != 0);
    rows.set(upperByte, (bit & 8) != 0);
    rows.setHalves(oldLo, oldHi, old);
    rows.setHalves(newLo, newHi, now);
    rows.setLimbs(8, half >>> (bit & 16) & 0xffff, limbBytes);
    rows.set(otherLimb, half >>> (16 - (bit & 16)) & 0xffff);
    rows.set(oldByte, before);
    rows.set(value, after);
    fillRead(rows, step, aPrevious, i.a(), 0, "the address", step.a());
    if (storing) {
      fillRead(rows, step, bPrevious, i.b(), 1, "the stored value", step.b());
      rows.set(bOldLo, step.b());
      rows.set(restByte, step.b() >>> 8 & 0xff);
      rows.set(restLimb, step.b() >>> 16);
    }
    fillAccess(rows, step, wordPrevious, Space.MEMORY, at, 2, now);
    if (!storing) {
      step.expect("the loaded value", step.result(), after);
      rows.set(
          bOldLo,
          fillAccess(rows, step, bPrevious, Space.REGISTER, step.register(i.b()), 3, after));
    }
  }
}
