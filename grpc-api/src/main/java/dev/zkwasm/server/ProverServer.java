package dev.zkwasm.server;

import dev.zkwasm.engine.Engine;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.signing.NodeKey;
import dev.zkwasm.store.JobStore;
import dev.zkwasm.store.NodeStore;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A running node: the services, the jobs and the store of one folder. */
public final class ProverServer implements AutoCloseable {
  private static final Duration IDLE_UPLOAD = Duration.ofSeconds(60);
  private static final int MAX_METADATA = 16 << 10;

  private final ServerConfig config;
  private final Server server;
  private final NodeStore store;
  private final JobRunner runner;
  private final Uploads uploads;
  private final HealthStatusManager health;
  private final ExecutorService executor;
  private final @Nullable HttpEndpoint http;
  private boolean closed;

  private ProverServer(
      ServerConfig config,
      Server server,
      NodeStore store,
      JobRunner runner,
      Uploads uploads,
      HealthStatusManager health,
      ExecutorService executor,
      @Nullable HttpEndpoint http) {
    this.config = config;
    this.server = server;
    this.store = store;
    this.runner = runner;
    this.uploads = uploads;
    this.health = health;
    this.executor = executor;
    this.http = http;
  }

  /**
   * Starts a node on the address that the configuration names.
   *
   * @param folder where the node keeps what must not be lost; nobody else may use it meanwhile
   * @param key signs verdicts, and encrypts secrets in the folder
   * @param version the program's version, shown to clients
   * @throws IllegalArgumentException if the configuration is not safe: see {@link
   *     ServerConfig#insecurePublic}, and a node that others can reach must not prove under a
   *     reference string whose secret is public; or if certificates cannot be read
   * @throws dev.zkwasm.store.StoreException if the folder cannot be used
   * @throws IOException if the address cannot be listened on
   */
  public static ProverServer start(
      Engine engine, ServerConfig config, Path folder, NodeKey key, String version)
      throws IOException {
    checkSafe(engine, config);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(config.address())
            .maxInboundMetadataSize(MAX_METADATA)
            .maxConcurrentCallsPerConnection(2000)
            .handshakeTimeout(20, TimeUnit.SECONDS)
            // Half-open connections end within two minutes, and what they watched is freed.
            .keepAliveTime(60, TimeUnit.SECONDS)
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            .permitKeepAliveTime(10, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true);
    Access.Tls tls = config.access().tls();
    if (tls != null) {
      builder.sslContext(sslContext(tls));
    }
    return start(engine, config, folder, key, version, builder, Clock.systemUTC());
  }

  /**
   * Refuses a configuration that is not safe.
   *
   * @throws IllegalArgumentException if it is not: see {@link #start}
   */
  public static void checkSafe(Engine engine, ServerConfig config) {
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
  }

