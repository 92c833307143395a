package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.HOST_ARGUMENT;
import static dev.zkwasm.isa.Flags.HOST_OUTPUT_BYTE;
import static dev.zkwasm.isa.Flags.HOST_PRIVATE_WORD;
import static dev.zkwasm.isa.Flags.HOST_PUBLIC_WORD;
import static dev.zkwasm.isa.Flags.HOST_RESULT;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Space;

/**
 * Class HOST: arguments, results, input words, output bytes. One access writes either the
 * destination register or the counter of output bytes.
 *
 * <p>Values that come from outside need no range check here: arguments and public words are the
 * verifier's, private words are checked in their table, and an output byte must be one that the
 * verifier receives.
 */
public final class HostTable extends InstructionTable {
  // ---- columns

  private final Column argument = flag("argument", HOST_ARGUMENT);
  private final Column result = flag("result", HOST_RESULT);
  private final Column publicWord = flag("publicWord", HOST_PUBLIC_WORD);
  private final Column privateWord = flag("privateWord", HOST_PRIVATE_WORD);
  private final Column outputByte = flag("outputByte", HOST_OUTPUT_BYTE);
  private final Column d = main("d", Width.U32);
  private final Column a = main("a", Width.U32);
  private final Column kLo = main("kLo", Width.U32);
  private final Column aLo = main("aLo", Width.U32);
  private final Column aHi = main("aHi", Width.U32);
  private final Column aPrevious = previous("a");
  private final Column target = main("target", Width.U32);
  private final Column oldLo = main("oldLo", Width.U32);
  private final Column oldHi = main("oldHi", Width.U32);
  private final Column newLo = main("newLo", Width.U32);
  private final Column newHi = main("newHi", Width.U32);
  private final Column targetPrevious = previous("target");

  HostTable() {
    super("host", OpClass.HOST);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr toRegister = argument.plus(publicWord).plus(privateWord);
    // 64 bits: an index or a byte with anything in its upper half matches no word and no byte.
    Expr whole = Expr.compose(32, aLo, aHi);
    booleans(cs);
    cs.equal("target address", target, outputByte.not().times(fp.plus(d)));
    cs.zero("one byte more: low", outputByte.times(newLo.minus(oldLo).minus(1)));
    cs.zero("one byte more: high", outputByte.times(newHi.minus(oldHi)));

    fetch(cs, operation(), d, a, Expr.of(0), kLo, Expr.of(0));
    next(cs, pc.plus(1), fp, pages);
    access(
        cs,
        "target",
        targetPrevious,
        toRegister.plus(outputByte),
        toRegister.times(Space.REGISTER.code()).plus(outputByte.times(Space.HOST.code())),
        target,
        Expr.of(3).minus(outputByte),
        new Expr[] {oldLo, oldHi},
        new Expr[] {newLo, newHi});
    readRegister(
        cs,
        "read a",
        aPrevious,
        Expr.sum(result, publicWord, privateWord, outputByte),
        a,
        0,
        aLo,
        aHi);
    cs.receive("argument", Bus.ARGUMENT, argument, kLo, newLo, newHi);
    cs.send("result", Bus.RESULT, result, kLo, aLo, aHi);
    cs.send("public word", Bus.PUBLIC, publicWord, whole, newLo, newHi);
    cs.send("private word", Bus.PRIVATE, privateWord, whole, newLo, newHi);
    cs.send("output byte", Bus.OUTPUT, outputByte, Expr.compose(32, oldLo, oldHi), whole);
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
    long k = instruction.kLo();
    fillState(rows, step);
    rows.set(d, Integer.toUnsignedLong(instruction.d()));
    rows.set(a, Integer.toUnsignedLong(instruction.a()));
    rows.set(kLo, k);
    if (opcode != Opcode.ARGUMENT) {
      fillRead(rows, step, aPrevious, instruction.a(), 0, "operand a", step.a());
      rows.setHalves(aLo, aHi, step.a());
    }
    switch (opcode) {
      case ARGUMENT -> fillRegister(rows, step, step.argument(k));
      case PUBLIC_WORD -> fillRegister(rows, step, step.publicWords().word(step, step.a()));
      case PRIVATE_WORD -> fillRegister(rows, step, step.privateWords().word(step, step.a()));
      case RESULT -> {
        rows.set(target, step.register(instruction.d()));
        step.returned(k, step.a());
      }
      case OUTPUT_BYTE -> {
        long position = step.value(Space.HOST, 0);
        fillTarget(rows, step, Space.HOST, 0, 2, position + 1);
        step.output(position, step.a());
      }
      default -> throw step.error("is not of class HOST");
    }
  }

  private void fillRegister(Rows rows, Step step, long value) {
    step.expect("the result", step.result(), value);
    fillTarget(rows, step, Space.REGISTER, step.register(step.instruction().d()), 3, value);
  }

  private void fillTarget(Rows rows, Step step, Space space, long address, int slot, long value) {
    rows.set(target, address);
    long old = fillAccess(rows, step, targetPrevious, space, address, slot, value);
    rows.setHalves(oldLo, oldHi, old);
    rows.setHalves(newLo, newHi, value);
  }
}
