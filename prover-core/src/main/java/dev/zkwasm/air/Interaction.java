package dev.zkwasm.air;

import dev.zkwasm.bus.Bus;
import java.util.List;

/**
 * A term {@code sign * multiplicity / (alpha - fingerprint(tuple))} of every row.
 *
 * @param label unique within its table
 * @param bus the bus
 * @param sign +1 for send (and for asking a lookup), -1 for receive (and for providing one)
 * @param multiplicity affine in the row's cells
 * @param tuple affine entries, as many as the bus has
 */
public record Interaction(String label, Bus bus, int sign, Expr multiplicity, List<Expr> tuple) {
  public Interaction {
    tuple = List.copyOf(tuple);
  }
}
