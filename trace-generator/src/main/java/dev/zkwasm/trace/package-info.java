/** The trace file and its replay: {@code docs/spec/trace-format.md}. */
package dev.zkwasm.trace;