  private static SslContext sslContext(Access.Tls tls) throws IOException {
    for (Path file :
        Stream.of(tls.certificates(), tls.key(), tls.clients()).filter(Objects::nonNull).toList()) {
      if (!Files.isReadable(file)) {
        throw new IllegalArgumentException("cannot read " + file);
      }
    }
    try {
      SslContextBuilder context =
          GrpcSslContexts.forServer(tls.certificates().toFile(), tls.key().toFile());
      if (tls.clients() != null) {
        context.trustManager(tls.clients().toFile()).clientAuth(ClientAuth.REQUIRE);
      }
      return context.build();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "cannot use %s with %s: %s".formatted(tls.certificates(), tls.key(), e.getMessage()), e);
    }
  }

  /** Starts a node on any transport. */
  static ProverServer start(
      Engine engine,
      ServerConfig config,
      Path folder,
      NodeKey key,
      String version,
      ServerBuilder<?> builder,
      Clock clock)
      throws IOException {
    Limits limits = config.limits();
    NodeStore store =
        NodeStore.open(folder, key.derive("storage"), limits.storedBytes(), limits.sealedBytes());
    boolean started = false;
    ProverServer node = null;
    try {
      JobStore jobs = store.jobs();
      ExtensionRegistry registry = new ExtensionRegistry(engine, store.extensions(), clock);
      registry.upgrade(store.settings());
      BlockWindow blocks = new BlockWindow(store.blocks(), config.processWindow());
      PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      Telemetry telemetry = new Telemetry(meters, engine.backend());
      CallRates rates =
          new CallRates(
              config.access().callsPerSecond(),
              config.access().badCallsPerMinute(),
              System::nanoTime);
      Uploads uploads =
          new Uploads(store.secrets(), new MemoryBudget(limits.heldBytes()), IDLE_UPLOAD, clock);
      JobRunner runner =
          new JobRunner(engine, registry, jobs, store.secrets(), config, telemetry, clock);
      Gatekeeper gatekeeper = new Gatekeeper(config.access(), rates, telemetry, clock);
      telemetry.gauge("calls.open", "gRPC calls that are open", gatekeeper::open);
      HealthStatusManager health = new HealthStatusManager();
      ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
      Server server =
          builder
              .executor(executor)
              .maxInboundMessageSize(limits.messageBytes())
              .intercept(gatekeeper)
              .addService(Guard.around(new ExtensionsService(registry, jobs, limits, uploads)))
              .addService(
                  Guard.around(
                      new ProverService(engine, registry, runner, jobs, uploads, blocks, config)))
              .addService(Guard.around(new PoolsService(runner, jobs, blocks)))
              .addService(
                  Guard.around(
                      new VerifierService(
                          engine, registry, jobs, blocks, key, config, telemetry, clock)))
              .addService(
                  Guard.around(
                      new NodeService(engine, store.extensions(), config, version, key, blocks)))
              .addService(Guard.around(health.getHealthService()))
              .addService(Guard.around(ProtoReflectionServiceV1.newInstance()))
              .addService(Guard.around(ChannelzService.newInstance(CHANNELZ_PAGE)))
              .fallbackHandlerRegistry(Guard.unknownMethods())
              .build();
      measure(telemetry, runner, store, uploads, rates);
      telemetry.devices(engine::devices);
      StatusReport report =
          new StatusReport(engine, runner, jobs, blocks, key, config, version, clock);
      HttpEndpoint http =
          config.httpPort() < 0
              ? null
              : new HttpEndpoint(
                  config.httpPort(),
                  meters::scrape,
                  report::now,
                  () -> !runner.isClosed(),
                  report::unhealthyDevices);
      node = new ProverServer(config, server, store, runner, uploads, health, executor, http);
      server.start();
      health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
      started = true;
      return node;
    } finally {
      if (!started) {
        if (node == null) {
          store.close();
        } else {
          node.close();
        }
      }
    }
  }

  private static final int CHANNELZ_PAGE = 100;

  private static void measure(
      Telemetry telemetry, JobRunner runner, NodeStore store, Uploads uploads, CallRates rates) {
    telemetry.measureProcess();
    telemetry.gauge("queue.depth", "Jobs that wait", runner::queued);
    telemetry.gauge("queue.bytes", "Memory of jobs that have not ended", runner::heldBytes);
    telemetry.gauge(
        "proving.bytes", "Memory of proofs under way, by their estimates", runner.memory()::taken);
    telemetry.gauge("watches", "Streams of jobs and pools that are open", runner::watching);
    telemetry.gauge("uploads", "Streams of uploads that are open", uploads.streams()::get);
    telemetry.gauge("upload.bytes", "Memory of uploads under way", uploads.memory()::held);
    telemetry.gauge(
        "sealed.bytes", "Private inputs, traces and uploads on the disk", store.secrets()::bytes);
    telemetry.gauge("clients.blocked", "Clients refused for wrong requests", rates::blocked);
    for (Job.State state : Job.State.values()) {
      if (state != Job.State.STATE_UNSPECIFIED && state != Job.State.UNRECOGNIZED) {
        telemetry.jobsGauge(state, () -> store.jobs().counts().getOrDefault(state, 0L));
      }
    }
  }

  /** The port that the node listens on. */
  public int port() {
    return server.getPort();
  }

  /** The port of the status page and the metrics; -1 if there are none. */
  public int httpPort() {
    return http == null ? -1 : http.port();
  }

  /** Waits until the node has been closed. */
  public void awaitTermination() throws InterruptedException {
    server.awaitTermination();
  }

  /**
   * Stops: takes no new calls, stops the jobs, which go on after the next start (who watches one
   * hears of it), lets other calls under way end within the grace period.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
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
    uploads.close();
    if (http != null) {
      http.close();
    }
    store.close();
  }
}
