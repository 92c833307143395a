package dev.zkwasm.proof;

import dev.zkwasm.field.Fr;
import java.util.ArrayList;
import java.util.List;

/**
 * Where polynomials are opened: those of height {@code N_c} at {@code zeta_c = zeta^(N / N_c)} and,
 * for a next row, at {@code w_c zeta_c}; N is the largest height.
 */
public final class OpeningPoints {
  /** {@code zeta^(2^i)}: index is {@code maxLog - log}. */
  private final List<Fr> points = new ArrayList<>();

  private final ProofLayout layout;

  /** The points of a proof with this layout. */
  public OpeningPoints(ProofLayout layout, Fr zeta) {
    this.layout = layout;
    Fr point = zeta;
    for (int log = layout.maxLog(); log >= Instance.MIN_LOG; log--) {
      points.add(point);
      point = point.square();
    }
  }

  /** The point of polynomials of height {@code 2^log}. */
  public Fr at(int log) {
    return points.get(layout.maxLog() - log);
  }

  /** The point of the next row. */
  public Fr next(int log) {
    return Fr.rootOfUnity(log).mul(at(log));
  }

  /** The opening set of a group. */
  public List<Fr> set(ProofLayout.Group group) {
    Fr point = at(group.log());
    return group.pair() ? List.of(point, next(group.log())) : List.of(point);
  }

  /** {@code zeta^N - 1}, the same for every height: {@code zeta_c^N_c - 1}. Not zero. */
  public Fr vanishing() {
    return ProofTranscript.power2(points.getFirst(), layout.maxLog()).sub(Fr.ONE);
  }

  /** Whether a value is one of the points of the layout's opening groups. */
  public boolean contains(Fr value) {
    return layout.groups().stream().anyMatch(g -> set(g).contains(value));
  }
}
