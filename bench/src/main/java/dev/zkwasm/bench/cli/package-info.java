/** The commands of {@code zkprover bench}. */
package dev.zkwasm.bench.cli;
