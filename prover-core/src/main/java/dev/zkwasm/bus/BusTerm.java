package dev.zkwasm.bus;

import dev.zkwasm.field.Fr;
import java.util.Arrays;
import java.util.List;

/**
 * A term {@code sign / (alpha - fingerprint(tuple))} that belongs to no table: the verifier's own.
 *
 * @param bus the bus
 * @param sign +1 for send, -1 for receive
 * @param tuple as many entries as the bus has
 */
public record BusTerm(Bus bus, int sign, List<Fr> tuple) {
  public BusTerm {
    tuple = List.copyOf(tuple);
    if (tuple.size() != bus.arity()) {
      throw new IllegalArgumentException(
          "bus " + bus + " has arity " + bus.arity() + ", not " + tuple.size());
    }
    if (sign != 1 && sign != -1) {
      throw new IllegalArgumentException("sign " + sign + " is neither 1 nor -1");
    }
  }

  /** Sends a tuple of unsigned integers. */
  public static BusTerm send(Bus bus, long... tuple) {
    return new BusTerm(bus, 1, field(tuple));
  }

  /** Receives a tuple of unsigned integers. */
  public static BusTerm receive(Bus bus, long... tuple) {
    return new BusTerm(bus, -1, field(tuple));
  }

  private static List<Fr> field(long[] tuple) {
    return Arrays.stream(tuple).mapToObj(Fr::ofUnsigned).toList();
  }
}
