package dev.zkwasm.curve;

import dev.zkwasm.field.Fq;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The lines of the optimal ate Miller loop for one point of {@link G2}: what does not depend on the
 * other argument of the pairing. A verifier pairs with the same two points again and again and
 * prepares them once.
 *
 * <p>The loop count is {@code 6 t + 2} in non-adjacent form, {@code t} the curve parameter
 * (Vercauteren 2010), followed by the two Frobenius images.
 */
public final class PreparedG2 {
  /** BN254's parameter: {@code q = 36 t^4 + 36 t^3 + 24 t^2 + 6 t + 1}. */
  static final BigInteger T = new BigInteger("4965661367192848881");

  /** Digits of the loop count, -1, 0 or 1, most significant first, without the leading one. */
  static final int[] LOOP =
      withoutFirst(nonAdjacent(T.multiply(BigInteger.valueOf(6)).add(BigInteger.TWO), 2));

  /**
   * A line through points of the twist, of slope {@code slope}, as a function on the curve: {@code
   * y - slope x w + offset w^3}, with {@code offset = slope x_T - y_T}.
   */
  record Line(Fq2 slope, Fq2 offset) {}

  private final List<Line> lines;

  private PreparedG2(List<Line> lines) {
    this.lines = lines;
  }

  /** Computes the lines: about 90 inversions. */
  public static PreparedG2 of(G2 q) {
    if (q.isInfinity()) {
      return new PreparedG2(List.of());
    }
    List<Line> lines = new ArrayList<>();
    Walker walker = new Walker(q.x(), q.y(), lines);
    for (int digit : LOOP) {
      walker.twice();
      if (digit != 0) {
        walker.add(q.x(), digit > 0 ? q.y() : q.y().negate());
      }
    }
    Fq2 x1 = q.x().conjugate().mul(Fq12.FROBENIUS[2]);
    Fq2 y1 = q.y().conjugate().mul(Fq12.FROBENIUS[3]);
    walker.add(x1, y1);
    Fq2 x2 = x1.conjugate().mul(Fq12.FROBENIUS[2]);
    Fq2 y2 = y1.conjugate().mul(Fq12.FROBENIUS[3]);
    walker.add(x2, y2.negate());
    return new PreparedG2(List.copyOf(lines));
  }

  /** Whether the point is the neutral element. */
  public boolean isInfinity() {
    return lines.isEmpty();
  }

  /**
   * The lines in the order of the loop: for each digit a tangent and, unless it is zero, a chord;
   * then two chords. Empty for infinity.
   */
  List<Line> lines() {
    return lines;
  }

  private static int[] withoutFirst(int[] digits) {
    return Arrays.copyOfRange(digits, 1, digits.length);
  }

  /**
   * A positive number in non-adjacent form, most significant digit first: of {@code width} digits
   * in a row at most one is not zero, and that is odd and less than {@code 2^(width-1)} in size.
   */
  static int[] nonAdjacent(BigInteger number, int width) {
    List<Integer> digits = new ArrayList<>();
    int radix = 1 << width;
    for (BigInteger n = number; n.signum() != 0; n = n.shiftRight(1)) {
      int digit = 0;
      if (n.testBit(0)) {
        digit = n.intValue() & (radix - 1);
        digit -= digit >= radix / 2 ? radix : 0;
        n = n.subtract(BigInteger.valueOf(digit));
      }
      digits.add(digit);
    }
    return digits.reversed().stream().mapToInt(d -> d).toArray();
  }

  /**
   * The running multiple of the point, in affine coordinates. In a group of prime order r the loop
   * meets no vertical line.
   */
  private static final class Walker {
    private Fq2 x;
    private Fq2 y;
    private final List<Line> lines;

    Walker(Fq2 x, Fq2 y, List<Line> lines) {
      this.x = x;
      this.y = y;
      this.lines = lines;
    }

    void twice() {
      step(x.square().mul(Fq.of(3)).mul(y.twice().inverse()), x);
    }

    void add(Fq2 otherX, Fq2 otherY) {
      step(otherY.sub(y).mul(otherX.sub(x).inverse()), otherX);
    }

    private void step(Fq2 slope, Fq2 otherX) {
      lines.add(new Line(slope, slope.mul(x).sub(y)));
      Fq2 sumX = slope.square().sub(x).sub(otherX);
      y = slope.mul(x.sub(sumX)).sub(y);
      x = sumX;
    }
  }
}
