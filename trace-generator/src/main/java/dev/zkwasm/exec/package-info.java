/** Executes lowered programs: {@code docs/spec/machine.md}. */
package dev.zkwasm.exec;
