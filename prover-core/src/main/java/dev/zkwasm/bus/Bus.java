package dev.zkwasm.bus;

/**
 * The buses. On each, over all rows of all tables and the verifier's own terms, what is sent equals
 * what is received. The code distinguishes the buses inside the one sum, so no code is used twice.
 */
public enum Bus {
  /** (pc, fp, time, memory pages): the execution state from row to row. */
  EXEC(1, 4, false),
  /** (space, address, lo, hi, time): the live tuple of a memory cell. */
  MEMORY(2, 5, false),
  /** (pc, operation, d, a, b, k low half, k high half): instruction fetch. */
  PROGRAM(3, 7, true),
  /** (v): v below 2^16. */
  RANGE16(4, 1, true),
  /** (v, s): v below 2^16, s its bit 15. */
  SIGN16(5, 2, true),
  /** (x, y): both below 2^8. */
  PAIR(6, 2, true),
  /** (x, y, x AND y): all below 2^8. */
  AND(7, 3, true),
  /**
   * (x, w, right, p): x below 2^8, W = 32 or 64 as w is 0 or 1, p = 2^(x mod W) or, if right is 1,
   * 2^(W - 1 - x mod W).
   */
  POWER(8, 4, true),
  /** (low, high): two neighbours in the sorted list of image keys. */
  GAP(9, 2, true),
  /** (i, lo, hi): public input word i. */
  PUBLIC(10, 3, true),
  /** (i, lo, hi): private input word i. */
  PRIVATE(11, 3, true),
  /** (i, lo, hi): argument i of the call, sent by the verifier. */
  ARGUMENT(12, 3, false),
  /** (i, lo, hi): result i of the call, received by the verifier. */
  RESULT(13, 3, false),
  /** (j, byte): byte j of the public output, received by the verifier. */
  OUTPUT(14, 2, false),
  /** (kind, code, output bytes, time): the end of the run, received by the verifier. */
  EXIT(15, 4, false),
  /** (x, y, x AND y): all below 2^4. */
  NIBBLES(16, 3, true),
  /** (x, y, x AND y, s): the first three below 2^4, s bit 3 of x. */
  TOP_NIBBLES(17, 4, true);

  private final int code;
  private final int arity;
  private final boolean lookup;

  Bus(int code, int arity, boolean lookup) {
    this.code = code;
    this.arity = arity;
    this.lookup = lookup;
  }

  /** Constant term of every fingerprint on this bus. */
  public int code() {
    return code;
  }

  /** Entries of a tuple. */
  public int arity() {
    return arity;
  }

  /** True if some tables provide tuples with free multiplicities and the others ask for them. */
  public boolean lookup() {
    return lookup;
  }
}
