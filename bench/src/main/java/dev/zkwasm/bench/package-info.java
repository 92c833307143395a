/**
 * Will hold the benchmarks of kernels and of whole proofs, and the {@code zkprover bench}
 * subcommands.
 *
 * <p>There is nothing here yet: no benchmark and no subcommand.
 */
package dev.zkwasm.bench;
