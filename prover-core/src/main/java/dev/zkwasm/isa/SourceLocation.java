package dev.zkwasm.isa;

/**
 * Where in the WebAssembly binary a lowered instruction comes from.
 *
 * @param function function index, or -1 for code of the lowering itself (entry stubs, host
 *     routines)
 * @param functionName its name, or a description of the routine
 * @param byteOffset offset in the binary, or -1
 * @param opcode name of the WebAssembly instruction, or of the routine's purpose
 */
public record SourceLocation(int function, String functionName, int byteOffset, String opcode) {
  @Override
  public String toString() {
    return (function < 0 ? functionName : "function " + function + " (" + functionName + ")")
        + (byteOffset < 0 ? "" : " at byte " + byteOffset)
        + ": "
        + opcode;
  }
}
