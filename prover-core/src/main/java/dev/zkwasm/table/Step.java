package dev.zkwasm.table;

import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Space;
import dev.zkwasm.isa.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The executed instruction that a table is to fill a row for: its record in the trace, the cells as
 * they are at that moment, and the state after it, which the table sets.
 */
final class Step {
  private final ExecutionTrace trace;
  private final CellMemory cells;
  private final Touches touches;
  private final InputWords publicWords;
  private final InputWords privateWords;
  private int index = -1;
  private Instruction instruction;
  private long nextPc;
  private long nextFp;
  private long nextPages;
  private @Nullable Exit exit;
  private int outputs;
  private int results;

  /** Called where a cell has to be touched at a time, having been accessed last at another. */
  interface Touches {
    void touch(Space space, long address, long value, long last, long at);
  }

  Step(ExecutionTrace trace, CellMemory cells, Touches touches) {
    this.trace = trace;
    this.cells = cells;
    this.touches = touches;
    this.publicWords = new InputWords("public", trace.call().publicInput());
    this.privateWords = new InputWords("private", trace.call().privateInput());
    this.instruction = trace.instruction(0);
  }

  /** Goes on to the next record; false after the last. */
  boolean advance() {
    if (index + 1 == trace.steps()) {
      return false;
    }
    index++;
    if (pc() < 1 || pc() > trace.program().code().size()) {
      throw new InvalidTraceException("step " + index + ": pc " + pc() + " is outside the program");
    }
    instruction = trace.instruction(index);
    next(pc() + 1, fp(), pages());
    return true;
  }

  Instruction instruction() {
    return instruction;
  }

  int pc() {
    return trace.pc(index);
  }

  long fp() {
    return Integer.toUnsignedLong(trace.fp(index));
  }

  long pages() {
    return Integer.toUnsignedLong(trace.pages(index));
  }

  long time() {
    return Program.TIME_STEP * (index + 1L);
  }

  /** Value of operand a as recorded. */
  long a() {
    return trace.a(index);
  }

  /** Value of operand b as recorded. */
  long b() {
    return trace.b(index);
  }

  /** Result as recorded. */
  long result() {
    return trace.result(index);
  }

  /** Address of a register slot of the running function. */
  long register(int slot) {
    return fp() + Integer.toUnsignedLong(slot);
  }

  /** The space that a word of linear memory is a cell of. */
  Space spaceOfWord(long word) {
    return word < trace.program().initialMemoryWords() ? Space.MEMORY : Space.GROWN;
  }

  /** Value of a cell at this moment. */
  long value(Space space, long address) {
    return cells.value(space, address);
  }

  /**
   * Time of the last access to a cell before the one at a given time. A cell that was left alone
   * for too long is touched in between.
   */
  long lastTime(Space space, long address, long at) {
    long last = cells.time(space, address);
    if (at - last - 1 < TouchTable.LIMIT) {
      return last;
    }
    long touch = at - 1;
    touches.touch(space, address, cells.value(space, address), last, touch);
    return touch;
  }

  /** Records an access. */
  void put(Space space, long address, long value, long time) {
    cells.put(space, address, value, time);
  }

  /** Sets the state after this step; unless set it is the next instruction in the same frame. */
  void next(long pc, long fp, long pages) {
    nextPc = pc;
    nextFp = fp;
    nextPages = pages;
  }

  long nextPc() {
    return nextPc;
  }

  long nextFp() {
    return nextFp;
  }

  long nextPages() {
    return nextPages;
  }

  /** Says that the run ends here. */
  void exit(Exit how) {
    exit = how;
  }

  @Nullable Exit exit() {
    return exit;
  }

  /** Argument i of the call. */
  long argument(long i) {
    List<Value> arguments = trace.call().arguments();
    if (i >= arguments.size()) {
      throw error("takes argument " + i + ", the call has " + arguments.size());
    }
    return arguments.get((int) i).bits();
  }

  InputWords publicWords() {
    return publicWords;
  }

  InputWords privateWords() {
    return privateWords;
  }

  /** Checks a byte appended to the public output against the trace. */
  void output(long position, long value) {
    if (position >= trace.output().length || (trace.output()[(int) position] & 0xff) != value) {
      throw error(
          "writes byte " + value + " of the output at " + position + ", the trace does not");
    }
    outputs++;
  }

  /** Checks a result against the trace. */
  void returned(long position, long value) {
    if (position >= trace.results().size() || trace.results().get((int) position).bits() != value) {
      throw error("returns " + hex(value) + " as result " + position + ", the trace does not");
    }
    results++;
  }

  /** Checks that the recorded value of something is the true one. */
  void expect(String what, long recorded, long actual) {
    if (recorded != actual) {
      throw error(what + " is " + hex(actual) + ", the trace says " + hex(recorded));
    }
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  /**
   * Checks that the next record begins in the state that this step ends in, or that the run ends as
   * recorded.
   */
  void checkSuccessor() {
    boolean last = index + 1 == trace.steps();
    if (exit != null) {
      if (!last) {
        throw error("the run ends here, the trace goes on");
      }
      if (!exit.equals(trace.exit())) {
        throw error("the run ends '" + exit + "', the trace says '" + trace.exit() + "'");
      }
      if (outputs != trace.output().length) {
        throw error("the run wrote " + outputs + " bytes, the trace has " + trace.output().length);
      }
      if (results != trace.results().size()) {
        throw error("the run set " + results + " results, the trace has " + trace.results().size());
      }
    } else if (last) {
      throw error("the trace ends, the run does not");
    } else {
      expect("the next pc", Integer.toUnsignedLong(trace.pc(index + 1)), nextPc);
      expect("the next fp", Integer.toUnsignedLong(trace.fp(index + 1)), nextFp);
      expect("the next memory size", Integer.toUnsignedLong(trace.pages(index + 1)), nextPages);
    }
  }

  /** An error about this step that names it. */
  InvalidTraceException error(String message) {
    return new InvalidTraceException(
        "step "
            + index
            + ", pc "
            + pc()
            + " ("
            + instruction.opcode()
            + "), "
            + trace.program().locationOf(pc())
            + ": "
            + message);
  }
}
