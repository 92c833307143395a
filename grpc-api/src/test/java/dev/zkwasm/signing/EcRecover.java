package dev.zkwasm.signing;

import dev.zkwasm.transcript.Keccak256;
import java.math.BigInteger;
import java.util.Arrays;

/** Ethereum's {@code ecrecover}, in plain affine arithmetic. */
final class EcRecover {
  private static final BigInteger P =
      BigInteger.ONE
          .shiftLeft(256)
          .subtract(BigInteger.ONE.shiftLeft(32))
          .subtract(BigInteger.valueOf(977));
  static final BigInteger ORDER =
      new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
  private static final BigInteger[] G = {
    new BigInteger("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", 16),
    new BigInteger("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8", 16)
  };

  private EcRecover() {}

  static byte[] address(byte[] hash, byte[] signature) {
    BigInteger r = new BigInteger(1, Arrays.copyOf(signature, 32));
    BigInteger s = new BigInteger(1, Arrays.copyOfRange(signature, 32, 64));
    BigInteger y2 = r.pow(3).add(BigInteger.valueOf(7)).mod(P);
    BigInteger y = y2.modPow(P.add(BigInteger.ONE).shiftRight(2), P);
    if (y.testBit(0) != (signature[64] == 28)) {
      y = P.subtract(y);
    }
    BigInteger inverse = r.modInverse(ORDER);
    BigInteger[] key =
        add(
            multiply(G, new BigInteger(1, hash).negate().multiply(inverse).mod(ORDER)),
            multiply(new BigInteger[] {r, y}, s.multiply(inverse).mod(ORDER)));
    byte[] encoded = new byte[64];
    for (int i = 0; i < 2; i++) {
      byte[] bytes = key[i].toByteArray();
      int length = Math.min(32, bytes.length);
      System.arraycopy(bytes, bytes.length - length, encoded, 32 * i + 32 - length, length);
    }
    return Arrays.copyOfRange(Keccak256.hash(encoded), 12, 32);
  }

  /** An empty array is the point at infinity. */
  private static BigInteger[] add(BigInteger[] a, BigInteger[] b) {
    if (a.length == 0) {
      return b;
    }
    if (b.length == 0) {
      return a;
    }
    BigInteger slope;
    if (a[0].equals(b[0])) {
      if (a[1].add(b[1]).mod(P).signum() == 0) {
        return new BigInteger[0];
      }
      slope = a[0].pow(2).multiply(BigInteger.valueOf(3)).multiply(a[1].shiftLeft(1).modInverse(P));
    } else {
      slope = b[1].subtract(a[1]).multiply(b[0].subtract(a[0]).mod(P).modInverse(P));
    }
    BigInteger x = slope.pow(2).subtract(a[0]).subtract(b[0]).mod(P);
    return new BigInteger[] {x, slope.multiply(a[0].subtract(x)).subtract(a[1]).mod(P)};
  }

  private static BigInteger[] multiply(BigInteger[] point, BigInteger by) {
    BigInteger[] sum = {};
    for (int i = by.bitLength() - 1; i >= 0; i--) {
      sum = add(sum, sum);
      if (by.testBit(i)) {
        sum = add(sum, point);
      }
    }
    return sum;
  }
}
