package dev.zkwasm.bench.gkr;

import dev.zkwasm.field.Fr;
import dev.zkwasm.transcript.Transcript;
import java.util.ArrayList;
import java.util.List;

/**
 * A proof that trees of fractions were added up right.
 *
 * @param roots the sum of each tree
 * @param layers from the roots to the leaves
 */
record FractionProof(List<Fraction> roots, List<Layer> layers) {
  FractionProof {
    roots = List.copyOf(roots);
    layers = List.copyOf(layers);
  }

  /** {@code p / q}, not reduced. */
  record Fraction(Fr p, Fr q) {
    Fraction add(Fraction other) {
      return new Fraction(p.mul(other.q).add(other.p.mul(q)), q.mul(other.q));
    }
  }

  /**
   * A round of a sumcheck: of the polynomial t, of degree two, the value at 0 and the coefficient
   * of {@code X^2}.
   */
  record Round(Fr atZero, Fr leading) {
    /** The value at r, given that at 1. */
    Fr at(Fr r, Fr atOne) {
      Fr linear = atOne.sub(atZero).sub(leading);
      return leading.mul(r).add(linear).mul(r).add(atZero);
    }

    void absorb(Transcript transcript) {
      transcript.absorb("at 0", atZero.toBytes());
      transcript.absorb("leading", leading.toBytes());
    }
  }

  /** The claimed values of both halves of a tree's layer. */
  record Halves(Fraction low, Fraction high) {}

  /**
   * One layer.
   *
   * @param rounds one for each variable
   * @param halves one for each tree
   */
  record Layer(List<Round> rounds, List<Halves> halves) {
    Layer {
      rounds = List.copyOf(rounds);
      halves = List.copyOf(halves);
    }
  }

  /** Field elements in it. */
  int elements() {
    int count = 2 * roots.size();
    for (Layer layer : layers) {
      count += 2 * layer.rounds().size() + 4 * layer.halves().size();
    }
    return count;
  }

  // What prover and verifier do alike.

  static void absorb(Transcript transcript, List<Fraction> fractions) {
    for (Fraction fraction : fractions) {
      transcript.absorb("p", fraction.p().toBytes());
      transcript.absorb("q", fraction.q().toBytes());
    }
  }

  static void absorbHalves(Transcript transcript, List<Halves> halves) {
    absorb(transcript, halves.stream().map(Halves::low).toList());
    absorb(transcript, halves.stream().map(Halves::high).toList());
  }

  /** {@code low + tau (high - low)} of each tree. */
  static List<Fraction> fold(List<Halves> halves, Fr tau) {
    return halves.stream()
        .map(
            h ->
                new Fraction(
                    line(h.low().p(), h.high().p(), tau), line(h.low().q(), h.high().q(), tau)))
        .toList();
  }

  static Fr line(Fr low, Fr high, Fr r) {
    return low.add(r.mul(high.sub(low)));
  }

  /** {@code sum_i mu^i (p_i + lambda q_i)}. */
  static Fr combine(List<Fraction> fractions, Fr lambda, Fr mu) {
    Fr sum = Fr.ZERO;
    Fr weight = Fr.ONE;
    for (Fraction fraction : fractions) {
      sum = sum.add(weight.mul(fraction.p().add(lambda.mul(fraction.q()))));
      weight = weight.mul(mu);
    }
    return sum;
  }

  /** The point of the next layer: its new variable comes first. */
  static List<Fr> extend(Fr tau, List<Fr> point) {
    List<Fr> next = new ArrayList<>();
    next.add(tau);
    next.addAll(point);
    return next;
  }
}
