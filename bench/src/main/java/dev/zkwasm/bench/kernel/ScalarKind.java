package dev.zkwasm.bench.kernel;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import dev.zkwasm.poly.TypedVector;
import java.math.BigInteger;
import java.util.Locale;
import java.util.SplittableRandom;

/** Kinds of scalars and field elements. */
public enum ScalarKind {
  /** Uniform in the field. */
  UNIFORM,
  /**
   * Field elements as a trace has them, not told apart by type: 40 % zeros, 20 % ones, 20 % bytes,
   * 15 % of 32 bits, 5 % uniform.
   */
  WITNESS,
  /** The same uniform element everywhere: all points fall into one bucket. */
  EQUAL,
  /** 0 or 1, typed. */
  BIT,
  /** 8 bits, typed. */
  U8,
  /** 16 bits, typed. */
  U16,
  /** 32 bits, typed. */
  U32,
  /** 64 bits, typed. */
  U64;

  /** Lower case, as options and reports have it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether these are field elements: the others are integers in a type of their own. */
  public boolean isField() {
    return this == UNIFORM || this == WITNESS || this == EQUAL;
  }

  /** Bits of a scalar that a multiplication by it has to look at. */
  public int bits() {
    return switch (this) {
      case UNIFORM, WITNESS, EQUAL -> 254;
      case BIT -> 1;
      case U8 -> 8;
      case U16 -> 16;
      case U32 -> 32;
      case U64 -> 64;
    };
  }

  /** So many of them, always the same for a seed. */
  public TypedVector generate(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return switch (this) {
      case UNIFORM -> new TypedVector.Field(uniform(size, random));
      case WITNESS -> new TypedVector.Field(witness(size, random));
      case EQUAL -> {
        Fr value = uniform(1, random).get(0);
        FrVector values = new FrVector(size);
        for (int i = 0; i < size; i++) {
          values.set(i, value);
        }
        yield new TypedVector.Field(values);
      }
      case BIT -> {
        byte[] values = new byte[size];
        for (int i = 0; i < size; i++) {
          values[i] = (byte) random.nextInt(2);
        }
        yield new TypedVector.Bits(values);
      }
      case U8 -> {
        byte[] values = new byte[size];
        random.nextBytes(values);
        yield new TypedVector.U8(values);
      }
      case U16 -> {
        char[] values = new char[size];
        for (int i = 0; i < size; i++) {
          values[i] = (char) random.nextInt(1 << 16);
        }
        yield new TypedVector.U16(values);
      }
      case U32 -> new TypedVector.U32(random.ints(size).toArray());
      case U64 -> new TypedVector.U64(random.longs(size).toArray());
    };
  }

  /** Uniform field elements, always the same for a seed. */
  public static FrVector uniform(int size, long seed) {
    return uniform(size, new SplittableRandom(seed));
  }

  private static FrVector uniform(int size, SplittableRandom random) {
    FrVector values = new FrVector(size);
    for (int i = 0; i < size; i++) {
      uniform(random, values, i);
    }
    return values;
  }

  private static void uniform(SplittableRandom random, FrVector values, int i) {
    long[] limbs = values.limbs();
    int at = i * PrimeField.LIMBS;
    do {
      for (int k = 0; k < PrimeField.LIMBS; k++) {
        limbs[at + k] = random.nextLong();
      }
      // 254 bits: three of four are below the modulus.
      limbs[at + PrimeField.LIMBS - 1] >>>= 2;
    } while (!PrimeField.FR.isCanonical(limbs, at));
  }

  private static FrVector witness(int size, SplittableRandom random) {
    FrVector values = new FrVector(size);
    for (int i = 0; i < size; i++) {
      int percent = random.nextInt(100);
      if (percent < 40) {
        continue;
      }
      if (percent >= 95) {
        uniform(random, values, i);
      } else {
        long value = percent < 60 ? 1 : random.nextLong(percent < 80 ? 1L << 8 : 1L << 32);
        values.set(i, Fr.ofUnsigned(value));
      }
    }
    return values;
  }

  /** {@code sum_i a[i] b[i]}, element by element in scalar arithmetic: the slow twin. */
  public static Fr innerProduct(TypedVector a, FrVector b) {
    PrimeField fr = PrimeField.FR;
    long[] sum = new long[PrimeField.LIMBS];
    long[] term = new long[PrimeField.LIMBS];
    int block = 1 << 12;
    long[] x = new long[block * PrimeField.LIMBS];
    for (int from = 0; from < a.size(); from += block) {
      int to = Math.min(a.size(), from + block);
      a.toMontgomery(from, to, x, 0);
      for (int i = from; i < to; i++) {
        fr.mul(x, (i - from) * PrimeField.LIMBS, b.limbs(), i * PrimeField.LIMBS, term, 0);
        fr.add(sum, 0, term, 0, sum, 0);
      }
    }
    return Fr.load(sum, 0);
  }

  /** An element that nobody can have prepared for. */
  static Fr secret() {
    return Fr.of(new BigInteger(320, new java.security.SecureRandom()));
  }
}
