package dev.zkwasm.host;

import dev.zkwasm.isa.Opcode;

/**
 * {@code memory.fill} and {@code memory.copy}: bounds first, so that a trap leaves nothing written;
 * then 8 bytes at a time.
 */
final class BulkMemory {
  private BulkMemory() {}

  static void fill(Assembler a) {
    final int pointer = 0;
    final int value = 1;
    final int length = 2;
    final int end8 = 3;
    final int end32 = 4;
    final int t = 5;
    Routine.checkMemory(a, pointer, length, t, end8);
    a.opConstant(Opcode.AND, value, value, 0xff);
    a.opConstant(Opcode.MUL64, value, value, 0x0101010101010101L);
    a.opConstant(Opcode.AND, t, length, 0xffffffe0L);
    a.op(Opcode.ADD64, end32, pointer, t);
    a.opConstant(Opcode.AND, t, length, 0xfffffff8L);
    a.op(Opcode.ADD64, end8, pointer, t);
    Label by8 = new Label();
    a.branch(Opcode.BR_GEU, pointer, end32, by8);
    Label loop32 = new Label();
    a.bind(loop32);
    for (int i = 0; i < 32; i += 8) {
      a.store(Opcode.STORE64, pointer, i, value);
    }
    a.opConstant(Opcode.ADD64, pointer, pointer, 32);
    a.branch(Opcode.BR_LTU, pointer, end32, loop32);
    a.bind(by8);
    Label tail = new Label();
    a.branch(Opcode.BR_GEU, pointer, end8, tail);
    Label loop8 = new Label();
    a.bind(loop8);
    a.store(Opcode.STORE64, pointer, 0, value);
    a.opConstant(Opcode.ADD64, pointer, pointer, 8);
    a.branch(Opcode.BR_LTU, pointer, end8, loop8);
    a.bind(tail);
    a.opConstant(Opcode.AND, length, length, 7);
    Label rest = new Label();
    a.branchConstant(Opcode.BR_NE, length, 0, rest);
    a.ret();
    a.bind(rest);
    for (int size = 4; size >= 1; size /= 2) {
      Label skip = new Label();
      a.opConstant(Opcode.AND, t, length, size);
      a.branchConstant(Opcode.BR_EQ, t, 0, skip);
      a.store(store(size), pointer, 0, value);
      a.opConstant(Opcode.ADD32, pointer, pointer, size);
      a.bind(skip);
    }
    a.ret();
  }

  static void copy(Assembler a) {
    final int to = 0;
    final int from = 1;
    final int length = 2;
    final int end = 3;
    final int value = 4;
    final int t = 5;
    Routine.checkMemory(a, to, length, t, end);
    Routine.checkMemory(a, from, length, t, end);
    Label backward = new Label();
    Label forward = new Label();
    a.branch(Opcode.BR_GEU, from, to, forward);
    a.branch(Opcode.BR_LTU, to, end, backward); // end = from + length

    // Upwards: a word is read before any of its bytes can be overwritten, since to <= from or the
    // two are apart.
    a.bind(forward);
    a.opConstant(Opcode.AND, t, length, 0xfffffff8L);
    a.op(Opcode.ADD64, end, from, t);
    Label upTail = new Label();
    a.branch(Opcode.BR_GEU, from, end, upTail);
    Label up = new Label();
    a.bind(up);
    a.load(Opcode.LOAD64, value, from, 0);
    a.store(Opcode.STORE64, to, 0, value);
    a.opConstant(Opcode.ADD64, from, from, 8);
    a.opConstant(Opcode.ADD64, to, to, 8);
    a.branch(Opcode.BR_LTU, from, end, up);
    a.bind(upTail);
    a.opConstant(Opcode.AND, length, length, 7);
    Label upRest = new Label();
    a.branchConstant(Opcode.BR_NE, length, 0, upRest);
    a.ret();
    a.bind(upRest);
    for (int size = 4; size >= 1; size /= 2) {
      Label skip = new Label();
      a.opConstant(Opcode.AND, t, length, size);
      a.branchConstant(Opcode.BR_EQ, t, 0, skip);
      a.load(load(size), value, from, 0);
      a.store(store(size), to, 0, value);
      a.opConstant(Opcode.ADD32, from, from, size);
      a.opConstant(Opcode.ADD32, to, to, size);
      a.bind(skip);
    }
    a.ret();

    // Downwards: from < to < from + length. Pointers go to the ends and back; the odd bytes at the
    // start come last.
    a.bind(backward);
    a.op(Opcode.ADD64, to, to, length);
    a.copy(end, from);
    a.op(Opcode.ADD64, from, from, length);
    a.opConstant(Opcode.AND, t, length, 7);
    a.op(Opcode.ADD64, end, end, t);
    Label downTail = new Label();
    a.branch(Opcode.BR_GEU, end, from, downTail);
    Label down = new Label();
    a.bind(down);
    a.opConstant(Opcode.SUB64, from, from, 8);
    a.opConstant(Opcode.SUB64, to, to, 8);
    a.load(Opcode.LOAD64, value, from, 0);
    a.store(Opcode.STORE64, to, 0, value);
    a.branch(Opcode.BR_LTU, end, from, down);
    a.bind(downTail);
    for (int size = 4; size >= 1; size /= 2) {
      Label skip = new Label();
      a.opConstant(Opcode.AND, t, length, size);
      a.branchConstant(Opcode.BR_EQ, t, 0, skip);
      a.opConstant(Opcode.SUB64, from, from, size);
      a.opConstant(Opcode.SUB64, to, to, size);
      a.load(load(size), value, from, 0);
      a.store(store(size), to, 0, value);
      a.bind(skip);
    }
    a.ret();
  }

  private static Opcode load(int size) {
    return size == 4 ? Opcode.LOAD32 : size == 2 ? Opcode.LOAD16 : Opcode.LOAD8;
  }

  private static Opcode store(int size) {
    return size == 4 ? Opcode.STORE32 : size == 2 ? Opcode.STORE16 : Opcode.STORE8;
  }
}
