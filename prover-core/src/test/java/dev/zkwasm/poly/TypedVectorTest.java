package dev.zkwasm.poly;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;

class TypedVectorTest {
  @Test
  void valuesAreUnsigned() {
    check(TypedVector.Bits.checked(new byte[] {0, 1}), 1, 0, 1);
    check(new TypedVector.U8(new byte[] {0, -1}), 8, 0, 255);
    check(new TypedVector.U16(new char[] {1, 0xffff}), 16, 1, 65535);
    check(new TypedVector.U32(new int[] {300, -1}), 32, 300, 0xffffffffL);
    check(new TypedVector.U64(new long[] {0, -1}), 64, 0, -1);
    FrVector f = FrVector.of(Fr.of(3), Fr.of(-1));
    TypedVector field = new TypedVector.Field(f);
    assertSame(f, field.toField());
    assertEquals(254, field.bitLength());
    assertEquals(Fr.of(-1), field.get(1));
  }

  @Test
  void partsConvertToAnyPlace() {
    for (TypedVector v :
        List.of(
            new TypedVector.U16(new char[] {7, 8, 900}),
            new TypedVector.Field(FrVector.of(Fr.of(7), Fr.of(8), Fr.of(900))))) {
      FrVector out = FrVector.of(Fr.of(1), Fr.of(2), Fr.of(3), Fr.of(4));
      v.toMontgomery(1, 3, out.limbs(), 4);
      assertEquals(Fr.of(1), out.get(0));
      assertEquals(Fr.of(8), out.get(1));
      assertEquals(Fr.of(900), out.get(2));
      assertEquals(Fr.of(4), out.get(3));
      assertThrows(IndexOutOfBoundsException.class, () -> v.toMontgomery(1, 4, out.limbs(), 0));
    }
  }

  @Test
  void slicesAreCopiesOfTheSameType() {
    for (TypedVector v :
        List.of(
            new TypedVector.Bits(new byte[] {0, 1, 1, 0}),
            new TypedVector.U8(new byte[] {1, -1, 3, 4}),
            new TypedVector.U16(new char[] {1, 0xffff, 3, 4}),
            new TypedVector.U32(new int[] {1, -1, 3, 4}),
            new TypedVector.U64(new long[] {1, -1, 3, 4}),
            new TypedVector.Field(FrVector.of(Fr.of(9), Fr.of(-1), Fr.of(3), Fr.ZERO)))) {
      TypedVector slice = v.slice(1, 2);
      assertSame(v.getClass(), slice.getClass());
      assertEquals(List.of(v.get(1), v.get(2)), List.of(slice.get(0), slice.get(1)));
      assertEquals(2, slice.size());
      assertThrows(IndexOutOfBoundsException.class, () -> v.slice(3, 2));
    }
  }

  @Test
  void bitsAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> TypedVector.Bits.checked(new byte[] {1, 2}));
    assertThrows(IllegalArgumentException.class, () -> TypedVector.Bits.checked(new byte[] {-1}));
  }

  private static void check(TypedVector.Integers v, int bits, long... expected) {
    assertEquals(bits, v.bitLength());
    assertEquals(expected.length, v.size());
    FrVector field = v.toField();
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], v.getLong(i));
      BigInteger value = new BigInteger(Long.toUnsignedString(expected[i]));
      assertTrue(value.bitLength() <= bits);
      assertEquals(Fr.of(value), v.get(i));
      assertEquals(Fr.of(value), field.get(i));
    }
  }
}
