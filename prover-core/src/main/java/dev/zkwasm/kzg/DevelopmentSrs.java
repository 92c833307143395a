package dev.zkwasm.kzg;

import dev.zkwasm.curve.FixedBase;
import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.curve.G2;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.poly.Domain;
import dev.zkwasm.transcript.Keccak256;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The reference string of a secret that is public: {@code tau = keccak256("zkwasm development
 * reference string: INSECURE") mod r}. Anyone can forge proofs under it. It is there so that
 * development and tests need no ceremony: everything is computed directly from tau.
 */
public final class DevelopmentSrs extends Srs {
  /** The largest height by default: {@code 2^20}. */
  public static final int DEFAULT_MAX_LOG = 20;

  private static final Fr TAU =
      Fr.of(
          new BigInteger(
              1,
              Keccak256.hash(
                  "zkwasm development reference string: INSECURE"
                      .getBytes(StandardCharsets.US_ASCII))));

  /** {@code [tau]_2}. */
  static final G2 TAU_G2 = G2.GENERATOR.mul(TAU);

  private final Optional<BasisFiles> files;

  private DevelopmentSrs(int maxLog, Optional<BasisFiles> files) {
    super(TAU_G2, maxLog);
    this.files = files;
  }

  /** The string for heights up to {@code 2^20}, kept in memory only. */
  public static DevelopmentSrs inMemory() {
    return inMemory(DEFAULT_MAX_LOG);
  }

  /**
   * The string for heights up to {@code 2^maxLog}, kept in memory only.
   *
   * @throws IllegalArgumentException unless {@code 4 <= maxLog <= 24}
   */
  public static DevelopmentSrs inMemory(int maxLog) {
    return new DevelopmentSrs(maxLog, Optional.empty());
  }

  /**
   * The string for heights up to {@code 2^maxLog}, whose points are computed once and kept in files
   * below a directory that several processes may share. A file that does not check is computed
   * again.
   *
   * @throws IllegalArgumentException unless {@code 4 <= maxLog <= 24}
   */
  public static DevelopmentSrs cachedIn(Path directory, int maxLog) {
    return new DevelopmentSrs(maxLog, Optional.of(new BasisFiles(directory, TAU_G2)));
  }

  @Override
  G1Vector obtain(Basis basis) {
    return files.isPresent() ? files.get().readOr(basis, () -> compute(basis)) : compute(basis);
  }

  private static G1Vector compute(Basis basis) {
    FrVector scalars =
        switch (basis.kind()) {
          case POWERS -> powersOfTau(basis.size());
          case LAGRANGE -> Domain.ofLogSize(basis.log()).lagrangeAll(TAU);
        };
    return new FixedBase(G1.GENERATOR, scalars.size()).multiples(scalars);
  }

  private static FrVector powersOfTau(int count) {
    FrVector powers = new FrVector(count);
    Fr power = Fr.ONE;
    for (int i = 0; i < count; i++) {
      powers.set(i, power);
      power = power.mul(TAU);
    }
    return powers;
  }
}
