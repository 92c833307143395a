package dev.zkwasm.engine;

import dev.zkwasm.isa.Program;
import dev.zkwasm.lower.LoweredModule;

/**
 * A validated and lowered module.
 *
 * @param wasm the binary; never changed
 * @param lowered what it was lowered to
 */
public record Guest(byte[] wasm, LoweredModule lowered) {
  public Program program() {
    return lowered.program();
  }

  /** keccak256 of the binary. */
  public byte[] extensionId() {
    return program().extensionId();
  }
}
