package dev.zkwasm.cuda;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Kernel arguments as a device has them in memory: little-endian, structs with their padding. */
final class Arguments {
  /** Bytes of a field element. */
  static final int FIELD_BYTES = 8 * PrimeField.LIMBS;

  private Arguments() {}

  /** A 32-bit number. */
  static byte[] u32(int value) {
    return struct(4).putInt(value).array();
  }

  /** A 64-bit number, or an address. */
  static byte[] u64(long value) {
    return struct(8).putLong(value).array();
  }

  /** A field element, in Montgomery form. */
  static byte[] field(Fr value) {
    return put(struct(FIELD_BYTES), value).array();
  }

  /** A {@code Squares}: {@code ratio^(2^j)} for j below 32. */
  static byte[] squares(Fr ratio) {
    ByteBuffer struct = struct(32 * FIELD_BYTES);
    Fr power = ratio;
    for (int j = 0; j < 32; j++) {
      put(struct, power);
      power = power.square();
    }
    return struct.array();
  }

  /** Field elements one after the other. */
  static byte[] fields(List<Fr> values) {
    ByteBuffer struct = struct(values.size() * FIELD_BYTES);
    values.forEach(v -> put(struct, v));
    return struct.array();
  }

  /** An empty struct of so many bytes, to be filled in order. */
  static ByteBuffer struct(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Appends a field element. */
  static ByteBuffer put(ByteBuffer struct, Fr value) {
    long[] limbs = new long[PrimeField.LIMBS];
    value.store(limbs, 0);
    for (long limb : limbs) {
      struct.putLong(limb);
    }
    return struct;
  }
}
