package dev.zkwasm.isa;

/**
 * Consecutive records of an execution, column by column: what an executor fills and hands on, so
 * that no step costs a call or an allocation. Not thread-safe while filled.
 */
public final class TraceBlock {
  static final int LOG_CAPACITY = 10;

  /** Records of a full block: few enough for its columns to stay in the nearest caches. */
  public static final int CAPACITY = 1 << LOG_CAPACITY;

  private final int[] pc = new int[CAPACITY];
  private final int[] fp = new int[CAPACITY];
  private final int[] pages = new int[CAPACITY];
  private final long[] a = new long[CAPACITY];
  private final long[] b = new long[CAPACITY];
  private final long[] result = new long[CAPACITY];
  private int size;

  /**
   * Sets record i, below {@link #CAPACITY}; the size stays as it is.
   *
   * @param pc pc of the instruction
   * @param fp frame pointer before it
   * @param pages memory size in pages before it
   * @param a value of operand a (0 if the instruction has none)
   * @param b value of operand b, register or constant; class MEM: the stored value (0 for a load)
   * @param result value written to the destination; for a branch 1 if taken, else 0; otherwise 0
   */
  public void set(int i, int pc, int fp, int pages, long a, long b, long result) {
    this.pc[i] = pc;
    this.fp[i] = fp;
    this.pages[i] = pages;
    this.a[i] = a;
    this.b[i] = b;
    this.result[i] = result;
  }

  /** Says how many records there are, from the first on. */
  public void resize(int size) {
    if (size < 0 || size > CAPACITY) {
      throw new IllegalArgumentException("no block has " + size + " records");
    }
    this.size = size;
  }

  /** Number of records. */
  public int size() {
    return size;
  }

  public int pc(int i) {
    return pc[i];
  }

  public int fp(int i) {
    return fp[i];
  }

  public int pages(int i) {
    return pages[i];
  }

  public long a(int i) {
    return a[i];
  }

  public long b(int i) {
    return b[i];
  }

  public long result(int i) {
    return result[i];
  }
}
