package dev.zkwasm.cli;

import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineInfo;
import dev.zkwasm.server.Limits;
import dev.zkwasm.server.ProverServer;
import dev.zkwasm.server.ServerConfig;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code zkprover serve}. */
@Command(
    name = "serve",
    description = {
      "Run the gRPC service (package zkwasm.prover.v1). Extensions and jobs are kept in memory.",
      "Every option can be a line NAME=VALUE of the file that --config names, without the dashes."
    },
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  private static final Set<String> SETTINGS =
      new TreeSet<>(
          Set.of(
              "host",
              "port",
              "insecure-public",
              "node-id",
              "workers",
              "queue",
              "max-steps",
              "base-fee",
              "fee-per-million-steps",
              "backend",
              "threads",
              "srs"));

  @Option(names = "--config", paramLabel = "F", description = "a file of settings")
  private @Nullable Path config;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "address to listen on (default: " + ServerConfig.DEFAULT_HOST + ")")
  private @Nullable String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description =
          "port to listen on, 0 for any free one (default: " + ServerConfig.DEFAULT_PORT + ")")
  private @Nullable Integer port;

  @Option(
      names = "--insecure-public",
      description = "listen where other machines can reach it, although nothing is encrypted")
  private @Nullable Boolean insecurePublic;

  @Option(
      names = "--node-id",
      paramLabel = "NAME",
      description = "name of this node in its answers")
  private @Nullable String nodeId;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "jobs worked on at the same time (default: 1)")
  private @Nullable Integer workers;

  @Option(names = "--queue", paramLabel = "N", description = "jobs that may wait (default: 64)")
  private @Nullable Integer queue;

  @Option(names = "--max-steps", paramLabel = "N", description = "steps of one run at most")
  private @Nullable Long maxSteps;

  @Option(names = "--base-fee", paramLabel = "N", description = "advertised fee (default: 0)")
  private @Nullable Long baseFee;

  @Option(
      names = "--fee-per-million-steps",
      paramLabel = "N",
      description = "advertised fee (default: 0)")
  private @Nullable Long feePerMillionSteps;

  @Option(names = "--backend", paramLabel = "NAME", description = "as for prove")
  private @Nullable String backend;

  @Option(names = "--threads", paramLabel = "N", description = "as for prove")
  private @Nullable Integer threads;

  @Option(names = "--srs", paramLabel = "ID", description = "as for prove")
  private @Nullable String srs;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "keep reference strings, keys and caches below DIR instead of the XDG folders")
  private @Nullable Path home;

  private final Environment environment;
  private final Properties settings = new Properties();

  ServeCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws InterruptedException {
    // Before the first logger is made. A node says what it does; other commands speak for
    // themselves.
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "info");
    readSettings();
    Limits standard = Limits.standard();
    Limits limits =
        new Limits(
            standard.moduleBytes(),
            standard.inputBytes(),
            standard.traceBytes(),
            standard.proofBytes(),
            standard.messageBytes(),
            setting("max-steps", maxSteps, Long::valueOf, standard.steps()),
            setting("queue", queue, Integer::valueOf, standard.queuedJobs()),
            standard.heldBytes(),
            standard.storedBytes());
    ServerConfig server =
        new ServerConfig(
            setting("host", host, s -> s, ServerConfig.DEFAULT_HOST),
            setting("port", port, Integer::valueOf, ServerConfig.DEFAULT_PORT),
            setting("insecure-public", insecurePublic, ServeCommand::bool, false),
            setting("node-id", nodeId, s -> s, "zkwasm-node"),
            setting("workers", workers, Integer::valueOf, 1),
            limits,
            setting("base-fee", baseFee, Long::valueOf, 0L),
            setting("fee-per-million-steps", feePerMillionSteps, Long::valueOf, 0L),
            Duration.ofSeconds(5));
    EngineOptions options = new EngineOptions();
    options.backend = setting("backend", backend, s -> s, "auto");
    options.threads = optional("threads", threads, Integer::valueOf);
    options.srs = optional("srs", srs, s -> s);
    Engine engine = environment.engines().open(options, Home.of(home, environment.variables()));
    serve(engine, server);
    return Main.DONE;
  }

  private void serve(Engine engine, ServerConfig config) throws InterruptedException {
    EngineInfo info = engine.info();
    if (info.insecureSrs()) {
      Reports.warnInsecure(environment.err());
    }
    try (ProverServer server = ProverServer.start(engine, config, Version.PROGRAM)) {
      Thread stop = new Thread(server::close, "shutdown");
      Runtime.getRuntime().addShutdownHook(stop);
      environment
          .out()
          .printf(
              "listening on %s:%d, proving on %s; Ctrl-C stops%n",
              config.host(), server.port(), info.backend());
      environment.out().flush();
      try {
        server.awaitTermination();
      } finally {
        removeHook(stop);
      }
    } catch (IllegalArgumentException e) {
      throw CliException.badInput(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw CliException.badInput(
          "cannot listen on %s:%d: %s".formatted(config.host(), config.port(), cause.getMessage()));
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The hook is what ended the service.
    }
  }

  private void readSettings() {
    Path file = config;
    if (file == null) {
      return;
    }
    try (Reader reader = Files.newBufferedReader(file)) {
      settings.load(reader);
    } catch (IOException e) {
      throw CliException.badInput("cannot read " + file + ": " + Bytes.reason(e));
    } catch (IllegalArgumentException e) {
      throw CliException.badInput(file + ": " + e.getMessage());
    }
    for (String name : settings.stringPropertyNames()) {
      if (!SETTINGS.contains(name)) {
        throw CliException.badInput(
            "%s: there is no setting %s; there are %s".formatted(file, name, SETTINGS));
      }
    }
  }

  private <T> T setting(String name, @Nullable T option, Function<String, T> parser, T standard) {
    T value = optional(name, option, parser);
    return value == null ? standard : value;
  }

  /** The option, else the line of the file, else null. */
  private <T> @Nullable T optional(String name, @Nullable T option, Function<String, T> parser) {
    String line = settings.getProperty(name);
    if (option != null || line == null) {
      return option;
    }
    try {
      return parser.apply(line.strip());
    } catch (IllegalArgumentException e) {
      throw CliException.badInput("%s: %s cannot be '%s'".formatted(config, name, line));
    }
  }

  private static boolean bool(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }
}
