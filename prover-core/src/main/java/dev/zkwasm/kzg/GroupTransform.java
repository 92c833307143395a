package dev.zkwasm.kzg;

import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import java.util.stream.IntStream;

/**
 * Inverse discrete Fourier transforms of field elements and, in the exponent, of points. Plain
 * radix-2, for reference strings only.
 */
final class GroupTransform {
  private GroupTransform() {}

  /**
   * The Lagrange basis of height {@code N = 2^log} from the first N powers: {@code L_i(tau) = 1/N
   * sum_j w^(-ij) tau^j}, an inverse transform in the exponent. It costs {@code (N / 2) log + N}
   * scalar multiplications: minutes at {@code 2^16}.
   */
  static G1Vector lagrangeFromPowers(G1Vector powers, int log) {
    int n = 1 << log;
    G1[] a = new G1[n];
    for (int i = 0; i < n; i++) {
      a[reverse(i, log)] = powers.get(i);
    }
    for (int level = 1; level <= log; level++) {
      int half = 1 << (level - 1);
      Fr[] twiddles = inverseRootPowers(level);
      IntStream.range(0, n / 2)
          .parallel()
          .forEach(
              b -> {
                int j = b & (half - 1);
                int at = ((b - j) << 1) + j;
                G1 odd = j == 0 ? a[at + half] : a[at + half].mul(twiddles[j]);
                G1 even = a[at];
                a[at] = even.add(odd);
                a[at + half] = even.sub(odd);
              });
    }
    Fr inverseN = Fr.of(n).inverse();
    G1Vector out = new G1Vector(n);
    IntStream.range(0, n).parallel().forEach(i -> out.set(i, a[i].mul(inverseN)));
    return out;
  }

  /**
   * The coefficients of the polynomial of degree below N that has the given values at {@code 1, w,
   * w^2, ...}.
   */
  static FrVector interpolate(FrVector values) {
    int n = values.size();
    int log = Integer.numberOfTrailingZeros(n);
    FrVector a = new FrVector(n);
    for (int i = 0; i < n; i++) {
      a.set(reverse(i, log), values.get(i));
    }
    for (int level = 1; level <= log; level++) {
      int half = 1 << (level - 1);
      Fr[] twiddles = inverseRootPowers(level);
      for (int start = 0; start < n; start += 2 * half) {
        for (int j = 0; j < half; j++) {
          Fr even = a.get(start + j);
          Fr odd = a.get(start + half + j).mul(twiddles[j]);
          a.set(start + j, even.add(odd));
          a.set(start + half + j, even.sub(odd));
        }
      }
    }
    Fr inverseN = Fr.of(n).inverse();
    for (int i = 0; i < n; i++) {
      a.set(i, a.get(i).mul(inverseN));
    }
    return a;
  }

  /** {@code w^-j} for {@code j < 2^(level-1)}, w of order {@code 2^level}. */
  private static Fr[] inverseRootPowers(int level) {
    Fr step = Fr.rootOfUnity(level).inverse();
    Fr[] powers = new Fr[1 << (level - 1)];
    Fr power = Fr.ONE;
    for (int j = 0; j < powers.length; j++) {
      powers[j] = power;
      power = power.mul(step);
    }
    return powers;
  }

  private static int reverse(int i, int log) {
    return log == 0 ? 0 : Integer.reverse(i) >>> (32 - log);
  }
}
