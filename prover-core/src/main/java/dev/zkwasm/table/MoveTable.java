package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.MOVE_FROM_GLOBAL;
import static dev.zkwasm.isa.Flags.MOVE_FROM_MEMORY_SIZE;
import static dev.zkwasm.isa.Flags.MOVE_FROM_REGISTER;
import static dev.zkwasm.isa.Flags.MOVE_TO_GLOBAL;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Space;

/**
 * Class MOVE: a register, a global, the memory size or a constant goes to a register or a global.
 * One access serves either kind of source, one either kind of destination.
 */
public final class MoveTable extends InstructionTable {
  // ---- columns

  private final Column fromRegister = flag("fromRegister", MOVE_FROM_REGISTER);
  private final Column fromGlobal = flag("fromGlobal", MOVE_FROM_GLOBAL);
  private final Column fromMemorySize = flag("fromMemorySize", MOVE_FROM_MEMORY_SIZE);
  private final Column toGlobal = flag("toGlobal", MOVE_TO_GLOBAL);
  private final Column d = main("d", Width.U32);
  private final Column a = main("a", Width.U32);
  private final Column kLo = main("kLo", Width.U32);
  private final Column kHi = main("kHi", Width.U32);
  private final Column valueLo = main("valueLo", Width.U32);
  private final Column valueHi = main("valueHi", Width.U32);
  private final Column source = main("source", Width.U32);
  private final Column sourcePrevious = previous("source");
  private final Column target = main("target", Width.U32);
  private final Column targetOldLo = main("targetOldLo", Width.U32);
  private final Column targetOldHi = main("targetOldHi", Width.U32);
  private final Column targetPrevious = previous("target");

  MoveTable() {
    super("move", OpClass.MOVE);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr constant = active.minus(fromRegister).minus(fromGlobal).minus(fromMemorySize);
    Expr[] value = {valueLo, valueHi};
    booleans(cs);
    cs.zero("constant: low", constant.times(valueLo.minus(kLo)));
    cs.zero("constant: high", constant.times(valueHi.minus(kHi)));
    cs.zero("memory size: low", fromMemorySize.times(valueLo.minus(pages)));
    cs.zero("memory size: high", fromMemorySize.times(valueHi));
    cs.equal("source address", source, a.plus(fromRegister.times(fp)));
    cs.equal("target address", target, d.plus(toGlobal.not().times(fp)));

    fetch(cs, operation(), d, a, Expr.of(0), kLo, kHi);
    next(cs, pc.plus(1), fp, pages);
    access(
        cs,
        "target",
        targetPrevious,
        active,
        Expr.of(Space.REGISTER.code())
            .plus(toGlobal.times(Space.GLOBAL.code() - Space.REGISTER.code())),
        target,
        Expr.of(3).minus(toGlobal),
        new Expr[] {targetOldLo, targetOldHi},
        value);
    access(
        cs,
        "source",
        sourcePrevious,
        fromRegister.plus(fromGlobal),
        fromRegister.times(Space.REGISTER.code()).plus(fromGlobal.times(Space.GLOBAL.code())),
        source,
        fromGlobal.times(2),
        value,
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
    Opcode opcode = instruction.opcode();
    fillState(rows, step);
    rows.set(d, Integer.toUnsignedLong(instruction.d()));
    rows.set(a, Integer.toUnsignedLong(instruction.a()));
    rows.set(kLo, instruction.kLo());
    rows.set(kHi, instruction.kHi());
    boolean register = opcode.has(MOVE_FROM_REGISTER);
    long from = register ? step.register(instruction.a()) : Integer.toUnsignedLong(instruction.a());
    rows.set(source, from);
    long value;
    if (register || opcode.has(MOVE_FROM_GLOBAL)) {
      Space space = register ? Space.REGISTER : Space.GLOBAL;
      value = step.value(space, from);
      if (register) {
        // Which table a copy goes to depends on the recorded operand.
        step.expect("operand a", step.a(), value);
      }
      fillAccess(rows, step, sourcePrevious, space, from, register ? 0 : 2, value);
    } else if (opcode.has(MOVE_FROM_MEMORY_SIZE)) {
      value = step.pages();
    } else {
      value = instruction.k();
    }
    step.expect("the moved value", step.result(), value);
    rows.setHalves(valueLo, valueHi, value);
    boolean global = opcode.has(MOVE_TO_GLOBAL);
    long to = global ? Integer.toUnsignedLong(instruction.d()) : step.register(instruction.d());
    rows.set(target, to);
    long old =
        fillAccess(
            rows,
            step,
            targetPrevious,
            global ? Space.GLOBAL : Space.REGISTER,
            to,
            global ? 2 : 3,
            value);
    rows.setHalves(targetOldLo, targetOldHi, old);
  }
}
