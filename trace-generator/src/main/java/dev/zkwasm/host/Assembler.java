package dev.zkwasm.host;

import dev.zkwasm.isa.Flags;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.SourceLocation;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.wasm.ModuleException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Collects lowered instructions: resolves labels and calls, keeps the source location of each, and
 * counts the WebAssembly instructions that each stands for. Slots are relative to the frame.
 */
public final class Assembler {
  /** Most instructions of a program. */
  public static final int MAX_CODE = 1 << 22;

  private final List<Instruction> code = new ArrayList<>();
  private final List<SourceLocation> locations = new ArrayList<>();
  private int[] weights = new int[256];

  /** By index of a branch or jump: where it goes. */
  private final Map<Integer, Label> targets = new HashMap<>();

  private final List<Integer> callSites = new ArrayList<>();
  private final List<Subroutine> callees = new ArrayList<>();
  private SourceLocation location = new SourceLocation(-1, "", -1, "");
  private int pendingWeight;
  private int barrier;
  private int highestSlot = -1;

  /** Sets where the next instructions come from. */
  public void at(SourceLocation source) {
    location = source;
  }

  /**
   * Counts one WebAssembly instruction, towards the next lowered instruction of the same basic
   * block if there is one.
   */
  public void countWasmInstruction() {
    pendingWeight++;
  }

  /** Index of the next instruction; its pc is one more. */
  public int size() {
    return code.size();
  }

  /** True if the last instruction can be changed: no label stands after it. */
  public boolean lastIsOpen() {
    return barrier < code.size();
  }

  public Instruction last() {
    return code.getLast();
  }

  /** Removes the last instruction, which refers to no label. */
  public Instruction removeLast() {
    int index = code.size() - 1;
    pendingWeight += weights[index];
    locations.removeLast();
    return code.removeLast();
  }

  /** Replaces the last instruction. */
  public void replaceLast(Instruction instruction) {
    note(instruction);
    code.set(code.size() - 1, instruction);
  }

  /**
   * Appends an instruction.
   *
   * @throws ModuleException if the program gets too large
   */
  public void emit(Instruction instruction) {
    if (code.size() == MAX_CODE) {
      throw new ModuleException(
          location + ": the lowered program exceeds the limit of " + MAX_CODE + " instructions");
    }
    note(instruction);
    if (code.size() == weights.length) {
      weights = Arrays.copyOf(weights, 2 * weights.length);
    }
    weights[code.size()] = pendingWeight;
    pendingWeight = 0;
    code.add(instruction);
    locations.add(location);
  }

  /** Inserts an instruction before the last one; neither refers to a label or a subroutine. */
  public void emitBeforeLast(Instruction instruction) {
    SourceLocation current = location;
    SourceLocation lastLocation = locations.getLast();
    Instruction moved = removeLast();
    emit(instruction);
    location = lastLocation;
    emit(moved);
    location = current;
  }

  private void note(Instruction i) {
    if (writesSlot(i)) {
      highestSlot = Math.max(highestSlot, i.d());
    }
    if (i.aRegister()) {
      highestSlot = Math.max(highestSlot, i.a());
    }
    if (i.bRegister()) {
      highestSlot = Math.max(highestSlot, i.b());
    }
    if (i.opcode().opClass() == OpClass.CMP && i.opcode().has(Flags.CMP_KEEP | Flags.CMP_PUT)) {
      highestSlot = Math.max(highestSlot, i.bRegister() ? (int) i.kLo() : i.b());
    }
  }

  private static boolean writesSlot(Instruction i) {
    return switch (i.opcode().opClass()) {
      case ALU, MUL, DIV, GROW -> true;
      case BIT -> !i.opcode().has(Flags.BIT_BRANCH);
      case CMP -> !i.opcode().has(Flags.CMP_BRANCH);
      case MOVE -> !i.opcode().has(Flags.MOVE_TO_GLOBAL);
      case HOST -> !i.opcode().has(Flags.HOST_RESULT | Flags.HOST_OUTPUT_BYTE);
      case MEM, FLOW, EXIT, CELL -> false;
    };
  }

  /** Starts a subroutine here. */
  public void begin(Subroutine subroutine) {
    highestSlot = -1;
    bind(subroutine.entry());
  }

  /** Ends the subroutine begun last; its frame holds every slot used and at least {@code cells}. */
  public void end(Subroutine subroutine, int cells) {
    subroutine.setFrameCells(Math.max(cells, highestSlot + 1));
    pendingWeight = 0;
  }

  /** Puts the label here. */
  public void bind(Label label) {
    if (lastIsOpen()
        && last().opcode() == Opcode.JUMP
        && Arrays.stream(label.uses()).anyMatch(use -> use == code.size() - 1)) {
      // A jump to the next instruction.
      label.removeUse(code.size() - 1);
      removeLast();
    }
    settleWeight();
    label.pc = code.size() + 1;
    barrier = code.size();
    for (int use : label.uses()) {
      code.set(use, withTarget(code.get(use), label.pc));
    }
  }

