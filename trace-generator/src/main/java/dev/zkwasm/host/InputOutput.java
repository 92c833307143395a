package dev.zkwasm.host;

import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.TrapReason;
import java.util.function.IntConsumer;

/** The host interface: input words to memory, memory to output bytes. */
final class InputOutput {
  private InputOutput() {}

  static void length(Assembler a, Opcode word) {
    a.constant(0, 0);
    a.unary(word, 0, 0);
    a.ret();
  }

  /**
   * {@code (pointer, offset, length)}: checks the input's bounds, then the memory's, then copies 8
   * bytes at a time. An input offset that is no multiple of 8 makes each 8 bytes of parts of two
   * words.
   */
  static void read(Assembler a, Opcode word) {
    final int offset = 1;
    final int length = 2;
    final int t = 9;
    final int u = 10;

    a.constant(t, 0);
    a.unary(word, t, t);
    a.op(Opcode.ADD64, u, offset, length);
    Label inInput = new Label();
    a.branch(Opcode.BR_GEU, t, u, inInput);
    a.trap(TrapReason.INPUT_OUT_OF_BOUNDS);
    a.bind(inInput);
    copyWords(
        a,
        (d, index) -> a.unary(word, d, index),
        index -> a.opConstant(Opcode.ADD32, index, index, 1));
  }

  /**
   * {@code (pointer, offset, length, base, size)}: the same for a passive data segment of {@code
   * size} bytes, in the table cells from {@code base} on.
   */
  static void readSegment(Assembler a) {
    final int offset = 1;
    final int length = 2;
    final int base = 3;
    final int size = 4;
    final int t = 9;
    final int kept = 11; // what follows uses the slots below
    a.op(Opcode.ADD64, t, offset, length);
    Label inSegment = new Label();
    a.branch(Opcode.BR_GEU, size, t, inSegment);
    a.trap(TrapReason.MEMORY_OUT_OF_BOUNDS);
    a.bind(inSegment);
    a.copy(kept, base);
    copyWords(
        a,
        (d, index) -> a.emit(new Instruction(Opcode.CELL_LOAD, 0, index, d, 0, true, true)),
        index -> a.op(Opcode.ADD32, index, index, kept));
  }

  /** Emits the read of a word. */
  private interface Word {
    void read(int d, int index);
  }

