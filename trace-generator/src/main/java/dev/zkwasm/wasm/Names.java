package dev.zkwasm.wasm;

/** Names from modules and callers, in messages. */
public final class Names {
  private static final int LONGEST = 200;

  private Names() {}

  /**
   * The name as it may stand in a one-line message: without control characters, and cut where it is
   * long.
   */
  public static String printable(String name) {
    String plain = name.replaceAll("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029]", "?");
    return plain.length() <= LONGEST ? plain : plain.substring(0, LONGEST) + "...";
  }
}
