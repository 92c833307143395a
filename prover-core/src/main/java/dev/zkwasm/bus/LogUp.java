package dev.zkwasm.bus;

import dev.zkwasm.air.Algebra;
import dev.zkwasm.air.Expr;
import dev.zkwasm.air.Interaction;
import dev.zkwasm.field.Fr;
import java.math.BigInteger;
import java.util.List;
import java.util.stream.Stream;

/**
 * The lookup argument that sums up the buses (Haböck, eprint 2022/1530), in any algebra: values at
 * a point for the verifier, programs for the prover. A row's interactions are fractions {@code sign
 * * multiplicity / (alpha - fingerprint)}; up to three share a helper column that holds their sum.
 *
 * @param <T> what an expression means
 */
public final class LogUp<T> {
  /** Largest number of entries of a tuple. */
  public static final int MAX_ARITY = 7;

  private final Algebra<T> algebra;
  private final T alpha;
  private final List<T> gammas;

  /**
   * The argument with its challenges.
   *
   * @param algebra how expressions are understood
   * @param alpha the point at which fractions are taken
   * @param gammas gamma, gamma^2, ..., gamma^{@value #MAX_ARITY}
   */
  public LogUp(Algebra<T> algebra, T alpha, List<T> gammas) {
    if (gammas.size() != MAX_ARITY) {
      throw new IllegalArgumentException(gammas.size() + " powers of gamma, not " + MAX_ARITY);
    }
    this.algebra = algebra;
    this.alpha = alpha;
    this.gammas = List.copyOf(gammas);
  }

  /** gamma, gamma^2, ... as the constructor wants them. */
  public static List<Fr> powers(Fr gamma) {
    return Stream.iterate(gamma, gamma::mul).limit(MAX_ARITY).toList();
  }

  /**
   * A sum of terms, not divided.
   *
   * @param numerator the numerator
   * @param denominator the product of the terms' denominators
   * @param <T> what an expression means
   */
  public record Fraction<T>(T numerator, T denominator) {}

  /** {@code alpha - (b + gamma x1 + gamma^2 x2 + ...)} for a tuple on a bus with code b. */
  public T denominator(Bus bus, List<T> tuple) {
    if (tuple.size() != bus.arity()) {
      throw new IllegalArgumentException(
          "bus " + bus + " has arity " + bus.arity() + ", not " + tuple.size());
    }
    T fingerprint = algebra.constant(BigInteger.valueOf(bus.code()));
    for (int i = 0; i < tuple.size(); i++) {
      fingerprint = algebra.add(fingerprint, algebra.multiply(gammas.get(i), tuple.get(i)));
    }
    return algebra.subtract(alpha, fingerprint);
  }

  /** The sum of the terms of some interactions in a row, as one fraction. */
  public Fraction<T> sum(List<Interaction> interactions) {
    Fraction<T> sum = null;
    for (Interaction interaction : interactions) {
      Fraction<T> term = term(interaction);
      sum = sum == null ? term : add(sum, term);
    }
    if (sum == null) {
      throw new IllegalArgumentException("a helper column needs an interaction");
    }
    return sum;
  }

  /** What is zero if and only if {@code helper} is the sum of the terms of the interactions. */
  public T constraint(T helper, List<Interaction> interactions) {
    Fraction<T> sum = sum(interactions);
    return algebra.subtract(algebra.multiply(helper, sum.denominator), sum.numerator);
  }

  private Fraction<T> term(Interaction interaction) {
    List<T> tuple = interaction.tuple().stream().map((Expr e) -> e.in(algebra)).toList();
    T multiplicity = interaction.multiplicity().in(algebra);
    T numerator =
        interaction.sign() > 0
            ? multiplicity
            : algebra.subtract(algebra.constant(BigInteger.ZERO), multiplicity);
    return new Fraction<>(numerator, denominator(interaction.bus(), tuple));
  }

  private Fraction<T> add(Fraction<T> a, Fraction<T> b) {
    return new Fraction<>(
        algebra.add(
            algebra.multiply(a.numerator, b.denominator),
            algebra.multiply(b.numerator, a.denominator)),
        algebra.multiply(a.denominator, b.denominator));
  }
}
