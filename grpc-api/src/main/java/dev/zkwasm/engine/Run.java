package dev.zkwasm.engine;

import dev.zkwasm.exec.Outcome;
import dev.zkwasm.isa.ExecutionTrace;

/**
 * An executed call. Holds the private input as long as it is reachable.
 *
 * @param guest the module
 * @param trace one record per step
 * @param wasmSteps executed WebAssembly instructions, structural ones not counted
 */
public record Run(Guest guest, ExecutionTrace trace, long wasmSteps) {
  /** How the run ended. */
  public Outcome outcome() {
    int steps = trace.steps();
    return new Outcome(
        trace.exit(),
        trace.results(),
        trace.output(),
        steps,
        wasmSteps,
        steps == 0 ? 0 : trace.pc(steps - 1));
  }
}
