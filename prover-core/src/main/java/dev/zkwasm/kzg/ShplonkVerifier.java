package dev.zkwasm.kzg;

import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Msm;
import dev.zkwasm.curve.G2;
import dev.zkwasm.curve.Pairing;
import dev.zkwasm.curve.PreparedG2;
import dev.zkwasm.field.FieldHints;
import dev.zkwasm.field.Fr;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks batch openings: Boneh, Drake, Fisch, Gabizon, "Efficient polynomial commitment schemes for
 * multiple points and polynomials", eprint 2020/081, second scheme; section Opening of the
 * protocol's specification.
 *
 * <p>With the claims numbered {@code i = 0, 1, ...} through all groups j, opening sets {@code S_j},
 * {@code Z_j = prod_{s in S_j} (X - s)}, {@code F_j = sum nu^i f_i} and {@code R_j} the
 * interpolation of {@code F_j}'s claimed values: {@code W} commits to {@code sum_j (F_j - R_j) /
 * Z_j} and {@code W'} to {@code L / (X - u)}, where {@code L = sum_j (F_j - R_j(u)) / Z_j(u) -
 * sum_j (F_j - R_j) / Z_j} vanishes at u.
 */
public final class ShplonkVerifier {
  private static final PreparedG2 G2_GENERATOR = PreparedG2.of(G2.GENERATOR);

  private final G2 tauG2;
  private final PreparedG2 prepared;
  private final FieldHints hints;

  /** A verifier under the reference string with this {@code [tau]_2}. */
  public ShplonkVerifier(G2 tauG2) {
    this(tauG2, FieldHints.NONE);
  }

  /** A verifier with hints, which are checked. */
  public ShplonkVerifier(G2 tauG2, FieldHints hints) {
    this.tauG2 = tauG2;
    this.hints = hints;
    this.prepared = PreparedG2.of(tauG2);
  }

  /** The string's {@code [tau]_2}. */
  public G2 tauG2() {
    return tauG2;
  }

  /**
   * Whether all claims hold.
   *
   * @param groups the claims
   * @param nu the challenge that combines them, drawn after the values were fixed
   * @param w the first element of the proof, W
   * @param u the evaluation challenge, drawn after W was fixed
   * @param wPrime the second element of the proof, W'
   * @throws IllegalArgumentException if u is an opening point: the caller draws another one
   */
  public boolean verify(List<OpeningGroup> groups, Fr nu, G1 w, Fr u, G1 wPrime) {
    // E = sum_j [F_j] / Z_j(u) - [sum_j R_j(u) / Z_j(u)]_1 - W, and u W', as one multi-scalar
    // multiplication.
    List<G1> points = new ArrayList<>();
    List<Fr> scalars = new ArrayList<>();
    Fr constant = Fr.ZERO;
    Fr power = Fr.ONE;
    for (OpeningGroup group : groups) {
      Fr inverseZ = inverseVanishing(group.points(), u);
      List<Fr> weights = interpolationWeights(group.points(), u);
      for (OpeningGroup.Claim claim : group.claims()) {
        Fr factor = power.mul(inverseZ);
        for (int i = 0; i < claim.commitment().points().size(); i++) {
          points.add(claim.commitment().points().get(i));
          scalars.add(claim.commitment().scalars().get(i).mul(factor));
        }
        for (int i = 0; i < weights.size(); i++) {
          constant = constant.add(claim.values().get(i).mul(weights.get(i)).mul(factor));
        }
        power = power.mul(nu);
      }
    }
    points.addAll(List.of(G1.GENERATOR, w, wPrime));
    scalars.addAll(List.of(constant.negate(), Fr.of(-1), u));
    G1 left = G1Msm.sum(points, scalars, hints);
    // e(E + u W', [1]_2) = e(W', [tau]_2)
    return Pairing.productIsOne(
        List.of(new Pairing.Pair(left, G2_GENERATOR), new Pairing.Pair(wPrime.negate(), prepared)));
  }

  static Fr inverseVanishing(List<Fr> points, Fr u) {
    Fr z = Fr.ONE;
    for (Fr s : points) {
      z = z.mul(u.sub(s));
    }
    if (z.isZero()) {
      throw new IllegalArgumentException("the evaluation challenge is an opening point");
    }
    return z.inverse();
  }

  /** The Lagrange basis of the opening set at u. */
  private static List<Fr> interpolationWeights(List<Fr> points, Fr u) {
    if (points.size() == 1) {
      return List.of(Fr.ONE);
    }
    Fr a = points.get(0);
    Fr b = points.get(1);
    Fr slope = u.sub(a).mul(b.sub(a).inverse());
    return List.of(Fr.ONE.sub(slope), slope);
  }
}
