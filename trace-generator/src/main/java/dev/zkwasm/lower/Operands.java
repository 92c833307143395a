package dev.zkwasm.lower;

import dev.zkwasm.host.Assembler;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The operand stack at compile time. Each position holds where its value is found: in a local, a
 * constant, a temporary, which always is the position's own slot (its <em>home</em>), or as an
 * {@link Affine} function of a local or of the home. So {@code local.get} and constants cost
 * nothing until an instruction uses them, nor do sums and products with constants.
 *
 * <p>{@link #pop} returns a position; what it held can be asked for until something is pushed
 * there.
 */
final class Operands {
  private static final byte TEMPORARY = 0;
  private static final byte CONSTANT = 1;
  private static final byte LOCAL = 2;
  private static final byte AFFINE = 3;

  private final Assembler assembler;

  /** Home of position 0. */
  private final int firstSlot;

  private int size;
  private byte[] kinds = new byte[16];
  private long[] values = new long[16];
  private @Nullable Affine[] affines = new Affine[16];

  /** For a position whose value is found in local x: the next lower such position, or -1. */
  private int[] lower = new int[16];

  /** For each local: the highest position whose value is found in it, or -1. */
  private final int[] highest;

  /**
   * Positions below hold temporaries and constants: nothing below needs to be looked at when a
   * block is entered.
   */
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
      affines = Arrays.copyOf(affines, 2 * size);
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
    findIn(push(LOCAL, local), local);
  }

  private void findIn(int position, int local) {
    lower[position] = highest[local];
    highest[local] = position;
  }

  /** Pushes a value whose base is a local or the home of the position. */
  void pushAffine(Affine affine) {
    int position = push(AFFINE, 0);
    affines[position] = affine;
    if (affine.base() < highest.length) {
      findIn(position, affine.base());
    } else if (affine.base() != home(position)) {
      throw new IllegalArgumentException("an affine value of slot " + affine.base());
    }
  }

  /** The local that the value is found in, or -1. */
  private int localOf(int position) {
    return switch (kinds[position]) {
      case LOCAL -> (int) values[position];
      case AFFINE -> {
        int base = affine(position).base();
        yield base < highest.length ? base : -1;
      }
      default -> -1;
    };
  }

  /** True if the value is affine. */
  boolean isAffine(int position) {
    return kinds[position] == AFFINE;
  }

  /** The affine value at a position that has one. */
  Affine affine(int position) {
    return Objects.requireNonNull(affines[position]);
  }

  /**
   * Says that the last instruction defines the temporary on top and could as well define another
   * slot.
   */
  void defined() {
    definition = assembler.size() - 1;
    definedPosition = size - 1;
  }

  /** Says that the last instruction defines no value on the stack. */
  void closed() {
    definition = -1;
  }

  int pop() {
    int position = --size;
    int local = localOf(position);
    if (local >= 0) {
      highest[local] = lower[position];
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

  /** The slot that holds the value; a constant or affine value is first put in its home. */
  int register(int position) {
    if (kinds[position] == LOCAL) {
      return (int) values[position];
    }
    if (kinds[position] == CONSTANT) {
      assembler.constant(home(position), values[position]);
      kinds[position] = TEMPORARY;
    } else if (kinds[position] == AFFINE) {
      affine(position).into(home(position)).forEach(assembler::emit);
      if (position < size) {
        forgetLocal(position);
      }
      kinds[position] = TEMPORARY;
      definition = assembler.size() - 1;
      definedPosition = position;
    }
    return home(position);
  }

  /** Computes affine values from a position up, before a branch on whose other side they stay. */
  void compute(int from) {
    for (int i = from; i < size; i++) {
      if (kinds[i] == AFFINE) {
        var unused = register(i);
      }
    }
  }

  /** Puts the value in a slot; nothing if it is there. */
  void move(int slot, int position) {
    if (kinds[position] == CONSTANT) {
      assembler.constant(slot, values[position]);
    } else if (kinds[position] == AFFINE) {
      affine(position).into(slot).forEach(assembler::emit);
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
    int local = localOf(position);
    if (local < 0) {
      return;
    }
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
   * Puts all locals and affine values on the stack in their homes, before a block in which they may
   * be overwritten or needed on some paths only.
   */
  void settleLocals() {
    for (int i = size - 1; i >= settled; i--) {
      if (kinds[i] == LOCAL || kinds[i] == AFFINE) {
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
      List<Instruction> instructions =
          kinds[i] == AFFINE
              ? affine(i).into(home(i))
              : List.of(new Instruction(Opcode.COPY, home(i), local, 0, 0, true, false));
      for (Instruction instruction : instructions) {
        if (beforeLast) {
          assembler.emitBeforeLast(instruction);
          definition++;
        } else {
          assembler.emit(instruction);
        }
      }
      kinds[i] = TEMPORARY;
    }
    highest[local] = -1;
  }
}
