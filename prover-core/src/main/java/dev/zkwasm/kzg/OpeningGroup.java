package dev.zkwasm.kzg;

import dev.zkwasm.field.Fr;
import java.util.HashSet;
import java.util.List;

/**
 * Claims about polynomials that are opened at the same points.
 *
 * @param points the opening set, one or two different points
 * @param claims at least one
 */
public record OpeningGroup(List<Fr> points, List<Claim> claims) {
  /**
   * That the polynomial behind a commitment has these values.
   *
   * @param commitment the commitment
   * @param values one for each point of the group, in order
   */
  public record Claim(Combination commitment, List<Fr> values) {
    /** Copies the list. */
    public Claim {
      values = List.copyOf(values);
    }
  }

  /** Copies the lists and checks their sizes. */
  public OpeningGroup {
    points = List.copyOf(points);
    claims = List.copyOf(claims);
    int size = points.size();
    if (size < 1 || size > 2 || new HashSet<>(points).size() != size) {
      throw new IllegalArgumentException(
          "an opening set is one point or two different ones, not " + points);
    }
    if (claims.isEmpty()) {
      throw new IllegalArgumentException("a group without claims");
    }
    for (Claim claim : claims) {
      if (claim.values.size() != size) {
        throw new IllegalArgumentException(claim.values.size() + " values at " + size + " points");
      }
    }
  }
}
