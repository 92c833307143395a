package dev.zkwasm.exec;

/**
 * When an execution is given up.
 *
 * @param steps most lowered instructions executed: the gas
 * @param memoryPages most pages of 64 KiB of linear memory that may be touched; untouched ones cost
 *     nothing
 */
public record Limits(long steps, int memoryPages) {
  /** 2^28 steps and 1 GiB. */
  public static final Limits DEFAULT = new Limits(1L << 28, 16384);

  public Limits {
    if (steps < 1 || memoryPages < 0) {
      throw new IllegalArgumentException("limits must be positive: " + steps + ", " + memoryPages);
    }
  }
}
