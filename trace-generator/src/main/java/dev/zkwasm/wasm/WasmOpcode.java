package dev.zkwasm.wasm;

import org.jspecify.annotations.Nullable;

/** The instructions of WebAssembly 2.0 but SIMD. Codes of two bytes are {@code 0xfc00 + second}. */
public enum WasmOpcode {
  UNREACHABLE(0x00, "unreachable", Immediate.NONE),
  NOP(0x01, "nop", Immediate.NONE),
  BLOCK(0x02, "block", Immediate.BLOCK),
  LOOP(0x03, "loop", Immediate.BLOCK),
  IF(0x04, "if", Immediate.BLOCK),
  ELSE(0x05, "else", Immediate.NONE),
  END(0x0b, "end", Immediate.NONE),
  BR(0x0c, "br", Immediate.LABEL),
  BR_IF(0x0d, "br_if", Immediate.LABEL),
  BR_TABLE(0x0e, "br_table", Immediate.LABELS),
  RETURN(0x0f, "return", Immediate.NONE),
  CALL(0x10, "call", Immediate.INDEX),
  CALL_INDIRECT(0x11, "call_indirect", Immediate.INDEX_INDEX),
  DROP(0x1a, "drop", Immediate.NONE),
  SELECT(0x1b, "select", Immediate.NONE),
  SELECT_T(0x1c, "select", Immediate.TYPES),
  LOCAL_GET(0x20, "local.get", Immediate.INDEX),
  LOCAL_SET(0x21, "local.set", Immediate.INDEX),
  LOCAL_TEE(0x22, "local.tee", Immediate.INDEX),
  GLOBAL_GET(0x23, "global.get", Immediate.INDEX),
  GLOBAL_SET(0x24, "global.set", Immediate.INDEX),
  TABLE_GET(0x25, "table.get", Immediate.INDEX),
  TABLE_SET(0x26, "table.set", Immediate.INDEX),
  I32_LOAD(0x28, "i32.load", Immediate.MEMORY_ARGUMENT),
  I64_LOAD(0x29, "i64.load", Immediate.MEMORY_ARGUMENT),
  F32_LOAD(0x2a, "f32.load", Immediate.MEMORY_ARGUMENT),
  F64_LOAD(0x2b, "f64.load", Immediate.MEMORY_ARGUMENT),
  I32_LOAD8_S(0x2c, "i32.load8_s", Immediate.MEMORY_ARGUMENT),
  I32_LOAD8_U(0x2d, "i32.load8_u", Immediate.MEMORY_ARGUMENT),
  I32_LOAD16_S(0x2e, "i32.load16_s", Immediate.MEMORY_ARGUMENT),
  I32_LOAD16_U(0x2f, "i32.load16_u", Immediate.MEMORY_ARGUMENT),
  I64_LOAD8_S(0x30, "i64.load8_s", Immediate.MEMORY_ARGUMENT),
  I64_LOAD8_U(0x31, "i64.load8_u", Immediate.MEMORY_ARGUMENT),
  I64_LOAD16_S(0x32, "i64.load16_s", Immediate.MEMORY_ARGUMENT),
  I64_LOAD16_U(0x33, "i64.load16_u", Immediate.MEMORY_ARGUMENT),
  I64_LOAD32_S(0x34, "i64.load32_s", Immediate.MEMORY_ARGUMENT),
  I64_LOAD32_U(0x35, "i64.load32_u", Immediate.MEMORY_ARGUMENT),
  I32_STORE(0x36, "i32.store", Immediate.MEMORY_ARGUMENT),
  I64_STORE(0x37, "i64.store", Immediate.MEMORY_ARGUMENT),
  F32_STORE(0x38, "f32.store", Immediate.MEMORY_ARGUMENT),
  F64_STORE(0x39, "f64.store", Immediate.MEMORY_ARGUMENT),
  I32_STORE8(0x3a, "i32.store8", Immediate.MEMORY_ARGUMENT),
  I32_STORE16(0x3b, "i32.store16", Immediate.MEMORY_ARGUMENT),
  I64_STORE8(0x3c, "i64.store8", Immediate.MEMORY_ARGUMENT),
  I64_STORE16(0x3d, "i64.store16", Immediate.MEMORY_ARGUMENT),
  I64_STORE32(0x3e, "i64.store32", Immediate.MEMORY_ARGUMENT),
  MEMORY_SIZE(0x3f, "memory.size", Immediate.MEMORY),
  MEMORY_GROW(0x40, "memory.grow", Immediate.MEMORY),
  I32_CONST(0x41, "i32.const", Immediate.I32),
  I64_CONST(0x42, "i64.const", Immediate.I64),
  F32_CONST(0x43, "f32.const", Immediate.F32),
  F64_CONST(0x44, "f64.const", Immediate.F64),
  I32_EQZ(0x45, "i32.eqz", Immediate.NONE),
  I32_EQ(0x46, "i32.eq", Immediate.NONE),
  I32_NE(0x47, "i32.ne", Immediate.NONE),
  I32_LT_S(0x48, "i32.lt_s", Immediate.NONE),
  I32_LT_U(0x49, "i32.lt_u", Immediate.NONE),
  I32_GT_S(0x4a, "i32.gt_s", Immediate.NONE),
  I32_GT_U(0x4b, "i32.gt_u", Immediate.NONE),
  I32_LE_S(0x4c, "i32.le_s", Immediate.NONE),
  I32_LE_U(0x4d, "i32.le_u", Immediate.NONE),
  I32_GE_S(0x4e, "i32.ge_s", Immediate.NONE),
  I32_GE_U(0x4f, "i32.ge_u", Immediate.NONE),
  I64_EQZ(0x50, "i64.eqz", Immediate.NONE),
  I64_EQ(0x51, "i64.eq", Immediate.NONE),
  I64_NE(0x52, "i64.ne", Immediate.NONE),
  I64_LT_S(0x53, "i64.lt_s", Immediate.NONE),
  I64_LT_U(0x54, "i64.lt_u", Immediate.NONE),
  I64_GT_S(0x55, "i64.gt_s", Immediate.NONE),
  I64_GT_U(0x56, "i64.gt_u", Immediate.NONE),
  I64_LE_S(0x57, "i64.le_s", Immediate.NONE),
  I64_LE_U(0x58, "i64.le_u", Immediate.NONE),
  I64_GE_S(0x59, "i64.ge_s", Immediate.NONE),
  I64_GE_U(0x5a, "i64.ge_u", Immediate.NONE),
  F32_EQ(0x5b, "f32.eq", Immediate.NONE),
  F32_NE(0x5c, "f32.ne", Immediate.NONE),
  F32_LT(0x5d, "f32.lt", Immediate.NONE),
  F32_GT(0x5e, "f32.gt", Immediate.NONE),
  F32_LE(0x5f, "f32.le", Immediate.NONE),
  F32_GE(0x60, "f32.ge", Immediate.NONE),
  F64_EQ(0x61, "f64.eq", Immediate.NONE),
  F64_NE(0x62, "f64.ne", Immediate.NONE),
  F64_LT(0x63, "f64.lt", Immediate.NONE),
  F64_GT(0x64, "f64.gt", Immediate.NONE),
  F64_LE(0x65, "f64.le", Immediate.NONE),
  F64_GE(0x66, "f64.ge", Immediate.NONE),
  I32_CLZ(0x67, "i32.clz", Immediate.NONE),
  I32_CTZ(0x68, "i32.ctz", Immediate.NONE),
  I32_POPCNT(0x69, "i32.popcnt", Immediate.NONE),
  I32_ADD(0x6a, "i32.add", Immediate.NONE),
  I32_SUB(0x6b, "i32.sub", Immediate.NONE),
  I32_MUL(0x6c, "i32.mul", Immediate.NONE),
  I32_DIV_S(0x6d, "i32.div_s", Immediate.NONE),
  I32_DIV_U(0x6e, "i32.div_u", Immediate.NONE),
  I32_REM_S(0x6f, "i32.rem_s", Immediate.NONE),
  I32_REM_U(0x70, "i32.rem_u", Immediate.NONE),
  I32_AND(0x71, "i32.and", Immediate.NONE),
  I32_OR(0x72, "i32.or", Immediate.NONE),
  I32_XOR(0x73, "i32.xor", Immediate.NONE),
  I32_SHL(0x74, "i32.shl", Immediate.NONE),
  I32_SHR_S(0x75, "i32.shr_s", Immediate.NONE),
  I32_SHR_U(0x76, "i32.shr_u", Immediate.NONE),
  I32_ROTL(0x77, "i32.rotl", Immediate.NONE),
  I32_ROTR(0x78, "i32.rotr", Immediate.NONE),
  I64_CLZ(0x79, "i64.clz", Immediate.NONE),
  I64_CTZ(0x7a, "i64.ctz", Immediate.NONE),
  I64_POPCNT(0x7b, "i64.popcnt", Immediate.NONE),
  I64_ADD(0x7c, "i64.add", Immediate.NONE),
  I64_SUB(0x7d, "i64.sub", Immediate.NONE),
  I64_MUL(0x7e, "i64.mul", Immediate.NONE),
  I64_DIV_S(0x7f, "i64.div_s", Immediate.NONE),
  I64_DIV_U(0x80, "i64.div_u", Immediate.NONE),
  I64_REM_S(0x81, "i64.rem_s", Immediate.NONE),
  I64_REM_U(0x82, "i64.rem_u", Immediate.NONE),
  I64_AND(0x83, "i64.and", Immediate.NONE),
  I64_OR(0x84, "i64.or", Immediate.NONE),
  I64_XOR(0x85, "i64.xor", Immediate.NONE),
  I64_SHL(0x86, "i64.shl", Immediate.NONE),
  I64_SHR_S(0x87, "i64.shr_s", Immediate.NONE),
  I64_SHR_U(0x88, "i64.shr_u", Immediate.NONE),
  I64_ROTL(0x89, "i64.rotl", Immediate.NONE),
  I64_ROTR(0x8a, "i64.rotr", Immediate.NONE),
  F32_ABS(0x8b, "f32.abs", Immediate.NONE),
  F32_NEG(0x8c, "f32.neg", Immediate.NONE),
  F32_CEIL(0x8d, "f32.ceil", Immediate.NONE),
  F32_FLOOR(0x8e, "f32.floor", Immediate.NONE),
  F32_TRUNC(0x8f, "f32.trunc", Immediate.NONE),
  F32_NEAREST(0x90, "f32.nearest", Immediate.NONE),
  F32_SQRT(0x91, "f32.sqrt", Immediate.NONE),
  F32_ADD(0x92, "f32.add", Immediate.NONE),
  F32_SUB(0x93, "f32.sub", Immediate.NONE),
  F32_MUL(0x94, "f32.mul", Immediate.NONE),
  F32_DIV(0x95, "f32.div", Immediate.NONE),
  F32_MIN(0x96, "f32.min", Immediate.NONE),
  F32_MAX(0x97, "f32.max", Immediate.NONE),
  F32_COPYSIGN(0x98, "f32.copysign", Immediate.NONE),
  F64_ABS(0x99, "f64.abs", Immediate.NONE),
  F64_NEG(0x9a, "f64.neg", Immediate.NONE),
  F64_CEIL(0x9b, "f64.ceil", Immediate.NONE),
  F64_FLOOR(0x9c, "f64.floor", Immediate.NONE),
  F64_TRUNC(0x9d, "f64.trunc", Immediate.NONE),
  F64_NEAREST(0x9e, "f64.nearest", Immediate.NONE),
  F64_SQRT(0x9f, "f64.sqrt", Immediate.NONE),
  F64_ADD(0xa0, "f64.add", Immediate.NONE),
  F64_SUB(0xa1, "f64.sub", Immediate.NONE),
  F64_MUL(0xa2, "f64.mul", Immediate.NONE),
  F64_DIV(0xa3, "f64.div", Immediate.NONE),
  F64_MIN(0xa4, "f64.min", Immediate.NONE),
  F64_MAX(0xa5, "f64.max", Immediate.NONE),
  F64_COPYSIGN(0xa6, "f64.copysign", Immediate.NONE),
  I32_WRAP_I64(0xa7, "i32.wrap_i64", Immediate.NONE),
  I32_TRUNC_F32_S(0xa8, "i32.trunc_f32_s", Immediate.NONE),
  I32_TRUNC_F32_U(0xa9, "i32.trunc_f32_u", Immediate.NONE),
  I32_TRUNC_F64_S(0xaa, "i32.trunc_f64_s", Immediate.NONE),
  I32_TRUNC_F64_U(0xab, "i32.trunc_f64_u", Immediate.NONE),
  I64_EXTEND_I32_S(0xac, "i64.extend_i32_s", Immediate.NONE),
  I64_EXTEND_I32_U(0xad, "i64.extend_i32_u", Immediate.NONE),
  I64_TRUNC_F32_S(0xae, "i64.trunc_f32_s", Immediate.NONE),
  I64_TRUNC_F32_U(0xaf, "i64.trunc_f32_u", Immediate.NONE),
  I64_TRUNC_F64_S(0xb0, "i64.trunc_f64_s", Immediate.NONE),
  I64_TRUNC_F64_U(0xb1, "i64.trunc_f64_u", Immediate.NONE),
  F32_CONVERT_I32_S(0xb2, "f32.convert_i32_s", Immediate.NONE),
  F32_CONVERT_I32_U(0xb3, "f32.convert_i32_u", Immediate.NONE),
  F32_CONVERT_I64_S(0xb4, "f32.convert_i64_s", Immediate.NONE),
  F32_CONVERT_I64_U(0xb5, "f32.convert_i64_u", Immediate.NONE),
  F32_DEMOTE_F64(0xb6, "f32.demote_f64", Immediate.NONE),
  F64_CONVERT_I32_S(0xb7, "f64.convert_i32_s", Immediate.NONE),
  F64_CONVERT_I32_U(0xb8, "f64.convert_i32_u", Immediate.NONE),
  F64_CONVERT_I64_S(0xb9, "f64.convert_i64_s", Immediate.NONE),
  F64_CONVERT_I64_U(0xba, "f64.convert_i64_u", Immediate.NONE),
  F64_PROMOTE_F32(0xbb, "f64.promote_f32", Immediate.NONE),
  I32_REINTERPRET_F32(0xbc, "i32.reinterpret_f32", Immediate.NONE),
  I64_REINTERPRET_F64(0xbd, "i64.reinterpret_f64", Immediate.NONE),
  F32_REINTERPRET_I32(0xbe, "f32.reinterpret_i32", Immediate.NONE),
  F64_REINTERPRET_I64(0xbf, "f64.reinterpret_i64", Immediate.NONE),
  I32_EXTEND8_S(0xc0, "i32.extend8_s", Immediate.NONE),
  I32_EXTEND16_S(0xc1, "i32.extend16_s", Immediate.NONE),
  I64_EXTEND8_S(0xc2, "i64.extend8_s", Immediate.NONE),
  I64_EXTEND16_S(0xc3, "i64.extend16_s", Immediate.NONE),
  I64_EXTEND32_S(0xc4, "i64.extend32_s", Immediate.NONE),
  REF_NULL(0xd0, "ref.null", Immediate.REFERENCE_TYPE),
  REF_IS_NULL(0xd1, "ref.is_null", Immediate.NONE),
  REF_FUNC(0xd2, "ref.func", Immediate.INDEX),
  I32_TRUNC_SAT_F32_S(0xfc00, "i32.trunc_sat_f32_s", Immediate.NONE),
  I32_TRUNC_SAT_F32_U(0xfc01, "i32.trunc_sat_f32_u", Immediate.NONE),
  I32_TRUNC_SAT_F64_S(0xfc02, "i32.trunc_sat_f64_s", Immediate.NONE),
  I32_TRUNC_SAT_F64_U(0xfc03, "i32.trunc_sat_f64_u", Immediate.NONE),
  I64_TRUNC_SAT_F32_S(0xfc04, "i64.trunc_sat_f32_s", Immediate.NONE),
  I64_TRUNC_SAT_F32_U(0xfc05, "i64.trunc_sat_f32_u", Immediate.NONE),
  I64_TRUNC_SAT_F64_S(0xfc06, "i64.trunc_sat_f64_s", Immediate.NONE),
  I64_TRUNC_SAT_F64_U(0xfc07, "i64.trunc_sat_f64_u", Immediate.NONE),
  MEMORY_INIT(0xfc08, "memory.init", Immediate.INDEX_MEMORY),
  DATA_DROP(0xfc09, "data.drop", Immediate.INDEX),
  MEMORY_COPY(0xfc0a, "memory.copy", Immediate.MEMORY_MEMORY),
  MEMORY_FILL(0xfc0b, "memory.fill", Immediate.MEMORY),
  TABLE_INIT(0xfc0c, "table.init", Immediate.INDEX_INDEX),
  ELEM_DROP(0xfc0d, "elem.drop", Immediate.INDEX),
  TABLE_COPY(0xfc0e, "table.copy", Immediate.INDEX_INDEX),
  TABLE_GROW(0xfc0f, "table.grow", Immediate.INDEX),
  TABLE_SIZE(0xfc10, "table.size", Immediate.INDEX),
  TABLE_FILL(0xfc11, "table.fill", Immediate.INDEX);

