package dev.zkwasm.kzg;

import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.curve.G2;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * A reference string from a ceremony, checked when it was imported ({@link SrsStore#importPtau})
 * and since then read from the store's files.
 */
public final class ImportedSrs extends Srs {
  private static final Logger LOG = System.getLogger(ImportedSrs.class.getName());

  private final BasisFiles files;

  ImportedSrs(G2 tauG2, int maxLog, BasisFiles files) {
    super(tauG2, maxLog);
    this.files = files;
  }

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException if the file of the powers cannot be read or is corrupt: it cannot
   *     be computed, only imported again
   */
  @Override
  G1Vector obtain(Basis basis) {
    return switch (basis.kind()) {
      case POWERS -> powersOf(basis);
      case LAGRANGE -> files.readOr(basis, () -> lagrangeOf(basis));
    };
  }

  private G1Vector lagrangeOf(Basis basis) {
    LOG.log(
        Level.INFO,
        "reference string {0} came without a {1}: computing it, once; minutes for large heights",
        id(),
        basis);
    return GroupTransform.lagrangeFromPowers(powers(basis.log()), basis.log());
  }

  private G1Vector powersOf(Basis basis) {
    if (basis.log() < maxLog()) {
      return powers(maxLog()).slice(0, basis.size());
    }
    try {
      return files.read(basis);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "reference string " + id() + " must be imported again: " + e.getMessage(), e);
    }
  }
}
