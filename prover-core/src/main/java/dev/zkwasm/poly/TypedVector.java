package dev.zkwasm.poly;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import java.util.Arrays;
import java.util.Objects;

/**
 * A column of field elements stored in the smallest integer type that holds its values.
 *
 * <p>Most cells of an execution trace are bits, bytes or short limbs. Keeping their type saves
 * memory and lets a multi-scalar multiplication look at as few bits as there are. The wrapped array
 * is a view, not a copy; whoever wraps an array promises not to change it while the vector is in
 * use.
 */
public sealed interface TypedVector {
  /** Number of elements. */
  int size();

  /** Every value is below {@code 2^bitLength()}: 1, 8, 16, 32, 64, or 254 for field elements. */
  int bitLength();

  /** Element {@code i} as a field element. */
  Fr get(int i);

  /** Writes elements {@code from..to-1} in packed Montgomery form to {@code out[at...]}. */
  void toMontgomery(int from, int to, long[] out, int at);

  /**
   * A copy of elements {@code from..from + count - 1}, of the same type.
   *
   * @throws IndexOutOfBoundsException if there are no such elements
   */
  TypedVector slice(int from, int count);

  /** All elements as field elements; the vector's own storage when it is {@link Field}. */
  default FrVector toField() {
    FrVector v = new FrVector(size());
    toMontgomery(0, size(), v.limbs(), 0);
    return v;
  }

  /** A vector whose elements are unsigned integers of at most 64 bits. */
  sealed interface Integers extends TypedVector {
    /** Element {@code i}, unsigned. */
    long getLong(int i);

    /** Writes elements {@code from..to-1}, unsigned, to {@code out[at...]}. */
    void toLongs(int from, int to, long[] out, int at);

    @Override
    default Fr get(int i) {
      return Fr.ofUnsigned(getLong(i));
    }

    @Override
    default void toMontgomery(int from, int to, long[] out, int at) {
      Objects.checkFromToIndex(from, to, size());
      SmallIntegers.toMontgomery(this, from, to, out, at);
    }
  }

  /**
   * Bits, one byte each. The values are promised to be 0 or 1; {@link #checked} makes sure.
   *
   * @param values one byte per element, 0 or 1
   */
  record Bits(byte[] values) implements Integers {
    /**
     * Wraps an array after looking at every value.
     *
     * @throws IllegalArgumentException if a value is neither 0 nor 1
     */
    public static Bits checked(byte[] values) {
      for (int i = 0; i < values.length; i++) {
        if ((values[i] & ~1) != 0) {
          throw new IllegalArgumentException("element " + i + " is " + values[i] + ", not a bit");
        }
      }
      return new Bits(values);
    }

    @Override
    public int size() {
      return values.length;
    }

    @Override
    public Bits slice(int from, int count) {
      Objects.checkFromIndexSize(from, count, values.length);
      return new Bits(Arrays.copyOfRange(values, from, from + count));
    }

    @Override
    public int bitLength() {
      return 1;
    }

    @Override
    public long getLong(int i) {
      return values[i];
    }

    @Override
    public void toLongs(int from, int to, long[] out, int at) {
      for (int i = from; i < to; i++) {
        out[at + i - from] = values[i];
      }
    }
  }

  /**
   * Unsigned bytes.
   *
   * @param values one byte per element, read as unsigned
   */
  record U8(byte[] values) implements Integers {
    @Override
    public int size() {
      return values.length;
    }

    @Override
    public U8 slice(int from, int count) {
      Objects.checkFromIndexSize(from, count, values.length);
      return new U8(Arrays.copyOfRange(values, from, from + count));
    }

    @Override
    public int bitLength() {
      return 8;
    }

    @Override
    public long getLong(int i) {
      return values[i] & 0xffL;
    }

    @Override
    public void toLongs(int from, int to, long[] out, int at) {
      for (int i = from; i < to; i++) {
        out[at + i - from] = values[i] & 0xffL;
      }
    }
  }

  /**
   * Unsigned 16-bit values.
   *
   * @param values one {@code char} per element
   */
  record U16(char[] values) implements Integers {
    @Override
    public int size() {
      return values.length;
    }

    @Override
    public U16 slice(int from, int count) {
      Objects.checkFromIndexSize(from, count, values.length);
      return new U16(Arrays.copyOfRange(values, from, from + count));
    }

    @Override
    public int bitLength() {
      return 16;
    }

    @Override
    public long getLong(int i) {
      return values[i];
    }

    @Override
    public void toLongs(int from, int to, long[] out, int at) {
      for (int i = from; i < to; i++) {
        out[at + i - from] = values[i];
      }
    }
  }

  /**
   * Unsigned 32-bit values.
   *
   * @param values one {@code int} per element, read as unsigned
   */
  record U32(int[] values) implements Integers {
    @Override
    public int size() {
      return values.length;
    }

    @Override
    public U32 slice(int from, int count) {
      Objects.checkFromIndexSize(from, count, values.length);
      return new U32(Arrays.copyOfRange(values, from, from + count));
    }

    @Override
    public int bitLength() {
      return 32;
    }

    @Override
    public long getLong(int i) {
      return values[i] & 0xffffffffL;
    }

    @Override
    public void toLongs(int from, int to, long[] out, int at) {
      for (int i = from; i < to; i++) {
        out[at + i - from] = values[i] & 0xffffffffL;
      }
    }
  }

  /**
   * Unsigned 64-bit values.
   *
   * @param values one {@code long} per element, read as unsigned
   */
  record U64(long[] values) implements Integers {
    @Override
    public int size() {
      return values.length;
    }

    @Override
    public U64 slice(int from, int count) {
      Objects.checkFromIndexSize(from, count, values.length);
      return new U64(Arrays.copyOfRange(values, from, from + count));
    }

    @Override
    public int bitLength() {
      return 64;
    }

    @Override
    public long getLong(int i) {
      return values[i];
    }

    @Override
    public void toLongs(int from, int to, long[] out, int at) {
      for (int i = from; i < to; i++) {
        out[at + i - from] = values[i];
      }
    }
  }

  /**
   * Arbitrary field elements.
   *
   * @param values the elements, canonical and in Montgomery form
   */
  record Field(FrVector values) implements TypedVector {
    @Override
    public int size() {
      return values.size();
    }

    @Override
    public Field slice(int from, int count) {
      Objects.checkFromIndexSize(from, count, values.size());
      int limb = from * PrimeField.LIMBS;
      return new Field(
          FrVector.wrap(Arrays.copyOfRange(values.limbs(), limb, limb + count * PrimeField.LIMBS)));
    }

    @Override
    public int bitLength() {
      return 254;
    }

    @Override
    public Fr get(int i) {
      return values.get(i);
    }

    @Override
    public void toMontgomery(int from, int to, long[] out, int at) {
      Objects.checkFromToIndex(from, to, size());
      System.arraycopy(
          values.limbs(), from * PrimeField.LIMBS, out, at, (to - from) * PrimeField.LIMBS);
    }

    @Override
    public FrVector toField() {
      return values;
    }
  }
}
