package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.MEM_A_REG;
import static dev.zkwasm.isa.Flags.MEM_B_REG;
import static dev.zkwasm.isa.Flags.MEM_STORE;
import static dev.zkwasm.isa.Flags.MEM_WRAP;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Space;
import org.jspecify.annotations.Nullable;

/**
 * What the tables of class MEM share: address, bounds, and slot b, which a store reads and a load
 * writes. Which of them serves an access is the prover's choice.
 *
 * <p>The address is {@code 65536 page + place}, both of 16 bits, so it is below {@code 2^32}: this
 * leaves one carry where it wraps, and none where it does not. It is also {@code 8 word + offset},
 * offset below 8; a word that is no integer is the address of no cell. An access within one word is
 * in bounds if {@code page < pages}; one that goes on in the next word needs {@code word + 2 <=
 * 8192 pages}.
 *
 * <p>Where all words are of space MEMORY none of this need be shown: its cells have addresses that
 * are integers, and of those that an address can lead to they lie in the memory as it was at the
 * start.
 */
abstract class LoadStoreTable extends InstructionTable {
  // ---- columns

  final Column store = flag("store", MEM_STORE);
  private final Column aReg = flag("aReg", MEM_A_REG);
  private final Column bReg = flag("bReg", MEM_B_REG);
  private final Column wrap = flag("wrap", MEM_WRAP);
  private final Column a = main("a", Width.U32);
  private final Column b = main("b", Width.U32);
  private final Column kLo = main("kLo", Width.U32);
  private final Column kHi = main("kHi", Width.U32);
  private final Column base = main("base", Width.U32);
  private final Column aPrevious = previous("a");
  private final Column carry = main("carry", Width.BIT);
  private final Column word = main("word", Width.U32);

  /** The 64 KiB page of the address; null in a table for initial memory only. */
  private final @Nullable Column page;

  /** Upper limb of the words left after an access of two words; null for one word. */
  private final @Nullable Column room;

  /** What slot b held before: for a store the stored value itself. */
  private final Column bOldLo = main("bOldLo", Width.U32);

  private final Column bOldHi = main("bOldHi", Width.U32);
  private final Column bPrevious = previous("b");

  /** Words that an access spans. */
  private final int words;

  /**
   * A table for accesses of one kind.
   *
   * @param words words that an access spans
   * @param checksBounds whether rows show that they are in bounds; without, they serve words that
   *     are there from the start
   */
  LoadStoreTable(String name, int words, boolean checksBounds) {
    super(name, OpClass.MEM);
    this.words = words;
    this.page = checksBounds ? main("page", Width.U16) : null;
    this.room = words == 1 ? null : main("room", Width.U16);
  }

  // ---- constrain

  /**
   * Fetch, address and bounds.
   *
   * @param offset byte offset in the word, shown to be in 0..7
   */
  final void fetchAndAddress(ConstraintBuilder cs, Expr offset) {
    cs.zero("no base without register a", aReg.not().times(base));
    cs.gatedBool(carry, wrap);
    cs.equal("address", address(), word.times(8).plus(offset));

    fetch(cs, operation(), Expr.of(0), a, b, kLo, kHi);
    next(cs, pc.plus(1), fp, pages);
    readRegister(cs, "read a", aPrevious, aReg, a, 0, base, Expr.of(0));
  }

  private Expr address() {
    return base.plus(kLo).minus(carry.times(Expr.powerOfTwo(32)));
  }

  /** The address is below 2^32, and the access lies within the memory. */
  final void inBounds(ConstraintBuilder cs) {
    if (page == null) {
      return;
    }
    range16(cs, "page", active, page);
    range16(cs, "place in the page", active, address().minus(page.times(Program.PAGE)));
    if (room == null) {
      range16(cs, "page of the memory", active, pages.minus(1).minus(page));
    } else {
      range32(cs, "room", active, pages.times(Program.PAGE_WORDS).minus(words).minus(word), room);
    }
  }

