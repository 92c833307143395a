package dev.zkwasm.lower;

import dev.zkwasm.host.Assembler;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import java.util.Arrays;

/**
 * The operand stack at compile time. Each position holds where its value is found: in a local, a
 * constant, or a temporary, which always is the position's own slot (its <em>home</em>). So {@code
 * local.get} and constants cost nothing until an instruction uses them.
 *
 * <p>{@link #pop} returns a position; what it held can be asked for until something is pushed
 * there.
 */
final class Operands {
  private static final byte TEMPORARY = 0;
  private static final byte CONSTANT = 1;
  private static final byte LOCAL = 2;

  private final Assembler assembler;

  /** Home of position 0. */
  private final int firstSlot;

  private int size;
  private byte[] kinds = new byte[16];
  private long[] values = new long[16];

  /** For a position that holds local x: the next lower position that does, or -1. */
  private int[] lower = new int[16];

  /** For each local: the highest position that holds it, or -1. */
  private final int[] highest;

  /** Positions below hold no local: nothing below needs to be looked at when a block is entered. */
  private int settled;

  /** The instruction that defined a temporary last, and its position. */
  private int definition = -1;

  private int definedPosition = -1;

  Operands(Assembler assembler, int locals) {
    this.assembler = assembler;
    // Slot 0 is never the first of a callee's frame: the callee's return cell would be the caller's
    // own.
    this.firstSlot = Math.max(1, locals);
    this.highest = new int[locals];
    Arrays.fill(highest, -1);
  }

  int size() {
    return size;
  }

  int home(int position) {
    return firstSlot + position;
  }

  private int push(byte kind, long value) {
    if (size == kinds.length) {
      kinds = Arrays.copyOf(kinds, 2 * size);
      values = Arrays.copyOf(values, 2 * size);
      lower = Arrays.copyOf(lower, 2 * size);
    }
    kinds[size] = kind;
    values[size] = value;
    return size++;
  }

  /**
   * Pushes a value that is, or is about to be put, in the position's home, and returns that slot.
   */
  int pushTemporary() {
    return home(push(TEMPORARY, 0));
  }

  void pushConstant(long value) {
    push(CONSTANT, value);
  }

  void pushLocal(int local) {
    int position = push(LOCAL, local);
    lower[position] = highest[local];
    highest[local] = position;
  }

  /**
   * Says that the last instruction defines the temporary on top and could as well define another
   * slot.
   */
  void defined() {
    definition = assembler.size() - 1;
    definedPosition = size - 1;
  }

  int pop() {
    int position = --size;
    if (kinds[position] == LOCAL) {
      highest[(int) values[position]] = lower[position];
    }
    settled = Math.min(settled, size);
    return position;
  }

  /** Drops everything from {@code newSize} up. */
  void shrinkTo(int newSize) {
    while (size > newSize) {
      pop();
    }
  }

  boolean isConstant(int position) {
    return kinds[position] == CONSTANT;
  }

  boolean isZero(int position) {
    return kinds[position] == CONSTANT && values[position] == 0;
  }

  boolean isLocal(int position, int local) {
    return kinds[position] == LOCAL && values[position] == local;
  }

  boolean isTemporary(int position) {
    return kinds[position] == TEMPORARY;
  }

  long constant(int position) {
    return values[position];
  }

  /**
   * True if the last instruction defined this temporary, so that its destination can be changed.
   */
  boolean isOpen(int position) {
    return kinds[position] == TEMPORARY
        && definedPosition == position
        && definition == assembler.size() - 1
        && assembler.lastIsOpen();
  }

  /** The slot that holds the value; a constant is first put in its home. */
  int register(int position) {
    if (kinds[position] == LOCAL) {
      return (int) values[position];
    }
    if (kinds[position] == CONSTANT) {
      assembler.constant(home(position), values[position]);
      kinds[position] = TEMPORARY;
    }
    return home(position);
  }

  /** Puts the value in a slot; nothing if it is there. */
  void move(int slot, int position) {
    if (kinds[position] == CONSTANT) {
      assembler.constant(slot, values[position]);
    } else if (register(position) != slot) {
      assembler.copy(slot, register(position));
    }
  }

  /** Puts the value in a slot, by changing the instruction that makes it where that is possible. */
  void moveForGood(int slot, int position) {
    if (isOpen(position)) {
      assembler.replaceLast(withDestination(assembler.last(), slot));
    } else {
      move(slot, position);
    }
  }

  private static Instruction withDestination(Instruction i, int slot) {
    return i.opcode().opClass() == OpClass.MEM || i.opcode().opClass() == OpClass.CELL
        ? new Instruction(i.opcode(), i.d(), i.a(), slot, i.k(), i.aRegister(), i.bRegister())
        : new Instruction(i.opcode(), slot, i.a(), i.b(), i.k(), i.aRegister(), i.bRegister());
  }

  /** Puts the value of a position on the stack in its home. */
  void settle(int position) {
    move(home(position), position);
    forgetLocal(position);
    kinds[position] = TEMPORARY;
  }

  private void forgetLocal(int position) {
    if (kinds[position] != LOCAL) {
      return;
    }
    int local = (int) values[position];
    if (highest[local] == position) {
      highest[local] = lower[position];
      return;
    }
    int above = highest[local];
    while (lower[above] != position) {
      above = lower[above];
    }
    lower[above] = lower[position];
  }

  /**
   * Puts all locals on the stack in their homes, before a block in which they may be overwritten on
   * some paths only.
   */
  void settleLocals() {
    for (int i = size - 1; i >= settled; i--) {
      if (kinds[i] == LOCAL) {
        settle(i);
      }
    }
    settled = size;
  }

  /**
   * Puts every value that is found in this local in its home, for the local is about to be
   * overwritten.
   *
   * @param beforeLast the last instruction is the one that will overwrite it
   */
  void preserve(int local, boolean beforeLast) {
    for (int i = highest[local]; i >= 0; i = lower[i]) {
      Instruction copy = new Instruction(Opcode.COPY, home(i), local, 0, 0, true, false);
      if (beforeLast) {
        assembler.emitBeforeLast(copy);
        definition++;
      } else {
        assembler.emit(copy);
      }
      kinds[i] = TEMPORARY;
    }
    highest[local] = -1;
  }
}
