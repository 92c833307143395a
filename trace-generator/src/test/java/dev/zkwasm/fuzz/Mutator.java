package dev.zkwasm.fuzz;

import dev.zkwasm.field.Fq;
import dev.zkwasm.field.Fr;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Alters valid encodings as somebody would who knows what they are made of: bits and bytes,
 * integers at their edges where lengths may be, field elements and points that are none or have a
 * second form, pieces left out, doubled, moved, and taken from another input.
 */
final class Mutator {
  private static final int ELEMENT = 32;
  private static final long[] EDGES = {
    0,
    1,
    2,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    0x7fffffffL,
    0x80000000L,
    0xfffffffeL,
    0xffffffffL,
    0x100000000L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1
  };

  /** What is no canonical field element, no point, or the encoding of infinity. */
  private static final List<byte[]> ELEMENTS =
      List.of(
          new byte[ELEMENT],
          element(Fr.MODULUS, 0),
          element(Fr.MODULUS.add(BigInteger.ONE), 0),
          element(Fr.MODULUS.subtract(BigInteger.ONE), 0),
          element(BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE), 0),
          // Points: x at and above the prime, x of no point (0: 3 is no square; 4: 67 is none), and
          // of one with either sign, without the mark, and infinity with the mark or the sign.
          element(Fq.MODULUS, 0x80),
          element(Fq.MODULUS.add(BigInteger.ONE), 0x80),
          element(BigInteger.ZERO, 0x80),
          element(BigInteger.ZERO, 0xc0),
          element(BigInteger.ZERO, 0x40),
          element(BigInteger.valueOf(4), 0x80),
          element(BigInteger.ONE, 0x80),
          element(BigInteger.ONE, 0xc0),
          element(BigInteger.ONE, 0),
          element(BigInteger.ONE, 0x40));

  private final Random random;

  Mutator(long seed) {
    random = new Random(seed);
  }

  private static byte[] element(BigInteger value, int flags) {
    byte[] bytes = new byte[ELEMENT];
    byte[] digits = value.toByteArray();
    int length = Math.min(digits.length, ELEMENT);
    System.arraycopy(digits, digits.length - length, bytes, ELEMENT - length, length);
    bytes[0] |= (byte) flags;
    return bytes;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  /** One to four alterations; {@code other} is what pieces may be taken from. */
  byte[] mutate(byte[] input, byte[] other) {
    byte[] bytes = input.clone();
    for (int n = 1 + random.nextInt(4); n > 0; n -= 1 + random.nextInt(2)) {
      bytes = bytes.length == 0 ? new byte[] {(byte) random.nextInt(256)} : alter(bytes, other);
    }
    return bytes;
  }

  private byte[] alter(byte[] bytes, byte[] other) {
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(11)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt(256);
      case 2 -> put(bytes, at, EDGES[random.nextInt(EDGES.length)], 1 << random.nextInt(4));
      case 3 -> put(bytes, at, bytes.length - at + random.nextInt(9) - 4, 4);
      case 4 -> element(bytes);
      case 5 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 6 -> {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(64));
        if (random.nextBoolean()) {
          random.nextBytes(longer);
          System.arraycopy(bytes, 0, longer, 0, bytes.length);
        }
        return longer;
      }
      case 7 -> {
        int end = Math.min(bytes.length, at + 1 + random.nextInt(40));
        return spliced(bytes, at, end, new byte[0]);
      }
      case 8 -> {
        int end = Math.min(bytes.length, at + 1 + random.nextInt(40));
        return spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, end));
      }
      case 9 -> {
        int from = random.nextInt(bytes.length);
        int length = Math.min(ELEMENT, bytes.length - Math.max(at, from));
        byte[] moved = Arrays.copyOfRange(bytes, from, from + length);
        System.arraycopy(bytes, at, bytes, from, length);
        System.arraycopy(moved, 0, bytes, at, length);
      }
      default -> {
        int length = Math.min(1 + random.nextInt(100), Math.min(bytes.length, other.length) - at);
        if (length > 0) {
          System.arraycopy(other, at, bytes, at, length);
        }
      }
    }
    return bytes;
  }

  /**
   * An element at a place that is likely to be one: counted from the end, as proofs end with them.
   */
  private void element(byte[] bytes) {
    int places = bytes.length / ELEMENT;
    if (places > 0) {
      int at = bytes.length - ELEMENT * (1 + random.nextInt(places));
      System.arraycopy(ELEMENTS.get(random.nextInt(ELEMENTS.size())), 0, bytes, at, ELEMENT);
    }
  }

  private static byte[] spliced(byte[] bytes, int from, int to, byte[] by) {
    byte[] out = new byte[bytes.length - (to - from) + by.length];
    System.arraycopy(bytes, 0, out, 0, from);
    System.arraycopy(by, 0, out, from, by.length);
    System.arraycopy(bytes, to, out, from + by.length, bytes.length - to);
    return out;
  }

  /** Either order of bytes, as far as there are any. */
  private void put(byte[] bytes, int at, long value, int width) {
    boolean little = random.nextBoolean();
    for (int i = 0; i < width && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (value >>> (8 * (little ? i : width - 1 - i)));
    }
  }
}
