package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.FLOW_CALL;
import static dev.zkwasm.isa.Flags.FLOW_JUMP;
import static dev.zkwasm.isa.Flags.FLOW_JUMP_INDEXED;
import static dev.zkwasm.isa.Flags.FLOW_RETURN;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Space;

/**
 * Class FLOW: jumps, calls, returns. Each but a plain jump accesses one cell: the index of an
 * indexed jump, or the return information at the callee's fp, a space that no other instruction can
 * name.
 */
public final class FlowTable extends InstructionTable {
  // ---- columns

  private final Column jump = flag("jump", FLOW_JUMP);
  private final Column jumpIndexed = flag("jumpIndexed", FLOW_JUMP_INDEXED);
  private final Column call = flag("call", FLOW_CALL);
  private final Column ret = flag("return", FLOW_RETURN);
  private final Column d = main("d", Width.U32);
  private final Column a = main("a", Width.U32);
  private final Column kLo = main("kLo", Width.U32);
  private final Column kHi = main("kHi", Width.U32);
  private final Column address = main("address", Width.U32);
  private final Column oldLo = main("oldLo", Width.U32);
  private final Column oldHi = main("oldHi", Width.U32);
  private final Column newLo = main("newLo", Width.U32);
  private final Column newHi = main("newHi", Width.U32);
  private final Column cellPrevious = previous("cell");
  private final Column room = main("room", Width.U16);
  private final Column nextPc = main("nextPc", Width.U32);
  private final Column nextFp = main("nextFp", Width.U32);

  FlowTable() {
    super("flow", OpClass.FLOW);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr reads = jumpIndexed.plus(ret);
    booleans(cs);
    cs.equal("address", address, fp.plus(jumpIndexed.times(a)).plus(call.times(d)));
    cs.zero("a read leaves the cell: low", reads.times(newLo.minus(oldLo)));
    cs.zero("a read leaves the cell: high", reads.times(newHi.minus(oldHi)));
    cs.zero("a call puts the return pc", call.times(newLo.minus(pc).minus(1)));
    cs.zero("a call puts the distance", call.times(newHi.minus(d)));
    cs.equal(
        "next pc",
        nextPc,
        Expr.sum(
            jump.times(d),
            jumpIndexed.times(pc.plus(1).plus(oldLo)),
            call.times(kLo),
            ret.times(oldLo)));
    cs.equal("next fp", nextFp, fp.plus(call.times(d)).minus(ret.times(oldHi)));

    fetch(cs, operation(), d, a, Expr.of(0), kLo, kHi);
    next(cs, nextPc, nextFp, pages);
    access(
        cs,
        "cell",
        cellPrevious,
        jumpIndexed.plus(call).plus(ret),
        jumpIndexed.times(Space.REGISTER.code()).plus(call.plus(ret).times(Space.RETURN.code())),
        address,
        call.plus(ret).times(2),
        new Expr[] {oldLo, oldHi},
        new Expr[] {newLo, newHi});
    range32(
        cs,
        "the frame fits the stack",
        call,
        Expr.of(Program.STACK_CELLS).minus(fp).minus(d).minus(kHi),
        room);
  }

  // ---- fill

  /** Whether a call traps for want of stack. */
  static boolean isCallWithoutStack(Step step) {
    return step.instruction().opcode() == Opcode.CALL && room(step) < 0;
  }

  @Override
  boolean serves(Step step) {
    return !isCallWithoutStack(step);
  }

  /** Cells that are left above a callee's frame; negative if the call traps. */
  static long room(Step step) {
    return Program.STACK_CELLS - step.register(step.instruction().d()) - step.instruction().kHi();
  }

  @Override
  void fill(Rows rows, Step step) {
    Instruction instruction = step.instruction();
    long distance = Integer.toUnsignedLong(instruction.d());
    fillState(rows, step);
    rows.set(d, distance);
    rows.set(a, Integer.toUnsignedLong(instruction.a()));
    rows.set(kLo, instruction.kLo());
    rows.set(kHi, instruction.kHi());
    long cell = step.fp();
    switch (instruction.opcode()) {
      case JUMP -> step.next(distance, step.fp(), step.pages());
      case JUMP_INDEXED -> {
        cell = step.register(instruction.a());
        fillRead(rows, step, cellPrevious, instruction.a(), 0, "the index", step.a());
        rows.setHalves(oldLo, oldHi, step.a());
        rows.setHalves(newLo, newHi, step.a());
        step.next(step.pc() + 1L + lo(step.a()), step.fp(), step.pages());
      }
      case CALL -> {
        cell = step.fp() + distance;
        long info = (step.pc() + 1L) | distance << 32;
        rows.setHalves(
            oldLo, oldHi, fillAccess(rows, step, cellPrevious, Space.RETURN, cell, 2, info));
        rows.setHalves(newLo, newHi, info);
        rows.set(room, room(step) >>> 16);
        step.next(instruction.kLo(), cell, step.pages());
      }
      case RETURN -> {
        long info = step.value(Space.RETURN, cell);
        fillAccess(rows, step, cellPrevious, Space.RETURN, cell, 2, info);
        rows.setHalves(oldLo, oldHi, info);
        rows.setHalves(newLo, newHi, info);
        step.next(lo(info), step.fp() - hi(info), step.pages());
      }
      default -> throw step.error("is not of class FLOW");
    }
    rows.set(address, cell);
    rows.set(nextPc, step.nextPc());
    rows.set(nextFp, step.nextFp());
  }
}
