package dev.zkwasm.verifier;

/**
 * What a verifier accepts besides what it must.
 *
 * @param acceptDevelopmentSrs accept keys of the development reference string, whose secret is
 *     public: anyone can forge proofs under it
 */
public record VerifierPolicy(boolean acceptDevelopmentSrs) {
  /** For real use: no development string. */
  public static final VerifierPolicy STRICT = new VerifierPolicy(false);

  /** For tests and first tries: proofs under the development string show nothing. */
  public static final VerifierPolicy DEVELOPMENT = new VerifierPolicy(true);
}
