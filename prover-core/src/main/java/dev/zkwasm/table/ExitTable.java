package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.EXIT_CODE;
import static dev.zkwasm.isa.Flags.EXIT_HALT;
import static dev.zkwasm.isa.Flags.EXIT_TRAP;
import static dev.zkwasm.isa.Flags.FLOW_CALL;
import static dev.zkwasm.isa.Flags.MEM_A_REG;
import static dev.zkwasm.isa.Flags.MEM_B_REG;
import static dev.zkwasm.isa.Flags.MEM_SIZE1;
import static dev.zkwasm.isa.Flags.MEM_SIZE2;
import static dev.zkwasm.isa.Flags.MEM_SIZE4;
import static dev.zkwasm.isa.Flags.MEM_SIZE8;
import static dev.zkwasm.isa.Flags.MEM_STORE;
import static dev.zkwasm.isa.Flags.MEM_WRAP;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Space;
import dev.zkwasm.isa.TrapReason;

/**
 * The end of a run: class EXIT, a memory access out of bounds (fetched as class MEM), or a call
 * that finds the stack exhausted (fetched as a call). Instead of a next state the row sends the
 * exit, so exactly one row of a proof is active.
 *
 * <p>An access or call ends here only if it could not go on: the excess over the bound is shown to
 * be in range, where the other tables show the negated difference to be.
 */
public final class ExitTable extends InstructionTable {
  private static final int RETURNED = Exit.Kind.RETURNED.ordinal();
  private static final int EXITED = Exit.Kind.EXITED.ordinal();
  private static final int TRAPPED = Exit.Kind.TRAPPED.ordinal();

  // ---- columns

  private final Column halt = flag("halt", EXIT_HALT);
  private final Column code = flag("code", EXIT_CODE);
  private final Column trap = flag("trap", EXIT_TRAP);

  /** The instruction is a memory access out of bounds; the next eight are its flags. */
  private final Column outOfBounds = main("outOfBounds", Width.BIT);

  private final Column store = main("store", Width.BIT);
  private final Column size1 = main("size1", Width.BIT);
  private final Column size2 = main("size2", Width.BIT);
  private final Column size4 = main("size4", Width.BIT);
  private final Column size8 = main("size8", Width.BIT);
  private final Column aReg = main("aReg", Width.BIT);
  private final Column bReg = main("bReg", Width.BIT);
  private final Column wrap = main("wrap", Width.BIT);

  /** The instruction is a call for which there is no stack left. */
  private final Column exhausted = main("exhausted", Width.BIT);

  private final Column d = main("d", Width.U32);
  private final Column a = main("a", Width.U32);
  private final Column b = main("b", Width.U32);
  private final Column kLo = main("kLo", Width.U32);
  private final Column kHi = main("kHi", Width.U32);
  private final Column aLo = main("aLo", Width.U32);
  private final Column aPrevious = previous("a");

  /** The address of an access, in limbs if it wraps. */
  private final Column address = main("address", Width.U64);

  private final Column carry = main("carry", Width.BIT);
  private final Column[] wrapped = limbs("wrapped", 2, Width.U16);
  private final Column output = main("output", Width.U32);
  private final Column outputPrevious = previous("output");
  private final Column[] excess = limbs("excess", 3, Width.U16);
  private final Column exitCode = main("exitCode", Width.U32);

  ExitTable() {
    super("exit", OpClass.EXIT);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr explicit = Expr.sum(halt, code, trap);
    Expr ofAccess = Expr.sum(store, size1, size2, size4, size8, aReg, bReg, wrap);
    Expr size = Expr.sum(size1, size2.times(2), size4.times(4), size8.times(8));
    booleans(cs, outOfBounds, store, size1, size2, size4, size8, aReg, bReg, wrap, exhausted);
    cs.gatedBool(carry, wrap);
    cs.equal("one way to end", active, Expr.sum(explicit, outOfBounds, exhausted));
    cs.zero("flags of an access only with one", outOfBounds.not().times(ofAccess));
    cs.zero("no operand that is not read", Expr.of(1).minus(code).minus(aReg).times(aLo));
    cs.equal(
        "exit code",
        exitCode,
        Expr.sum(
            code.times(aLo),
            trap.times(kLo),
            outOfBounds.times(TrapReason.MEMORY_OUT_OF_BOUNDS.code()),
            exhausted.times(TrapReason.CALL_STACK_EXHAUSTED.code())));
    cs.equal(
        "address",
        address,
        outOfBounds.times(aLo.plus(kLo).minus(carry.times(Expr.powerOfTwo(32)))));
    cs.equal("an address that wraps", wrap.times(address), Expr.compose(16, wrapped));
    cs.equal(
        "excess",
        Expr.compose(16, excess),
        outOfBounds
            .times(address.plus(size).minus(1).minus(pages.times(Program.PAGE)))
            .plus(exhausted.times(fp.plus(d).plus(kHi).minus(1).minus(Program.STACK_CELLS))));

    fetch(cs, anyOperation(explicit), d, a, b, kLo, kHi);
    cs.send(
        "exit",
        Bus.EXIT,
        active,
        explicitKind().plus(outOfBounds.plus(exhausted).times(TRAPPED)),
        exitCode,
        output,
        time.plus(Program.TIME_STEP));
    Expr[] bytes = {output, Expr.of(0)};
    access(
        cs,
        "output bytes",
        outputPrevious,
        active,
        space(Space.HOST),
        Expr.of(0),
        Expr.of(2),
        bytes,
        bytes);
    for (int i = 0; i < excess.length; i++) {
      range16(cs, "excess, limb " + i, active, excess[i]);
    }
    readRegister(cs, "read a", aPrevious, code.plus(aReg), a, 0, aLo, Expr.of(0));
    for (int i = 0; i < wrapped.length; i++) {
      range16(cs, "an address that wraps, limb " + i, active, wrapped[i]);
    }
  }

