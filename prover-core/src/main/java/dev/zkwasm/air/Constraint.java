package dev.zkwasm.air;

/**
 * {@code selector * expr = 0} on the domain.
 *
 * @param label unique within its table; named in errors
 * @param selector where it holds
 * @param expr the polynomial; degree with the selector at most {@link Air#MAX_DEGREE}
 */
public record Constraint(String label, Selector selector, Expr expr) {}