  /**
   * Checks the memory's bounds, then copies 8 bytes at a time; {@code pointer, offset, length} are
   * in slots 0 to 2, slots 3 to 10 are free.
   *
   * @param word emits the read of the word whose number is in a register
   * @param toNumber emits what makes the number of a word of its index in a register
   */
  private static void copyWords(Assembler a, Word word, IntConsumer toNumber) {
    final int pointer = 0;
    final int offset = 1;
    final int length = 2;
    final int index = 3;
    final int value = 4;
    final int next = 5;
    final int shift = 6;
    final int back = 7;
    final int end8 = 8;
    final int t = 9;
    final int u = 10;

    Routine.checkMemory(a, pointer, length, t, u);
    Label some = new Label();
    a.branchConstant(Opcode.BR_NE, length, 0, some);
    a.ret();
    a.bind(some);

    // end8 = pointer + length rounded down to 8; index = word of the first byte; shift = its bits
    // in front of it.
    a.opConstant(Opcode.AND, t, length, 0xfffffff8L);
    a.op(Opcode.ADD64, end8, pointer, t);
    a.opConstant(Opcode.AND, length, length, 7);
    a.opConstant(Opcode.MULHU64, index, offset, 1L << 61);
    toNumber.accept(index);
    a.opConstant(Opcode.AND, shift, offset, 7);
    Label tail = new Label();
    Label unaligned = new Label();
    a.branchConstant(Opcode.BR_NE, shift, 0, unaligned);

    Label aligned = new Label();
    Label alignedTail = new Label();
    a.branch(Opcode.BR_GEU, pointer, end8, alignedTail);
    a.bind(aligned);
    word.read(value, index);
    a.store(Opcode.STORE64, pointer, 0, value);
    a.opConstant(Opcode.ADD32, index, index, 1);
    a.opConstant(Opcode.ADD64, pointer, pointer, 8);
    a.branch(Opcode.BR_LTU, pointer, end8, aligned);
    a.bind(alignedTail);
    Label rest = new Label();
    a.branchConstant(Opcode.BR_NE, length, 0, rest);
    a.ret();
    a.bind(rest);
    word.read(value, index);
    a.jump(tail);

    // value = the current word; each turn stores its upper part and the lower part of the next one.
    a.bind(unaligned);
    a.opConstant(Opcode.MUL64, shift, shift, 8);
    a.constant(back, 64);
    a.op(Opcode.SUB64, back, back, shift);
    word.read(value, index);
    Label turn = new Label();
    Label unalignedTail = new Label();
    a.branch(Opcode.BR_GEU, pointer, end8, unalignedTail);
    a.bind(turn);
    a.opConstant(Opcode.ADD32, index, index, 1);
    word.read(next, index);
    a.op(Opcode.SHRU64, t, value, shift);
    a.op(Opcode.SHL64, u, next, back);
    a.op(Opcode.OR, t, t, u);
    a.store(Opcode.STORE64, pointer, 0, t);
    a.copy(value, next);
    a.opConstant(Opcode.ADD64, pointer, pointer, 8);
    a.branch(Opcode.BR_LTU, pointer, end8, turn);
    a.bind(unalignedTail);
    Label more = new Label();
    a.branchConstant(Opcode.BR_NE, length, 0, more);
    a.ret();
    a.bind(more);
    a.op(Opcode.SHRU64, value, value, shift);
    // The rest of the current word holds back / 8 bytes; the next word is read only if there are
    // more.
    a.opConstant(Opcode.MUL64, t, length, 8);
    a.branch(Opcode.BR_GEU, back, t, tail);
    a.opConstant(Opcode.ADD32, index, index, 1);
    word.read(next, index);
    a.op(Opcode.SHL64, u, next, back);
    a.op(Opcode.OR, value, value, u);

    a.bind(tail);
    storeTail(a, pointer, value, length, t);
    a.ret();
  }

  /** Stores the low {@code length} (below 8) bytes of a value; destroys pointer, value and t. */
  private static void storeTail(Assembler a, int pointer, int value, int length, int t) {
    for (int size = 4; size >= 1; size /= 2) {
      Label skip = new Label();
      a.opConstant(Opcode.AND, t, length, size);
      a.branchConstant(Opcode.BR_EQ, t, 0, skip);
      a.store(
          size == 4 ? Opcode.STORE32 : size == 2 ? Opcode.STORE16 : Opcode.STORE8,
          pointer,
          0,
          value);
      if (size > 1) {
        a.opConstant(Opcode.MULHU64, value, value, 1L << (64 - 8 * size));
        a.opConstant(Opcode.ADD32, pointer, pointer, size);
      }
      a.bind(skip);
    }
  }

  /** {@code (pointer, length)}: checks the memory's bounds, then appends byte by byte. */
  static void write(Assembler a) {
    final int pointer = 0;
    final int length = 1;
    final int end = 2;
    final int end8 = 3;
    final int t = 4;
    Routine.checkMemory(a, pointer, length, t, end);
    a.opConstant(Opcode.AND, t, length, 0xfffffff8L);
    a.op(Opcode.ADD64, end8, pointer, t);
    Label eights = new Label();
    Label tail = new Label();
    a.branch(Opcode.BR_GEU, pointer, end8, tail);
    a.bind(eights);
    for (int i = 0; i < 8; i++) {
      a.load(Opcode.LOAD8, t, pointer, i);
      a.use(Opcode.OUTPUT_BYTE, t);
    }
    a.opConstant(Opcode.ADD64, pointer, pointer, 8);
    a.branch(Opcode.BR_LTU, pointer, end8, eights);
    a.bind(tail);
    Label done = new Label();
    Label bytes = new Label();
    a.branch(Opcode.BR_GEU, pointer, end, done);
    a.bind(bytes);
    a.load(Opcode.LOAD8, t, pointer, 0);
    a.use(Opcode.OUTPUT_BYTE, t);
    a.opConstant(Opcode.ADD64, pointer, pointer, 1);
    a.branch(Opcode.BR_LTU, pointer, end, bytes);
    a.bind(done);
    a.ret();
  }
}
