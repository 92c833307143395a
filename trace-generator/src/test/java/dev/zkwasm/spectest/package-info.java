/**
 * Runs the WebAssembly specification's test scripts: against Chicory's interpreter, which proves
 * the runner itself, and against the lowered code.
 */
package dev.zkwasm.spectest;
