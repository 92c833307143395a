package dev.zkwasm.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * How a node is set up.
 *
 * @param host name or address to listen on
 * @param port port to listen on; 0 for any free one
 * @param insecurePublic whether to listen where other machines can reach it, although nothing is
 *     encrypted or nobody is asked who they are
 * @param access encryption, tokens and rates
 * @param nodeId name of the node in what it answers
 * @param workers jobs that are worked on at the same time
 * @param limits what the node takes at most
 * @param fees what proving costs
 * @param processWindow blocks that a PostOp stays valid for; 0: PostOps are not held to a window
 * @param httpPort port of the status page and the metrics, on this machine only; 0 for any free
 *     one, negative for none
 * @param shutdownGrace how long calls under way may still run when the node stops
 */
public record ServerConfig(
    String host,
    int port,
    boolean insecurePublic,
    Access access,
    String nodeId,
    int workers,
    Limits limits,
    Fees fees,
    int processWindow,
    int httpPort,
    Duration shutdownGrace) {

  public static final String DEFAULT_HOST = "127.0.0.1";
  public static final int DEFAULT_PORT = 50551;
  public static final int DEFAULT_HTTP_PORT = 50552;

  /** One worker, no fee, standard limits. */
  public static ServerConfig local(int port) {
    return new ServerConfig(
        DEFAULT_HOST,
        port,
        false,
        Access.OPEN,
        "zkwasm-node",
        1,
        Limits.standard(),
        Fees.NONE,
        0,
        -1,
        Duration.ofSeconds(5));
  }

  /**
   * The address to listen on.
   *
   * @throws IllegalArgumentException if the host is unknown, or other machines could reach it, it
   *     is not secured against them, and {@code insecurePublic} does not allow that
   */
  InetSocketAddress address() {
    InetSocketAddress address = new InetSocketAddress(host, port);
    InetAddress ip = address.getAddress();
    if (ip == null) {
      throw new IllegalArgumentException("cannot listen on " + host + ": unknown host");
    }
    if (!ip.isLoopbackAddress() && !insecurePublic) {
      if (access.tls() == null) {
        throw new IllegalArgumentException(
            "refusing to listen on "
                + host
                + ": other machines could reach it and nothing is encrypted (--tls-cert and"
                + " --tls-key encrypt, --insecure-public allows it)");
      }
      if (!access.authenticates()) {
        throw new IllegalArgumentException(
            "refusing to listen on "
                + host
                + ": other machines could reach it and nobody is asked who they are (--tls-clients"
                + " or --jwt-key ask, --insecure-public allows it)");
      }
    }
    return address;
  }

  /** Whether only this machine can reach the node. */
  public boolean isLocal() {
    return address().getAddress().isLoopbackAddress();
  }
}