  /** What follows the code in the binary. */
  enum Immediate {
    NONE,
    BLOCK,
    LABEL,
    LABELS,
    INDEX,
    INDEX_INDEX,
    MEMORY,
    MEMORY_MEMORY,
    INDEX_MEMORY,
    TYPES,
    REFERENCE_TYPE,
    MEMORY_ARGUMENT,
    I32,
    I64,
    F32,
    F64
  }

  private static final @Nullable WasmOpcode[] ONE_BYTE = new @Nullable WasmOpcode[256];
  private static final @Nullable WasmOpcode[] TWO_BYTES = new @Nullable WasmOpcode[256];

  static {
    for (WasmOpcode opcode : values()) {
      (opcode.code < 0x100 ? ONE_BYTE : TWO_BYTES)[opcode.code & 0xff] = opcode;
    }
  }

  private final int code;
  private final String text;
  private final Immediate immediate;

  WasmOpcode(int code, String text, Immediate immediate) {
    this.code = code;
    this.text = text;
    this.immediate = immediate;
  }

  /** The code in the binary: one byte, or {@code 0xfc00 + second byte}. */
  public int code() {
    return code;
  }

  /** The name in the text format. */
  public String text() {
    return text;
  }

  Immediate immediate() {
    return immediate;
  }

  static @Nullable WasmOpcode ofByte(int code) {
    return ONE_BYTE[code];
  }

  /** The instruction of prefix 0xfc and this second code. */
  static @Nullable WasmOpcode ofSecond(long second) {
    return second < 256 ? TWO_BYTES[(int) second] : null;
  }
}