  /** Slot b: a store reads the value there or has a constant, a load writes it. */
  final void accessB(ConstraintBuilder cs, Expr lo, Expr hi) {
    Expr constant = active.minus(bReg);
    cs.zero("a constant is stored: low", constant.times(lo.minus(kHi)));
    cs.zero("a constant is stored: high", constant.times(hi));
    cs.zero("a store reads slot b: low", store.times(bOldLo.minus(lo)));
    cs.zero("a store reads slot b: high", store.times(bOldHi.minus(hi)));
    access(
        cs,
        "slot b",
        bPrevious,
        bReg,
        space(Space.REGISTER),
        fp.plus(b),
        Expr.of(3).minus(store.times(2)),
        new Expr[] {bOldLo, bOldHi},
        new Expr[] {lo, hi});
  }

  /** Word number {@code index} of the access, in a space: {@code old} becomes {@code now}. */
  final void accessWord(
      ConstraintBuilder cs,
      String label,
      int index,
      Expr of,
      Column previous,
      Expr[] old,
      Expr[] now) {
    access(
        cs,
        label,
        previous,
        active,
        of,
        index == 0 ? word : word.plus(index),
        Expr.of(2),
        old,
        now);
  }

  // ---- fill

  /** Base and constant; the base register holds what the trace says. */
  private static long sum(Step step) {
    return (step.instruction().aRegister() ? step.a() : 0) + step.instruction().kLo();
  }

  /** Address of the first byte accessed. */
  static long address(Step step) {
    return step.instruction().opcode().has(MEM_WRAP) ? lo(sum(step)) : sum(step);
  }

  /** Whether the address is {@code 2^32} less than the sum. */
  static boolean wraps(Step step) {
    return address(step) != sum(step);
  }

  /** Whether the access lies within the memory. */
  static boolean inBounds(Step step) {
    long end = address(step) + step.instruction().opcode().accessSize();
    return hi(step.a()) == 0 && end <= step.pages() * Program.PAGE;
  }

  /**
   * Fills everything but the value of slot b and the words, and the read of slot b by a store;
   * returns the value stored, 0 for a load.
   */
  final long fillAddress(Rows rows, Step step) {
    Instruction instruction = step.instruction();
    fillState(rows, step);
    rows.set(a, Integer.toUnsignedLong(instruction.a()));
    rows.set(b, Integer.toUnsignedLong(instruction.b()));
    rows.set(kLo, instruction.kLo());
    rows.set(kHi, instruction.kHi());
    if (instruction.aRegister()) {
      fillRead(rows, step, aPrevious, instruction.a(), 0, "the address", step.a());
      rows.set(base, step.a());
    } else {
      step.expect("the address without a register", step.a(), 0);
    }
    long address = address(step);
    rows.set(carry, wraps(step));
    rows.set(word, address >>> 3);
    if (page != null) {
      rows.set(page, address >>> 16);
    }
    if (room != null) {
      rows.set(room, (step.pages() * Program.PAGE_WORDS - words - (address >>> 3)) >>> 16);
    }
    if (!instruction.opcode().has(MEM_STORE)) {
      return 0;
    }
    long value = step.b();
    if (instruction.bRegister()) {
      fillRead(rows, step, bPrevious, instruction.b(), 1, "the stored value", value);
    } else {
      step.expect("the stored constant", value, instruction.kHi());
    }
    rows.setHalves(bOldLo, bOldHi, value);
    return value;
  }

  /** Fills the write of a loaded value to slot b. */
  final void fillLoaded(Rows rows, Step step, long value) {
    step.expect("the loaded value", step.result(), value);
    long old =
        fillAccess(
            rows, step, bPrevious, Space.REGISTER, step.register(step.instruction().b()), 3, value);
    rows.setHalves(bOldLo, bOldHi, old);
  }
}
