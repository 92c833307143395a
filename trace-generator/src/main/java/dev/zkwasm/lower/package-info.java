/**
 * Deterministic lowering of a WebAssembly module to a program of the proven machine: {@code
 * docs/spec/lowering.md}.
 */
package dev.zkwasm.lower;
