package dev.zkwasm.keys;

import dev.zkwasm.isa.Program;

/**
 * A program with its header: what a prover needs to know of it besides a run. Depends on the
 * reference string.
 *
 * @param program the lowered module
 * @param header commitments to it
 */
public record ProgramKey(Program program, ProgramHeader header) {}
