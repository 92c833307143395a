package dev.zkwasm.bench.gkr;

import dev.zkwasm.bench.gkr.FractionProof.Fraction;
import dev.zkwasm.bench.gkr.FractionProof.Halves;
import dev.zkwasm.bench.gkr.FractionProof.Layer;
import dev.zkwasm.bench.gkr.FractionProof.Round;
import dev.zkwasm.field.Fr;
import dev.zkwasm.transcript.Transcript;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Checks {@link FractionProof}s, up to claims about the leaves. */
final class FractionVerifier {
  private FractionVerifier() {}

  /**
   * What remains to be checked of an accepted proof.
   *
   * @param point one coordinate per variable, that of the highest bit of the index first
   * @param leaves the values there of the multilinear extensions of each tree's leaves
   */
  record Claims(List<Fr> point, List<Fraction> leaves) {}

  /** The claims that the proof comes down to, or nothing if it is wrong in itself. */
  static Optional<Claims> verify(FractionProof proof, int trees, int log) {
    if (proof.roots().size() != trees || proof.layers().size() != log) {
      return Optional.empty();
    }
    Transcript transcript = new Transcript();
    FractionProof.absorb(transcript, proof.roots());
    List<Fr> point = List.of();
    List<Fraction> claimed = proof.roots();
    for (Layer layer : proof.layers()) {
      if (layer.rounds().size() != point.size() || layer.halves().size() != trees) {
        return Optional.empty();
      }
      Fr lambda = transcript.challenge("lambda");
      Fr mu = transcript.challenge("mu");
      Fr claim = FractionProof.combine(claimed, lambda, mu);
      List<Fr> next = new ArrayList<>();
      for (int j = 0; j < point.size(); j++) {
        Round round = layer.rounds().get(j);
        Fr z = point.get(j);
        if (z.isZero()) {
          return Optional.empty();
        }
        round.absorb(transcript);
        Fr r = transcript.challenge("r");
        // claim = (1 - z) t(0) + z t(1).
        Fr atOne = claim.sub(Fr.ONE.sub(z).mul(round.atZero())).mul(z.inverse());
        claim = round.at(r, atOne);
        next.add(r);
      }
      List<Fraction> sums = layer.halves().stream().map(h -> h.low().add(h.high())).toList();
      if (!FractionProof.combine(sums, lambda, mu).equals(claim)) {
        return Optional.empty();
      }
      List<Halves> halves = layer.halves();
      FractionProof.absorbHalves(transcript, halves);
      Fr tau = transcript.challenge("tau");
      claimed = FractionProof.fold(halves, tau);
      point = FractionProof.extend(tau, next);
    }
    return Optional.of(new Claims(point, claimed));
  }
}
