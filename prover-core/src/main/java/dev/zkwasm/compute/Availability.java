package dev.zkwasm.compute;

/**
 * Whether a backend can run here.
 *
 * @param available whether it can
 * @param detail what was found if it can (a device's name, an instruction set), why not otherwise
 */
public record Availability(boolean available, String detail) {
  /** It can run; {@code detail} says on what. */
  public static Availability yes(String detail) {
    return new Availability(true, detail);
  }

  /** It cannot run, for this reason. */
  public static Availability no(String reason) {
    return new Availability(false, reason);
  }
}
