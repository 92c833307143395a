package dev.zkwasm.proof;

/**
 * One table of a proof: which one and how high.
 *
 * @param table index of the table in the constraint system
 * @param log logarithm of its height, {@link #MIN_LOG} to {@link #MAX_LOG}
 */
public record Instance(int table, int log) {
  /** Logarithm of the smallest height. */
  public static final int MIN_LOG = 4;

  /** Logarithm of the largest height. */
  public static final int MAX_LOG = 24;

  public Instance {
    if (table < 0 || log < MIN_LOG || log > MAX_LOG) {
      throw new IllegalArgumentException(
          "no instance of table " + table + " has log height " + log);
    }
  }

  /** Number of rows. */
  public int height() {
    return 1 << log;
  }
}
