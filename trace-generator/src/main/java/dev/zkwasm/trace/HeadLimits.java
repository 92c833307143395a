package dev.zkwasm.trace;

/**
 * The longest fields that a reader of a trace file takes in: these it holds in memory, the records
 * it does not.
 *
 * @param moduleBytes bytes of the module
 * @param inputBytes bytes of the public input, of the private one, of the export's name, and of the
 *     encoded arguments or results
 */
public record HeadLimits(int moduleBytes, int inputBytes) {
  /** What the format allows. */
  public static final HeadLimits FORMAT = new HeadLimits(Integer.MAX_VALUE, Integer.MAX_VALUE);

  public HeadLimits {
    if (moduleBytes < 0 || inputBytes < 0) {
      throw new IllegalArgumentException(
          "limits must not be negative: " + moduleBytes + ", " + inputBytes);
    }
  }
}
