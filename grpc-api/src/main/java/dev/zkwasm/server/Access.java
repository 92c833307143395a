package dev.zkwasm.server;

import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may reach a node, and how.
 *
 * @param tls null: nothing is encrypted
 * @param tokens verifies bearer tokens; null: nobody is asked for one, and everybody who can
 *     connect may do everything
 * @param callsPerSecond calls of one client, in the long run; it may make as many at once as it has
 *     in two seconds
 * @param badCallsPerMinute wrong requests after which a client is refused for a while
 */
public record Access(
    @Nullable Tls tls, @Nullable Tokens tokens, double callsPerSecond, int badCallsPerMinute) {

  /**
   * Encryption.
   *
   * @param certificates the node's certificate and those up to its authority's, PEM
   * @param key its private key, PKCS #8 in PEM
   * @param clients authorities of clients' certificates, PEM; null: clients need none
   * @param admins subjects of clients' certificates that may do everything, as RFC 2253 writes
   *     them; others may submit and verify
   */
  public record Tls(Path certificates, Path key, @Nullable Path clients, Set<String> admins) {
    public Tls {
      admins = Set.copyOf(admins);
    }
  }

  /** Nothing encrypted, nobody asked. */
  public static final Access OPEN = new Access(null, null, 1000, 600);

  /** Whether who connects is known: by a token or by a certificate. */
  boolean authenticates() {
    return tokens != null || (tls != null && tls.clients() != null);
  }
}
