package dev.zkwasm.kzg;

import dev.zkwasm.compute.Bases;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.curve.G1;
import dev.zkwasm.field.Fr;
import java.util.ArrayList;
import java.util.List;

/**
 * The prover's side of {@link ShplonkVerifier}: from the combined polynomials {@code F_j = sum nu^i
 * f_i} the two elements of the proof. Claimed values are not needed: {@code (F_j - R_j) / Z_j} is
 * the quotient of {@code F_j} by {@code Z_j}, whatever the remainder, and so is {@code L / (X - u)}
 * that of {@code sum_j F_j / Z_j(u) - W(X)} by {@code X - u}.
 */
public final class ShplonkProver implements AutoCloseable {
  private final ComputeBackend backend;
  private final Bases powers;
  private final List<Group> groups;
  private final DeviceBuffer witness;

  /**
   * The polynomials opened at one set.
   *
   * @param points the opening set, one or two different points, as in {@link OpeningGroup}
   * @param polynomial the coefficients of {@code F_j}, left as they are and not closed here
   */
  public record Group(List<Fr> points, DeviceBuffer polynomial) {
    /** Copies the list. */
    public Group {
      points = List.copyOf(points);
    }
  }

  /**
   * Computes the polynomial behind W.
   *
   * @param powers the monomial basis, at least as long as the longest polynomial
   * @param groups at least one
   */
  public ShplonkProver(ComputeBackend backend, Bases powers, List<Group> groups) {
    this.backend = backend;
    this.powers = powers;
    this.groups = List.copyOf(groups);
    int size = this.groups.stream().mapToInt(g -> g.polynomial.size()).max().orElseThrow();
    this.witness = backend.allocate(size);
    for (Group group : this.groups) {
      try (DeviceBuffer quotient = backend.allocate(group.polynomial.size())) {
        DeviceBuffer dividend = group.polynomial;
        for (Fr point : group.points) {
          backend.divideByLinear(dividend, point, quotient);
          dividend = quotient;
        }
        backend.addScaled(witness, 0, 1, Fr.ONE, quotient);
      }
    }
  }

  /** W, to be absorbed before u is drawn. */
  public G1 w() {
    return backend.msm(powers, witness);
  }

  /**
   * W'.
   *
   * @param u the evaluation challenge
   * @throws IllegalArgumentException if u is an opening point: the caller draws another one
   */
  public G1 wPrime(Fr u) {
    List<Fr> factors = new ArrayList<>();
    List<DeviceBuffer> polynomials = new ArrayList<>();
    for (Group group : groups) {
      factors.add(ShplonkVerifier.inverseVanishing(group.points, u));
      polynomials.add(group.polynomial);
    }
    factors.add(Fr.of(-1));
    polynomials.add(witness);
    try (DeviceBuffer l = backend.allocate(witness.size())) {
      backend.linearCombination(factors, polynomials, l);
      backend.divideByLinear(l, u, l);
      return backend.msm(powers, l);
    }
  }

  /** Frees the polynomial behind W. */
  @Override
  public void close() {
    witness.close();
  }
}
