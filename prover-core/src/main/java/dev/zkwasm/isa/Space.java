package dev.zkwasm.isa;

/** The address spaces of the memory argument. Codes are part of the key; 0 is no space. */
public enum Space {
  /** Registers; address = fp + slot. */
  REGISTER(1),
  /** WebAssembly globals; address = global index. */
  GLOBAL(2),
  /**
   * Linear memory in 64-bit words; address = byte address / 8. In the memory argument only the
   * words that are there from the start: a cell of this space exists only if it lies in the memory.
   */
  MEMORY(3),
  /** Return information; address = fp of the callee; lo = return pc, hi = frame distance. */
  RETURN(4),
  /** Host state; address 0 holds the number of output bytes so far. */
  HOST(5),
  /**
   * References in WebAssembly tables, then what passive segments hold; addresses are laid out by
   * the lowering.
   */
  TABLE(6),
  /** Words of linear memory beyond its initial size, in the memory argument. */
  GROWN(7);

  private final int code;

  Space(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /** {@code code * 2^32 + address}: the order of boundary and image cells. */
  public long key(long address) {
    return ((long) code << 32) + address;
  }
}
