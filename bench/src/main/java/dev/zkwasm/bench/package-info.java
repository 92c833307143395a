/**
 * Benchmarks: {@code zkprover bench} ({@code cli}), what it times and how it checks the results
 * ({@code kernel}), what it reports ({@code report}), JMH benchmarks of the single kernels ({@code
 * jmh}), and an experiment ({@code gkr}). docs/guides/bench.md has the commands.
 */
package dev.zkwasm.bench;
