package dev.zkwasm.kzg;

/**
 * Names one of the vectors of points of a reference string.
 *
 * @param kind which points
 * @param log base-two logarithm of the height N they are for
 */
record Basis(Kind kind, int log) {
  enum Kind {
    /** {@code [tau^i]_1} for {@code i < N + EXTRA_POWERS}. */
    POWERS,
    /** {@code [L_i(tau)]_1} for {@code i < N}, the Lagrange basis of the subgroup of order N. */
    LAGRANGE
  }

  int size() {
    return (1 << log) + (kind == Kind.POWERS ? Srs.EXTRA_POWERS : 0);
  }

  String fileName() {
    return switch (kind) {
      case POWERS -> "powers-" + log + ".g1";
      case LAGRANGE -> "lagrange-" + log + ".g1";
    };
  }

  @Override
  public String toString() {
    return (kind == Kind.POWERS ? "powers" : "Lagrange basis") + " for height 2^" + log;
  }
}
