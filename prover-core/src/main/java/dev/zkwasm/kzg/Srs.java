package dev.zkwasm.kzg;

import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.curve.G2;
import dev.zkwasm.transcript.Keccak256;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * A structured reference string: {@code [tau^i]_1}, {@code [1]_2} and {@code [tau]_2} for a {@code
 * tau} that nobody should know. It is identified by {@code [tau]_2} alone, which determines the
 * rest. {@code [1]_1} and {@code [1]_2} are the standard generators.
 *
 * <p>Vectors of points are computed or read when first asked for and then kept: the same call
 * returns the same object. They must not be modified. Safe for use by several threads.
 */
public abstract sealed class Srs permits DevelopmentSrs, ImportedSrs {
  /**
   * A proof whose largest height is {@code N = 2^log} commits to polynomials of up to {@code N +
   * EXTRA_POWERS} coefficients, because blinders go beyond N. No smallest ceremony is too short:
   * one for N has {@code 2 N - 1} powers.
   */
  public static final int EXTRA_POWERS = 15;

  /** The smallest height that the proof format admits. */
  static final int MIN_MAX_LOG = 4;

  /** The largest height that the proof format admits. */
  static final int MAX_LOG = 24;

  /**
   * Ceremonies whose {@code [tau]_2} has been checked against their published record: id to name.
   */
  private static final Map<String, String> KNOWN_CEREMONIES = Map.of();

  private final G2 tauG2;
  private final String id;
  private final int maxLog;
  private final Map<Basis, G1Vector> loaded = new HashMap<>();

  Srs(G2 tauG2, int maxLog) {
    if (maxLog < MIN_MAX_LOG || maxLog > MAX_LOG) {
      throw new IllegalArgumentException(
          "a reference string is for heights up to 2^"
              + MIN_MAX_LOG
              + " to 2^"
              + MAX_LOG
              + ", not 2^"
              + maxLog);
    }
    this.tauG2 = tauG2;
    this.id = id(tauG2);
    this.maxLog = maxLog;
  }

  /**
   * The id of the string with this {@code [tau]_2}: the keccak-256 of its 128-byte encoding, in
   * hex.
   */
  public static String id(G2 tauG2) {
    return HexFormat.of().formatHex(Keccak256.hash(tauG2.toBytes()));
  }

  /**
   * Whether this {@code [tau]_2} is that of the development string, whose secret is public: proofs
   * under it mean nothing.
   */
  public static boolean insecureDevelopment(G2 tauG2) {
    return tauG2.equals(DevelopmentSrs.TAU_G2);
  }

  /** The id: 64 hex digits. */
  public final String id() {
    return id;
  }

  /** {@code [tau]_2}. */
  public final G2 tauG2() {
    return tauG2;
  }

  /** Base-two logarithm of the largest supported height. */
  public final int maxLog() {
    return maxLog;
  }

  /**
   * Whether this is the development string, recognised by its {@code [tau]_2} and not by where it
   * came from.
   */
  public final boolean insecureDevelopment() {
    return insecureDevelopment(tauG2);
  }

  /**
   * What to tell people about its origin: the insecure development string, a known ceremony, or
   * untrusted.
   */
  public final String origin() {
    return insecureDevelopment()
        ? "development, INSECURE: its secret is public"
        : Optional.ofNullable(KNOWN_CEREMONIES.get(id)).orElse("untrusted");
  }

  /**
   * The monomial basis for proofs whose largest height is {@code 2^log}: {@code [tau^i]_1} for
   * {@code i < 2^log + EXTRA_POWERS}.
   *
   * @throws IllegalArgumentException unless {@code 0 <= log <= maxLog()}
   */
  public final G1Vector powers(int log) {
    return get(new Basis(Basis.Kind.POWERS, log));
  }

  /**
   * The Lagrange basis of height {@code 2^log}: point i is {@code [L_i(tau)]_1}, where {@code L_i}
   * is 1 at {@code w^i} and 0 at the other powers of {@code w = Fr.rootOfUnity(log)}.
   *
   * @throws IllegalArgumentException unless {@code 0 <= log <= maxLog()}
   */
  public final G1Vector lagrange(int log) {
    return get(new Basis(Basis.Kind.LAGRANGE, log));
  }

  private G1Vector get(Basis basis) {
    if (basis.log() < 0 || basis.log() > maxLog) {
      throw new IllegalArgumentException(
          "no " + basis + ": reference string " + id + " is for heights up to 2^" + maxLog);
    }
    // One at a time: a computation uses all cores by itself.
    synchronized (loaded) {
      G1Vector points = loaded.get(basis);
      if (points == null) {
        points = obtain(basis);
        loaded.put(basis, points);
      }
      return points;
    }
  }

  /** Reads or computes a vector. */
  abstract G1Vector obtain(Basis basis);

  @Override
  public final String toString() {
    return id + " (" + origin() + ", heights up to 2^" + maxLog + ")";
  }
}
