package dev.zkwasm.kzg;

import dev.zkwasm.curve.G1;
import dev.zkwasm.field.Fr;
import java.util.List;

/**
 * A commitment given as a linear combination of points, {@code sum_i scalars[i] * points[i]}, which
 * the batch opening never needs to add up by itself.
 *
 * @param points the points
 * @param scalars as many factors
 */
public record Combination(List<G1> points, List<Fr> scalars) {
  /** Copies the lists and requires them to be equally long. */
  public Combination {
    if (points.size() != scalars.size()) {
      throw new IllegalArgumentException(
          points.size() + " points and " + scalars.size() + " scalars");
    }
    points = List.copyOf(points);
    scalars = List.copyOf(scalars);
  }

  /** A single commitment. */
  public static Combination of(G1 commitment) {
    return new Combination(List.of(commitment), List.of(Fr.ONE));
  }
}
