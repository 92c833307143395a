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
  private int size;
  private int[] pc = new int[1024];
  private int[] fp = new int[1024];
  private int[] pages = new int[1024];
  private long[] a = new long[1024];
  private long[] b = new long[1024];
  private long[] result = new long[1024];
  private List<Value> results = List.of();
  private byte[] output = new byte[0];
  private Exit exit = Exit.returned();

  public ExecutionTrace(Program program, Call call) {
    this.program = program;
    this.call = call;
  }

  /**
   * Appends a record.
   *
   * @param pc pc of the instruction
   * @param fp frame pointer before it
   * @param pages memory size in pages before it
   * @param a value of operand a (0 if the instruction has none)
   * @param b value of operand b, register or constant; class MEM: the stored value (0 for a load)
   * @param result value written to the destination; for a branch 1 if taken, else 0; otherwise 0
   */
  public void add(int pc, int fp, int pages, long a, long b, long result) {
    if (size == this.pc.length) {
      int capacity = Math.max(size + 1, (int) Math.min(Integer.MAX_VALUE - 16, size * 2L));
      this.pc = Arrays.copyOf(this.pc, capacity);
      this.fp = Arrays.copyOf(this.fp, capacity);
      this.pages = Arrays.copyOf(this.pages, capacity);
      this.a = Arrays.copyOf(this.a, capacity);
      this.b = Arrays.copyOf(this.b, capacity);
      this.result = Arrays.copyOf(this.result, capacity);
    }
    this.pc[size] = pc;
    this.fp[size] = fp;
    this.pages[size] = pages;
    this.a[size] = a;
    this.b[size] = b;
    this.result[size] = result;
    size++;
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
    return pc[step];
  }

  public int fp(int step) {
    return fp[step];
  }

  public int pages(int step) {
    return pages[step];
  }

  public long a(int step) {
    return a[step];
  }

  public long b(int step) {
    return b[step];
  }

  public long result(int step) {
    return result[step];
  }

  public Instruction instruction(int step) {
    return program.at(pc[step]);
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
