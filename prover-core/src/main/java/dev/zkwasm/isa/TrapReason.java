package dev.zkwasm.isa;

/** Why a run trapped. Codes are part of the statement. */
public enum TrapReason {
  UNREACHABLE(1, "unreachable"),
  DIVIDE_BY_ZERO(2, "integer divide by zero"),
  INTEGER_OVERFLOW(3, "integer overflow"),
  INVALID_CONVERSION(4, "invalid conversion to integer"),
  MEMORY_OUT_OF_BOUNDS(5, "out of bounds memory access"),
  TABLE_OUT_OF_BOUNDS(6, "out of bounds table access"),
  UNDEFINED_ELEMENT(7, "undefined element"),
  UNINITIALIZED_ELEMENT(8, "uninitialized element"),
  INDIRECT_CALL_TYPE(9, "indirect call type mismatch"),
  CALL_STACK_EXHAUSTED(10, "call stack exhausted"),
  INPUT_OUT_OF_BOUNDS(11, "input read past its end"),
  ABORT(12, "abort");

  private final int code;
  private final String text;

  TrapReason(int code, String text) {
    this.code = code;
    this.text = text;
  }

  public int code() {
    return code;
  }

  /** The words of the WebAssembly specification where it has some. */
  public String text() {
    return text;
  }

  public static TrapReason ofCode(long code) {
    for (TrapReason reason : values()) {
      if (reason.code == code) {
        return reason;
      }
    }
    throw new IllegalArgumentException("no trap reason has code " + code);
  }
}