  private Expr explicitKind() {
    return Expr.sum(halt.times(RETURNED), code.times(EXITED), trap.times(TRAPPED));
  }

  /** The field F of any of the three classes. */
  private Expr anyOperation(Expr explicit) {
    Expr exit =
        explicit
            .times(OpClass.EXIT.code())
            .plus(flags(halt, EXIT_HALT))
            .plus(flags(code, EXIT_CODE))
            .plus(flags(trap, EXIT_TRAP));
    Expr access =
        Expr.sum(
            outOfBounds.times(OpClass.MEM.code()),
            flags(store, MEM_STORE),
            flags(size1, MEM_SIZE1),
            flags(size2, MEM_SIZE2),
            flags(size4, MEM_SIZE4),
            flags(size8, MEM_SIZE8),
            flags(aReg, MEM_A_REG),
            flags(bReg, MEM_B_REG),
            flags(wrap, MEM_WRAP));
    Expr call = exhausted.times(OpClass.FLOW.code() + OpClass.RADIX * FLOW_CALL);
    return Expr.sum(exit, access, call);
  }

  private static Expr flags(Column flag, int bit) {
    return flag.times(OpClass.RADIX * bit);
  }

  // ---- fill

  @Override
  boolean serves(Step step) {
    return switch (step.instruction().opcode().opClass()) {
      case EXIT -> true;
      case MEM -> !LoadStoreTable.inBounds(step);
      case FLOW -> FlowTable.isCallWithoutStack(step);
      default -> false;
    };
  }

  @Override
  void fill(Rows rows, Step step) {
    Instruction instruction = step.instruction();
    Opcode opcode = instruction.opcode();
    rows.set(active, 1);
    rows.set(pc, step.pc());
    rows.set(fp, step.fp());
    rows.set(time, step.time());
    rows.set(pages, step.pages());
    rows.set(d, Encoding.d(instruction));
    rows.set(a, Encoding.a(instruction));
    rows.set(b, Encoding.b(instruction));
    rows.set(kLo, Encoding.kLo(instruction));
    rows.set(kHi, Encoding.kHi(instruction));
    if (opcode == Opcode.EXIT || opcode.opClass() == OpClass.MEM && instruction.aRegister()) {
      fillRead(rows, step, aPrevious, instruction.a(), 0, "operand a", step.a());
      rows.set(aLo, step.a());
    }
    Exit exit;
    switch (opcode) {
      case HALT -> {
        rows.set(halt, 1);
        exit = Exit.returned();
      }
      case EXIT -> {
        rows.set(code, 1);
        step.expect("the upper half of the exit code", hi(step.a()), 0);
        exit = Exit.exited((int) step.a());
      }
      case TRAP -> {
        rows.set(trap, 1);
        exit = new Exit(Exit.Kind.TRAPPED, instruction.kLo());
      }
      case CALL -> {
        rows.set(exhausted, 1);
        rows.setLimbs(16, -FlowTable.room(step) - 1, excess);
        exit = Exit.trapped(TrapReason.CALL_STACK_EXHAUSTED);
      }
      default -> {
        int bits = instruction.operation() / OpClass.RADIX;
        rows.set(outOfBounds, 1);
        rows.set(store, (bits & MEM_STORE) != 0);
        rows.set(size1, (bits & MEM_SIZE1) != 0);
        rows.set(size2, (bits & MEM_SIZE2) != 0);
        rows.set(size4, (bits & MEM_SIZE4) != 0);
        rows.set(size8, (bits & MEM_SIZE8) != 0);
        rows.set(aReg, (bits & MEM_A_REG) != 0);
        rows.set(bReg, (bits & MEM_B_REG) != 0);
        rows.set(wrap, (bits & MEM_WRAP) != 0);
        long at = LoadStoreTable.address(step);
        rows.set(address, at);
        rows.set(carry, LoadStoreTable.wraps(step));
        if ((bits & MEM_WRAP) != 0) {
          rows.setLimbs(16, at, wrapped);
        }
        rows.setLimbs(16, at + opcode.accessSize() - 1 - step.pages() * Program.PAGE, excess);
        exit = Exit.trapped(TrapReason.MEMORY_OUT_OF_BOUNDS);
      }
    }
    long bytes = step.value(Space.HOST, 0);
    rows.set(output, bytes);
    fillAccess(rows, step, outputPrevious, Space.HOST, 0, 2, bytes);
    rows.set(exitCode, exit.code());
    step.exit(exit);
  }
}