  /** Gives waiting weight to the last instruction if control falls from it to here. */
  private void settleWeight() {
    if (pendingWeight > 0 && lastIsOpen() && !endsBlock(last().opcode())) {
      weights[code.size() - 1] += pendingWeight;
      pendingWeight = 0;
    }
  }

  private static boolean endsBlock(Opcode opcode) {
    return opcode == Opcode.JUMP
        || opcode == Opcode.RETURN
        || opcode == Opcode.JUMP_INDEXED
        || opcode.opClass() == OpClass.EXIT;
  }

  private static Instruction withTarget(Instruction i, int pc) {
    return new Instruction(i.opcode(), pc, i.a(), i.b(), i.k(), i.aRegister(), i.bRegister());
  }

  // Instructions, by name.

  /** {@code d = op(a, register b)}. */
  public void op(Opcode op, int d, int a, int b) {
    emit(Instruction.ofRegisters(op, d, a, b));
  }

  /** {@code d = op(a, constant k)}. */
  public void opConstant(Opcode op, int d, int a, long k) {
    emit(Instruction.ofConstant(op, d, a, k));
  }

  public void copy(int d, int a) {
    emit(new Instruction(Opcode.COPY, d, a, 0, 0, true, false));
  }

  public void constant(int d, long k) {
    emit(new Instruction(Opcode.CONST, d, 0, 0, k, false, false));
  }

  /** Branches to the label if the comparison of registers holds. */
  public void branch(Opcode op, int a, int b, Label target) {
    branch(new Instruction(op, 0, a, b, 0, true, true), target);
  }

  /** Branches to the label if the comparison of a register with a constant holds. */
  public void branchConstant(Opcode op, int a, long k, Label target) {
    branch(new Instruction(op, 0, a, 0, k, true, false), target);
  }

  public void jump(Label target) {
    branch(new Instruction(Opcode.JUMP, 0, 0, 0, 0, false, false), target);
  }

  /** Emits a branch or jump whose target is the label. */
  public void branch(Instruction branch, Label target) {
    if (target.pc == 0) {
      target.addUse(code.size());
    }
    targets.put(code.size(), target);
    emit(withTarget(branch, target.pc));
  }

  /** The instruction that stands at a label, if it is placed and not at the end. */
  public Optional<Instruction> at(Label label) {
    return label.pc == 0 || label.pc > code.size()
        ? Optional.empty()
        : Optional.of(code.get(label.pc - 1));
  }

  /**
   * In place of a jump to a branch: goes on behind that branch if its condition does not hold, else
   * to its target. Saves a row where it does not.
   *
   * @param branchHere the branch that stands at the label, with the opposite condition
   */
  public void jumpAsBranch(Instruction branchHere, Label to) {
    int index = to.pc - 1;
    Label target = Objects.requireNonNull(targets.get(index));
    Label behind = new Label();
    behind.pc = to.pc + 1;
    pendingWeight += weights[index];
    branch(branchHere, behind);
    jump(target);
  }

  public void jumpIndexed(int a) {
    emit(new Instruction(Opcode.JUMP_INDEXED, 0, a, 0, 0, true, false));
  }

  /** Calls; the callee's slot 0 is slot {@code distance} here. */
  public void call(Subroutine callee, int distance) {
    callSites.add(code.size());
    callees.add(callee);
    emit(new Instruction(Opcode.CALL, distance, 0, 0, 0, false, false));
  }

  public void ret() {
    emit(new Instruction(Opcode.RETURN, 0, 0, 0, 0, false, false));
  }

  public void trap(TrapReason reason) {
    emit(new Instruction(Opcode.TRAP, 0, 0, 0, reason.code(), false, false));
  }

  /** {@code d = memory[register a + offset]}; offset below 2^32. */
  public void load(Opcode op, int d, int a, long offset) {
    emit(new Instruction(op, 0, a, d, offset, true, true));
  }

  /** {@code memory[register a + offset] = register b}; offset below 2^32. */
  public void store(Opcode op, int a, long offset, int b) {
    emit(new Instruction(op, 0, a, b, offset, true, true));
  }

  /** An instruction with only a destination. */
  public void read(Opcode op, int d) {
    emit(new Instruction(op, d, 0, 0, 0, false, false));
  }

  /** An instruction with a destination and a register operand. */
  public void unary(Opcode op, int d, int a) {
    emit(new Instruction(op, d, a, 0, 0, true, false));
  }

  /** An instruction with only a register operand. */
  public void use(Opcode op, int a) {
    emit(new Instruction(op, 0, a, 0, 0, true, false));
  }

  /** Completes the calls; then {@link #code}, {@link #locations} and {@link #weights} are final. */
  public void finish() {
    for (int i = 0; i < callSites.size(); i++) {
      Instruction call = code.get(callSites.get(i));
      Subroutine callee = callees.get(i);
      long k = (long) callee.frameCells() << 32 | callee.entry().pc;
      code.set(callSites.get(i), new Instruction(Opcode.CALL, call.d(), 0, 0, k, false, false));
    }
  }

  public List<Instruction> code() {
    return code;
  }

  public List<SourceLocation> locations() {
    return locations;
  }

  /** WebAssembly instructions per lowered instruction. */
  public int[] weights() {
    return Arrays.copyOf(weights, code.size());
  }
}
