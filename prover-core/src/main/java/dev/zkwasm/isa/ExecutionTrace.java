package dev.zkwasm.isa;

import java.util.Arrays;
import java.util.List;

/**
 * One record per executed instruction, in order; row i (from 0) has time 4 (i + 1). Written by an
 * executor, read by the tables, which recompute everything else and refuse a record that
 * contradicts the program. Not thread-safe while written.
 */
public final class ExecutionTrace {
  private final Program program;
  private final Call call;
  private TraceBlock[] blocks = {};
  private int size;
  private List<Value> results = List.of();
  private byte[] output = new byte[0];
  private Exit exit = Exit.returned();

  public ExecutionTrace(Program program, Call call) {
    this.program = program;
    this.call = call;
  }

  /** Appends a record: {@link TraceBlock#set}. */
  public void add(int pc, int fp, int pages, long a, long b, long result) {
    int last = within(size);
    if (last == 0) {
      keep(new TraceBlock());
    }
    TraceBlock block = block(size);
    block.set(last, pc, fp, pages, a, b, result);
    block.resize(last + 1);
    size = Math.addExact(size, 1);
  }

  /**
   * Appends the records of a block and keeps it: it must not change any more.
   *
   * @throws IllegalStateException if the last block appended was not full
   */
  public void append(TraceBlock block) {
    if (within(size) != 0) {
      throw new IllegalStateException("a block follows one that is not full");
    }
    if (block.size() > 0) {
      keep(block);
      size = Math.addExact(size, block.size());
    }
  }

  private void keep(TraceBlock block) {
    int count = size / TraceBlock.CAPACITY;
    if (count == blocks.length) {
      blocks = Arrays.copyOf(blocks, Math.max(16, 2 * count));
    }
    blocks[count] = block;
  }

  private TraceBlock block(int step) {
    return blocks[step >>> TraceBlock.LOG_CAPACITY];
  }

  /** Index of a record in its block. */
  private static int within(int step) {
    return step & (TraceBlock.CAPACITY - 1);
  }

  /** Ends the trace. {@code results} is empty unless the run returned. */
  public void end(Exit exit, List<Value> results, byte[] output) {
    this.exit = exit;
    this.results = List.copyOf(results);
    this.output = output;
  }

  public Program program() {
    return program;
  }

  public Call call() {
    return call;
  }

  /** Number of records: the gas of the run. */
  public int steps() {
    return size;
  }

  public int pc(int step) {
    return block(step).pc(within(step));
  }

  public int fp(int step) {
    return block(step).fp(within(step));
  }

  public int pages(int step) {
    return block(step).pages(within(step));
  }

  public long a(int step) {
    return block(step).a(within(step));
  }

  public long b(int step) {
    return block(step).b(within(step));
  }

  public long result(int step) {
    return block(step).result(within(step));
  }

  public Instruction instruction(int step) {
    return program.at(pc(step));
  }

  public Exit exit() {
    return exit;
  }

  public List<Value> results() {
    return results;
  }

  public byte[] output() {
    return output;
  }
}
