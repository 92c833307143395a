package dev.zkwasm.lower;

import dev.zkwasm.isa.Program;

/**
 * What the lowering makes of a module.
 *
 * @param program what is proven
 * @param weights for each instruction of the program, the number of WebAssembly instructions that
 *     it stands for; for reports only, no part of what is proven
 */
public record LoweredModule(Program program, int[] weights) {}
