package dev.zkwasm.exec;

import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Value;
import java.util.List;

/**
 * How an execution ended.
 *
 * @param exit how it ended
 * @param results results of the call; empty unless it returned
 * @param output the public output
 * @param steps lowered instructions executed
 * @param wasmSteps WebAssembly instructions that they stand for; 0 if no weights were given
 * @param lastPc pc of the last instruction executed
 */
public record Outcome(
    Exit exit, List<Value> results, byte[] output, long steps, long wasmSteps, int lastPc) {}
