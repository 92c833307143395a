package dev.zkwasm.spectest;

import org.jspecify.annotations.Nullable;

/** Copies code with the indices of another module; instructions of WebAssembly 2.0 but SIMD. */
final class CodeRewriter {
  /** The index in the new module of each index in the old one. */
  interface Indices {
    int type(int index);

    int function(int index);

    int table(int index);

    int global(int index);

    int element(int index);

    int data(int index);

    /** The window that the memory is in; null if memory instructions stay as they are. */
    MemoryWindows.@Nullable Window window();
  }

  private final BinaryReader in;
  private final BinaryWriter out = new BinaryWriter();
  private final Indices indices;
  private boolean growsTables;

  private CodeRewriter(BinaryReader in, Indices indices) {
    this.in = in;
    this.indices = indices;
  }

  /** A function body: locals and instructions. */
  static byte[] body(byte[] body, Indices indices) {
    CodeRewriter rewriter = new CodeRewriter(new BinaryReader(body, 0), indices);
    rewriter.function();
    return rewriter.out.bytes();
  }

  /** True if a function body has an instruction that makes some table larger. */
  static boolean growsTables(byte[] body) {
    CodeRewriter rewriter = new CodeRewriter(new BinaryReader(body, 0), SAME);
    rewriter.function();
    return rewriter.growsTables;
  }

  private void function() {
    int groups = in.u32();
    out.u32(groups);
    for (int i = 0; i < groups; i++) {
      out.u32(in.u32()).u8(in.u8());
    }
    while (!in.atEnd()) {
      instruction();
    }
  }

  /** An expression. */
  static byte[] expression(byte[] expression, Indices indices) {
    CodeRewriter rewriter = new CodeRewriter(new BinaryReader(expression, 0), indices);
    while (!rewriter.in.atEnd()) {
      rewriter.instruction();
    }
    return rewriter.out.bytes();
  }

  /** Moves the reader behind a constant expression. */
  static void skipExpression(BinaryReader in) {
    CodeRewriter rewriter = new CodeRewriter(in, SAME);
    while (rewriter.instruction() != 0x0b) {
      // Constant expressions hold no blocks: the first end is theirs.
    }
  }

  private static final Indices SAME =
      new Indices() {
        @Override
        public int type(int index) {
          return index;
        }

        @Override
        public int function(int index) {
          return index;
        }

        @Override
        public int table(int index) {
          return index;
        }

        @Override
        public int global(int index) {
          return index;
        }

        @Override
        public int element(int index) {
          return index;
        }

        @Override
        public int data(int index) {
          return index;
        }

        @Override
        public MemoryWindows.@Nullable Window window() {
          return null;
        }
      };

  private int instruction() {
    int opcode = in.u8();
    if (opcode == 0xfc) {
      prefixed();
      return opcode;
    }
    MemoryWindows.Window window = indices.window();
    if (window != null && opcode >= 0x28 && opcode <= 0x40) {
      throughWindow(opcode, window);
      return opcode;
    }
    out.u8(opcode);
    switch (opcode) {
      case 0x02, 0x03, 0x04 -> {
        long type = in.signed();
        out.signed(type < 0 ? type : indices.type((int) type));
      }
      case 0x0c, 0x0d, 0x20, 0x21, 0x22 -> copyU32(); // labels and locals
      case 0x0e -> {
        int labels = in.u32();
        out.u32(labels);
        for (int i = 0; i <= labels; i++) {
          copyU32();
        }
      }
      case 0x10, 0xd2 -> out.u32(indices.function(in.u32()));
      case 0x11 -> out.u32(indices.type(in.u32())).u32(indices.table(in.u32()));
      case 0x1c -> {
        int types = in.u32();
        out.u32(types).raw(in.take(types));
      }
      case 0x23, 0x24 -> out.u32(indices.global(in.u32()));
      case 0x25, 0x26 -> out.u32(indices.table(in.u32()));
      case 0x3f, 0x40, 0xd0 -> out.u8(in.u8()); // the memory, a reference type
      case 0x41, 0x42 -> out.signed(in.signed());
      case 0x43 -> out.raw(in.take(4));
      case 0x44 -> out.raw(in.take(8));
      default -> {
        if (opcode >= 0x28 && opcode <= 0x3e) {
          copyU32(); // alignment
          copyU32(); // offset
        } else if ((opcode > 0x1b && opcode < 0x45) || opcode > 0xd2) {
          throw new IllegalArgumentException(
              "unknown instruction 0x" + Integer.toHexString(opcode));
        }
      }
    }
    return opcode;
  }

  private void throughWindow(int opcode, MemoryWindows.Window window) {
    switch (opcode) {
      case 0x3f, 0x40 -> {
        in.u8(); // the memory
        if (opcode == 0x3f) {
          window.size(out);
        } else {
          window.grow(out);
        }
      }
      default -> window.access(out, opcode, in.u32(), in.u32());
    }
  }

  private void prefixed() {
    int opcode = in.u32();
    MemoryWindows.Window window = indices.window();
    if (window != null && (opcode == 8 || opcode == 11)) {
      window.beforeFillOrInit(out);
    } else if (window != null && opcode == 10) {
      window.beforeCopy(out);
    }
    out.u8(0xfc).u32(opcode);
    growsTables |= opcode == 15;
    switch (opcode) {
      case 0, 1, 2, 3, 4, 5, 6, 7 -> {} // saturating conversions
      case 8 -> out.u32(indices.data(in.u32())).u8(in.u8()); // memory.init
      case 9 -> out.u32(indices.data(in.u32())); // data.drop
      case 10 -> out.u8(in.u8()).u8(in.u8()); // memory.copy
      case 11 -> out.u8(in.u8()); // memory.fill
      case 12 -> out.u32(indices.element(in.u32())).u32(indices.table(in.u32())); // table.init
      case 13 -> out.u32(indices.element(in.u32())); // elem.drop
      case 14 -> out.u32(indices.table(in.u32())).u32(indices.table(in.u32())); // table.copy
      case 15, 16, 17 -> out.u32(indices.table(in.u32())); // table.grow, size, fill
      default -> throw new IllegalArgumentException("unknown instruction 0xfc " + opcode);
    }
  }

  private void copyU32() {
    out.u32(in.u32());
  }
}
