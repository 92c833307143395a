package dev.zkwasm.testing;

import dev.zkwasm.exec.TraceSink;
import dev.zkwasm.isa.Flags;
import dev.zkwasm.isa.ImageCell;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Space;
import dev.zkwasm.isa.TraceBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What outlives a call: globals, tables, linear memory and its size. It follows the records of a
 * run, which say all that a run writes, and makes the program that a next call continues with: the
 * same code with this state as its image. (A run proper always starts from the module's own image.)
 */
public final class MachineState implements TraceSink {
  private final Program program;
  private final Map<Long, Long> globals = new TreeMap<>();
  private final Map<Long, Long> words = new TreeMap<>();
  private final Map<Long, Long> cells = new TreeMap<>();
  private int pages;

  /** The state at the start of a program. */
  public MachineState(Program program) {
    this.program = program;
    this.pages = program.initialMemoryPages();
    for (ImageCell cell : program.image()) {
      space(cell.space()).put(cell.address(), cell.value());
    }
  }

  private Map<Long, Long> space(Space space) {
    return switch (space) {
      case GLOBAL -> globals;
      case MEMORY -> words;
      case TABLE -> cells;
      case REGISTER, RETURN, HOST, GROWN ->
          throw new IllegalArgumentException("state in space " + space);
    };
  }

  @Override
  public TraceBlock take(TraceBlock block) {
    for (int i = 0; i < block.size(); i++) {
      step(block.pc(i), block.pages(i), block.a(i), block.b(i), block.result(i));
    }
    return block;
  }

  private void step(int pc, int pages, long a, long b, long result) {
    Instruction instruction = program.at(pc);
    Opcode opcode = instruction.opcode();
    if (opcode == Opcode.GLOBAL_SET || opcode == Opcode.GLOBAL_CONST) {
      globals.put(Integer.toUnsignedLong(instruction.d()), result);
    } else if (opcode == Opcode.MEMORY_GROW && result != 0xffffffffL) {
      this.pages = pages + (int) a;
    } else if (opcode == Opcode.CELL_STORE) {
      cells.put(a + instruction.kLo(), b);
    } else if (opcode.opClass() == OpClass.MEM && opcode.has(Flags.MEM_STORE)) {
      long sum = a + instruction.kLo();
      long address = opcode.has(Flags.MEM_WRAP) ? sum & 0xffffffffL : sum;
      int size = opcode.accessSize();
      if (address + size <= (long) pages * Program.PAGE) {
        for (int i = 0; i < size; i++) {
          store(address + i, b >>> (8 * i) & 0xff);
        }
      }
    }
  }

  private void store(long address, long value) {
    int shift = 8 * (int) (address & 7);
    words.merge(address >>> 3, value << shift, (old, stored) -> old & ~(0xffL << shift) | stored);
  }

  /** Value of a global, 64 bits. */
  public long global(int index) {
    return globals.getOrDefault((long) index, 0L);
  }

  public int pages() {
    return pages;
  }

  /** The 8 bytes at address {@code 8 index}, little-endian. */
  public long word(long index) {
    return words.getOrDefault(index, 0L);
  }

  /** The program that continues from here. */
  public Program next() {
    List<ImageCell> image = new ArrayList<>();
    addCells(image, Space.GLOBAL, globals);
    addCells(image, Space.MEMORY, words);
    addCells(image, Space.TABLE, cells);
    return new Program(
        program.extensionId(),
        program.loweringVersion(),
        program.code(),
        program.locations(),
        program.exports(),
        pages,
        image);
  }

  private static void addCells(List<ImageCell> image, Space space, Map<Long, Long> cells) {
    cells.forEach(
        (address, value) -> {
          if (value != 0) {
            image.add(new ImageCell(space, address, value));
          }
        });
  }
}
