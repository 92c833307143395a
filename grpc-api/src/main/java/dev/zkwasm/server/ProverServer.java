package dev.zkwasm.server;

import dev.zkwasm.engine.Engine;
import dev.zkwasm.store.ExtensionStore;
import dev.zkwasm.store.JobStore;
import dev.zkwasm.store.MemoryExtensionStore;
import dev.zkwasm.store.MemoryJobStore;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A running node. Keeps Extensions and jobs in memory. */
public final class ProverServer implements AutoCloseable {
  private final ServerConfig config;
  private final Server server;
  private final JobRunner runner;
  private final HealthStatusManager health;
  private final ExecutorService executor;

  private ProverServer(
      ServerConfig config,
      Server server,
      JobRunner runner,
      HealthStatusManager health,
      ExecutorService executor) {
    this.config = config;
    this.server = server;
    this.runner = runner;
    this.health = health;
    this.executor = executor;
  }

  /**
   * Starts a node on the address that the configuration names.
   *
   * @param version the program's version, shown to clients
   * @throws IllegalArgumentException if the configuration is not safe: see {@link
   *     ServerConfig#insecurePublic}, and a node that others can reach must not prove under a
   *     reference string whose secret is public
   * @throws IOException if the address cannot be listened on
   */
  public static ProverServer start(Engine engine, ServerConfig config, String version)
      throws IOException {
    InetSocketAddress address = config.address();
    // Asked in any case: makes the keys now, not with the first request.
    boolean insecure = engine.info().insecureSrs();
    if (!address.getAddress().isLoopbackAddress() && insecure) {
      throw new IllegalArgumentException(
          "refusing to listen on "
              + config.host()
              + " with the insecure development reference string: anybody could forge proofs under"
              + " it (import a real one: zkprover srs import FILE.ptau)");
    }
    return start(
        engine, config, version, NettyServerBuilder.forAddress(address), Clock.systemUTC());
  }

  /** Starts a node on any transport. */
  static ProverServer start(
      Engine engine, ServerConfig config, String version, ServerBuilder<?> builder, Clock clock)
      throws IOException {
    Limits limits = config.limits();
    ExtensionStore extensions = new MemoryExtensionStore(limits.storedBytes());
    JobStore jobs = new MemoryJobStore(limits.storedBytes());
    ExtensionRegistry registry = new ExtensionRegistry(engine, extensions, clock);
    MemoryBudget budget = new MemoryBudget(limits.heldBytes());
    JobRunner runner =
        new JobRunner(engine, registry, jobs, limits, budget, config.workers(), clock);
    HealthStatusManager health = new HealthStatusManager();
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    Server server =
        builder
            .executor(executor)
            .maxInboundMessageSize(limits.messageBytes())
            .addService(new ExtensionsService(registry, limits, budget))
            .addService(
                new ProverService(engine, registry, runner, jobs, limits, budget, config.workers()))
            .addService(new VerifierService(engine, registry, jobs, config, clock))
            .addService(new NodeService(engine, extensions, config, version))
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .build();
    ProverServer node = new ProverServer(config, server, runner, health, executor);
    try {
      server.start();
    } catch (IOException e) {
      node.close();
      throw e;
    }
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    return node;
  }

  /** The port that the node listens on. */
  public int port() {
    return server.getPort();
  }

  /** Waits until the node has been closed. */
  public void awaitTermination() throws InterruptedException {
    server.awaitTermination();
  }

  /**
   * Stops: takes no new calls, cancels the jobs (who watches one hears of it), lets other calls
   * under way end within the grace period.
   */
  @Override
  public void close() {
    health.enterTerminalState();
    server.shutdown();
    runner.close();
    try {
      if (!server.awaitTermination(config.shutdownGrace().toMillis(), TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
        server.awaitTermination(1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    executor.shutdownNow();
  }
}
