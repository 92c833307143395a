package dev.zkwasm.verifier;

import dev.zkwasm.field.Fr;
import dev.zkwasm.kzg.Combination;
import dev.zkwasm.kzg.OpeningGroup;
import dev.zkwasm.proof.OpeningPoints;
import dev.zkwasm.proof.ProofLayout;
import java.util.ArrayList;
import java.util.List;

/** What the batch opening of a proof must show: that its commitments have its evaluations. */
final class OpeningClaims {
  private final ProofLayout layout;
  private final OpeningPoints points;
  private final Commitments commitments;
  private final List<Fr> evaluations;

  OpeningClaims(
      ProofLayout layout, OpeningPoints points, Commitments commitments, List<Fr> evaluations) {
    this.layout = layout;
    this.points = points;
    this.commitments = commitments;
    this.evaluations = evaluations;
  }

  /**
   * The claims in the order of the protocol.
   *
   * @param quotient the value that the quotient must have at zeta
   */
  List<OpeningGroup> groups(Fr quotient) {
    List<OpeningGroup> groups = new ArrayList<>();
    for (ProofLayout.Group group : layout.groups()) {
      List<OpeningGroup.Claim> claims = new ArrayList<>();
      for (ProofLayout.Member member : group.members()) {
        claims.add(
            new OpeningGroup.Claim(
                Combination.of(commitments.slot(member.part(), member.slot())),
                values(member, group.pair())));
      }
      if (group.log() == layout.maxLog()) {
        claims.add(group.pair() ? accumulator() : quotient(quotient));
      }
      groups.add(new OpeningGroup(points.set(group), claims));
    }
    return groups;
  }

  private List<Fr> values(ProofLayout.Member member, boolean pair) {
    Fr value = evaluations.get(member.part().evaluation(member.slot()));
    return pair
        ? List.of(value, evaluations.get(member.part().nextEvaluation(member.slot())))
        : List.of(value);
  }

  private OpeningGroup.Claim accumulator() {
    int n = evaluations.size();
    return new OpeningGroup.Claim(
        Combination.of(commitments.accumulator()), evaluations.subList(n - 2, n));
  }

  /** {@code [q0] + zeta^N [q1] + zeta^(2N) [q2] + zeta^(3N) [q3]}. */
  private OpeningGroup.Claim quotient(Fr value) {
    Fr step = points.vanishing().add(Fr.ONE);
    return new OpeningGroup.Claim(
        new Combination(
            commitments.quotient(), List.of(Fr.ONE, step, step.square(), step.square().mul(step))),
        List.of(value));
  }
}
