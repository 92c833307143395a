package dev.zkwasm.curve;

import dev.zkwasm.field.Fq;
import java.util.ArrayList;
import java.util.List;

/**
 * The optimal ate pairing on BN254 (Vercauteren 2010), with the final exponentiation of Scott,
 * Benger, Charlemagne, Dominguez Perez and Kachisa (2009).
 */
public final class Pairing {
  /** Digits of t are odd and below {@code 2^(T_WIDTH-1)}, or 0. */
  private static final int T_WIDTH = 4;

  private static final int[] T_DIGITS = PreparedG2.nonAdjacent(PreparedG2.T, T_WIDTH);

  private Pairing() {}

  /**
   * Two arguments of the pairing.
   *
   * @param g1 a point of the first group
   * @param g2 a point of the second group, prepared
   */
  public record Pair(G1 g1, PreparedG2 g2) {
    /** Prepares the second point for one use. */
    public Pair(G1 g1, G2 g2) {
      this(g1, PreparedG2.of(g2));
    }
  }

  /**
   * Whether the product of the pairings is one; true for no pairs. One Miller loop and one final
   * exponentiation for all.
   */
  public static boolean productIsOne(List<Pair> pairs) {
    return product(pairs).isOne();
  }

  /** The product of the pairings, in the subgroup of order r. */
  static Fq12 product(List<Pair> pairs) {
    return finalExponentiation(millerLoop(pairs));
  }

  private static Fq12 millerLoop(List<Pair> pairs) {
    List<Cursor> cursors = new ArrayList<>();
    for (Pair pair : pairs) {
      if (!pair.g1.isInfinity() && !pair.g2.isInfinity()) {
        cursors.add(new Cursor(pair));
      }
    }
    Fq12 f = Fq12.ONE;
    for (int digit : PreparedG2.LOOP) {
      f = multiplyLines(f.square(), cursors);
      if (digit != 0) {
        f = multiplyLines(f, cursors);
      }
    }
    return multiplyLines(multiplyLines(f, cursors), cursors);
  }

  private static Fq12 multiplyLines(Fq12 f, List<Cursor> cursors) {
    Fq12 product = f;
    for (Cursor cursor : cursors) {
      product = cursor.multiplyNextLine(product);
    }
    return product;
  }

  /**
   * Evaluates the lines one after the other at a point (x, y), divided by y: a factor in Fq, which
   * the final exponentiation sends to one.
   */
  private static final class Cursor {
    private final List<PreparedG2.Line> lines;
    private final Fq inverseY;
    private final Fq minusXOverY;
    private int next;

    Cursor(Pair pair) {
      lines = pair.g2.lines();
      inverseY = pair.g1.y().inverse();
      minusXOverY = pair.g1.x().mul(inverseY).negate();
    }

    Fq12 multiplyNextLine(Fq12 f) {
      PreparedG2.Line line = lines.get(next++);
      return f.mulByLine(line.slope().mul(minusXOverY), line.offset().mul(inverseY));
    }
  }

  /** {@code f^((q^12 - 1) / r)}. */
  static Fq12 finalExponentiation(Fq12 f) {
    // Easy part: (q^6 - 1)(q^2 + 1).
    Fq12 m = f.conjugate().mul(f.inverse());
    m = m.frobenius().frobenius().mul(m);
    // Hard part: (q^4 - q^2 + 1) / r, written in base q with coefficients that are polynomials in
    // t.
    Fq12 mt = powT(m);
    Fq12 mt2 = powT(mt);
    Fq12 mt3 = powT(mt2);
    Fq12 mq = m.frobenius();
    Fq12 mq2 = mq.frobenius();
    Fq12 y0 = mq.mul(mq2).mul(mq2.frobenius());
    Fq12 y1 = m.conjugate();
    Fq12 y2 = mt2.frobenius().frobenius();
    Fq12 y3 = mt.frobenius().conjugate();
    Fq12 y4 = mt.mul(mt2.frobenius()).conjugate();
    Fq12 y5 = mt2.conjugate();
    Fq12 y6 = mt3.mul(mt3.frobenius()).conjugate();
    // y0 y1^2 y2^6 y3^12 y4^18 y5^30 y6^36, by the vectorial addition chain of the paper.
    Fq12 t0 = y6.cyclotomicSquare().mul(y4).mul(y5);
    Fq12 t1 = y3.mul(y5).mul(t0);
    t0 = t0.mul(y2);
    t1 = t1.cyclotomicSquare().mul(t0).cyclotomicSquare();
    t0 = t1.mul(y1).cyclotomicSquare();
    return t0.mul(t1.mul(y0));
  }

  /** {@code f^t} for an element of the cyclotomic subgroup, where inverses cost nothing. */
  private static Fq12 powT(Fq12 f) {
    Fq12 square = f.cyclotomicSquare();
    Fq12[] odd = new Fq12[1 << (T_WIDTH - 2)];
    odd[0] = f;
    for (int i = 1; i < odd.length; i++) {
      odd[i] = odd[i - 1].mul(square);
    }
    Fq12 power = Fq12.ONE;
    for (int digit : T_DIGITS) {
      power = power.cyclotomicSquare();
      if (digit > 0) {
        power = power.mul(odd[digit / 2]);
      } else if (digit < 0) {
        power = power.mul(odd[-digit / 2].conjugate());
      }
    }
    return power;
  }
}
