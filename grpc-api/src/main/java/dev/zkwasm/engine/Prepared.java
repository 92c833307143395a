package dev.zkwasm.engine;

import dev.zkwasm.table.Witness;
import java.util.Map;

/**
 * A run with its tables filled: all that proving needs.
 *
 * @param run the run
 * @param witness the filled tables
 * @param rows rows by name of table, in the order of the tables; what is proven, padding included
 * @param estimate what proving is expected to take
 */
public record Prepared(Run run, Witness witness, Map<String, Long> rows, Estimate estimate) {}
