package dev.zkwasm.engine;

import dev.zkwasm.isa.ExecutionTrace;

/**
 * An executed call. Holds the private input as long as it is reachable.
 *
 * @param guest the module
 * @param trace one record per step
 * @param wasmSteps executed WebAssembly instructions, structural ones not counted
 */
public record Run(Guest guest, ExecutionTrace trace, long wasmSteps) {}
