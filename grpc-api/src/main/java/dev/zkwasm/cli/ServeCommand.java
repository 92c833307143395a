package dev.zkwasm.cli;

import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineInfo;
import dev.zkwasm.server.Access;
import dev.zkwasm.server.Fees;
import dev.zkwasm.server.Limits;
import dev.zkwasm.server.ProverServer;
import dev.zkwasm.server.ServerConfig;
import dev.zkwasm.server.Tokens;
import dev.zkwasm.signing.KeyFile;
import dev.zkwasm.signing.NodeKey;
import dev.zkwasm.store.StoreException;
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
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code zkprover serve}. */
@Command(
    name = "serve",
    description = {
      "Run the gRPC service (package zkwasm.prover.v1). Extensions, jobs and PostOps are kept in"
          + " the folder --store, and survive a restart.",
      "Every option can be a line NAME=VALUE of the file that --config names, without the dashes."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  zkprover serve",
      "  zkprover serve --store DIR --port 0 --http-port -1",
      "  zkprover serve --config node.conf",
      "  zkprover serve --host 0.0.0.0 --srs 1a2b --tls-cert tls.crt --tls-key tls.key"
          + " --jwt-key jwt.secret --passphrase-file passphrase",
      "",
      "docs/guides/operator.md says how to make certificates and tokens, and what a node needs."
    })
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
              "queue-per-client",
              "process-window",
              "http-port",
              "store",
              "node-key",
              "passphrase-file",
              "tls-cert",
              "tls-key",
              "tls-clients",
              "jwt-key",
              "tls-admins",
              "jwt-audience",
              "calls-per-second",
              "log-format",
              "log-level",
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
      description =
          "listen where other machines can reach it, although nothing is encrypted or nobody is"
              + " asked who they are")
  private @Nullable Boolean insecurePublic;

  @Option(
      names = "--node-id",
      paramLabel = "NAME",
      description = "name of this node in its answers (default: zkwasm-node)")
  private @Nullable String nodeId;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "jobs worked on at the same time (default: 1)")
  private @Nullable Integer workers;

  @Option(names = "--queue", paramLabel = "N", description = "jobs that may wait (default: 64)")
  private @Nullable Integer queue;

  @Option(
      names = "--max-steps",
      paramLabel = "N",
      description =
          "steps of one run at most (default: one for 256 bytes of the heap, 2^26 at most)")
  private @Nullable Long maxSteps;

  @Option(names = "--base-fee", paramLabel = "N", description = "fee of each job (default: 0)")
  private @Nullable Long baseFee;

  @Option(
      names = "--fee-per-million-steps",
      paramLabel = "N",
      description = "fee of each million steps beside (default: 0)")
  private @Nullable Long feePerMillionSteps;

  @Option(
      names = "--queue-per-client",
      paramLabel = "N",
      description = "jobs of one client that may wait (default: as --queue)")
  private @Nullable Integer queuePerClient;

  @Option(
      names = "--process-window",
      paramLabel = "N",
      description =
          "blocks that a PostOp stays valid for; the node must be told of blocks (AnnounceBlock)"
              + " (default: 0, any block will do)")
  private @Nullable Integer processWindow;

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      description =
          "port of the status page and of /metrics, on this machine only; 0 for any free one, -1"
              + " for none (default: "
              + ServerConfig.DEFAULT_HTTP_PORT
              + ")")
  private @Nullable Integer httpPort;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description =
          "where the node keeps what must not be lost (default: node, below the data folder)")
  private @Nullable Path store;

  @Option(
      names = "--node-key",
      paramLabel = "FILE",
      description =
          "the key that signs verdicts and encrypts private inputs, an Ethereum key file (default:"
              + " key.json in the store, made if there is none)")
  private @Nullable Path nodeKey;

  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      description =
          "a file with the passphrase of the key file; without it that of the variable "
              + PASSPHRASE)
  private @Nullable Path passphraseFile;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "encrypt: the node's certificate and those above it, PEM")
  private @Nullable Path tlsCert;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "its private key, PKCS #8 in PEM")
  private @Nullable Path tlsKey;

  @Option(
      names = "--tls-clients",
      paramLabel = "FILE",
      description = "clients must show a certificate of these authorities, PEM")
  private @Nullable Path tlsClients;

  @Option(
      names = "--tls-admins",
      paramLabel = "FILE",
      description =
          "subjects of clients' certificates that have scope admin, one in a line (without it none"
              + " has: with --tls-clients alone clients may submit and verify)")
  private @Nullable Path tlsAdmins;

  @Option(
      names = "--jwt-key",
      paramLabel = "FILE",
      description =
          "clients must show a JSON Web Token: a public key in PEM, or a secret for HS256, that"
              + " verifies it")
  private @Nullable Path jwtKey;

  @Option(
      names = "--jwt-audience",
      paramLabel = "NAME",
      description = "what the token's aud must hold")
  private @Nullable String jwtAudience;

  @Option(
      names = "--calls-per-second",
      paramLabel = "N",
      description = "calls of one client (default: 1000)")
  private @Nullable Double callsPerSecond;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      description = "text, or json: one object in a line (default: text)")
  private @Nullable String logFormat;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      description = "error, warn, info, debug or trace (default: info)")
  private @Nullable String logLevel;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      description = "what proves: auto, cpu, cuda, tornado or fpga (default: auto)")
  private @Nullable String backend;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "host threads that prove (default: one per processor)")
  private @Nullable Integer threads;

  @Option(
      names = "--srs",
      paramLabel = "ID",
      description =
          "reference string, by the first digits of its id (default: the insecure development one)")
  private @Nullable String srs;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "keep reference strings, keys and caches below DIR instead of the XDG folders")
  private @Nullable Path home;

  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

  private static final String PASSPHRASE = "ZKPROVER_KEY_PASSPHRASE";

  private final Environment environment;
  private final Properties settings = new Properties();
  private boolean json;

  ServeCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws InterruptedException {
    readSettings();
    log();
    Limits standard = Limits.standard();
    int waiting = setting("queue", queue, Integer::valueOf, standard.queuedJobs());
    Limits limits =
        standard.withJobs(
            setting("max-steps", maxSteps, Long::valueOf, standard.steps()),
            waiting,
            setting("queue-per-client", queuePerClient, Integer::valueOf, waiting));
    ServerConfig server =
        new ServerConfig(
            setting("host", host, s -> s, ServerConfig.DEFAULT_HOST),
            setting("port", port, Integer::valueOf, ServerConfig.DEFAULT_PORT),
            setting("insecure-public", insecurePublic, ServeCommand::bool, false),
            access(),
            setting("node-id", nodeId, s -> s, "zkwasm-node"),
            setting("workers", workers, Integer::valueOf, 1),
            limits,
            new Fees(
                setting("base-fee", baseFee, Long::parseUnsignedLong, 0L),
                setting("fee-per-million-steps", feePerMillionSteps, Long::parseUnsignedLong, 0L)),
            setting("process-window", processWindow, Integer::valueOf, 0),
            setting("http-port", httpPort, Integer::valueOf, ServerConfig.DEFAULT_HTTP_PORT),
            Duration.ofSeconds(5));
    Home folders = Home.of(home, environment.variables());
    Path folder = setting("store", store, Path::of, folders.node());
    EngineOptions options = new EngineOptions();
    options.backend = setting("backend", backend, s -> s, "auto");
    options.threads = optional("threads", threads, Integer::valueOf);
    options.srs = optional("srs", srs, s -> s);
    Engine engine = environment.engines().open(options, folders);
    engine.warmUp();
    serve(engine, server, folder);
    return Main.DONE;
  }

  /** A node says what it does; other commands speak for themselves. */
  private void log() {
    String format = setting("log-format", logFormat, s -> s, "text");
    try {
      Logs.set(setting("log-level", logLevel, s -> s, "info"), format);
    } catch (IllegalArgumentException e) {
      throw CliException.badInput("--log-level, --log-format: " + e.getMessage());
    }
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, e) -> LOG.error("thread {} died", thread.getName(), e));
    json = format.equals("json");
  }

  /** Says something to whoever starts the node, or to the log where a program reads that. */
  private void note(String text) {
    if (json) {
      LOG.warn(text);
    } else {
      environment.err().println(text);
    }
  }

  private Access access() {
    Path cert = optional("tls-cert", tlsCert, Path::of);
    Path key = optional("tls-key", tlsKey, Path::of);
    Path clients = optional("tls-clients", tlsClients, Path::of);
    if ((cert == null) != (key == null) || (clients != null && cert == null)) {
      throw CliException.badInput("--tls-cert and --tls-key go together, --tls-clients needs both");
    }
    Path admins = optional("tls-admins", tlsAdmins, Path::of);
    if (admins != null && clients == null) {
      throw CliException.badInput("--tls-admins needs --tls-clients");
    }
    Path jwt = optional("jwt-key", jwtKey, Path::of);
    if (admins != null && jwt != null) {
      throw CliException.badInput("with --jwt-key tokens say who is admin, not --tls-admins");
    }
    String audience = optional("jwt-audience", jwtAudience, s -> s);
    Tokens tokens = null;
    if (jwt != null) {
      try {
        tokens = Tokens.of(jwt, audience);
      } catch (IOException e) {
        throw CliException.badInput("cannot read " + jwt + ": " + Bytes.reason(e));
      } catch (IllegalArgumentException e) {
        throw CliException.badInput(String.valueOf(e.getMessage()));
      }
    } else if (audience != null) {
      throw CliException.badInput("--jwt-audience needs --jwt-key");
    }
    return new Access(
        cert == null || key == null ? null : new Access.Tls(cert, key, clients, subjects(admins)),
        tokens,
        setting("calls-per-second", callsPerSecond, Double::valueOf, Access.OPEN.callsPerSecond()),
        Access.OPEN.badCallsPerMinute());
  }

  /** The subjects in a file, written as those of certificates are compared. */
  private static Set<String> subjects(@Nullable Path file) {
    if (file == null) {
      return Set.of();
    }
    Set<String> subjects = new TreeSet<>();
    try {
      for (String line : Files.readAllLines(file)) {
        if (!line.isBlank()) {
          subjects.add(new X500Principal(line.strip()).getName());
        }
      }
    } catch (IOException e) {
      throw CliException.badInput("cannot read " + file + ": " + Bytes.reason(e));
    } catch (IllegalArgumentException e) {
      throw CliException.badInput(file + ": a line is no subject such as CN=alice,O=example");
    }
    return subjects;
  }

  private NodeKey key(Path folder, ServerConfig config) {
    Path file = setting("node-key", nodeKey, Path::of, folder.resolve("key.json"));
    Path passphrases = optional("passphrase-file", passphraseFile, Path::of);
    String passphrase = environment.variables().get(PASSPHRASE);
    try {
      if (passphrases != null) {
        passphrase = Files.readString(passphrases).stripTrailing();
      }
    } catch (IOException e) {
      throw CliException.badInput("cannot read " + passphrases + ": " + Bytes.reason(e));
    }
    if (passphrase == null) {
      if (!config.isLocal()) {
        throw CliException.badInput(
            "a node that other machines can reach needs a passphrase for its key: --passphrase-file"
                + " or the variable "
                + PASSPHRASE);
      }
      note(
          "note: the node's key is not protected by a passphrase, only by the permissions of "
              + file
              + " (--passphrase-file or "
              + PASSPHRASE
              + " gives one)");
      passphrase = "";
    }
    try {
      return Files.exists(file) ? KeyFile.read(file, passphrase) : KeyFile.create(file, passphrase);
    } catch (IOException e) {
      throw CliException.badInput("cannot use the key file " + file + ": " + Bytes.reason(e));
    } catch (IllegalArgumentException e) {
      throw CliException.badInput(String.valueOf(e.getMessage()));
    }
  }

  private void serve(Engine engine, ServerConfig config, Path folder) throws InterruptedException {
    // Refused before a key is made.
    try {
      ProverServer.checkSafe(engine, config);
    } catch (IllegalArgumentException e) {
      throw CliException.badInput(String.valueOf(e.getMessage()));
    }
    EngineInfo info = engine.info();
    if (info.insecureSrs()) {
      note(Reports.INSECURE);
    }
    NodeKey key = key(folder, config);
    try (ProverServer server = ProverServer.start(engine, config, folder, key, Version.PROGRAM)) {
      Thread stop = new Thread(server::close, "shutdown");
      Runtime.getRuntime().addShutdownHook(stop);
      environment
          .out()
          .printf(
              "listening on %s:%d, proving on %s, keeping state in %s, signing as %s; Ctrl-C"
                  + " stops%n",
              config.host(), server.port(), info.backend(), folder, Bytes.hex(key.address()));
      if (server.httpPort() >= 0) {
        environment.out().printf("status page at http://127.0.0.1:%d/%n", server.httpPort());
      }
      environment.out().flush();
      try {
        server.awaitTermination();
      } finally {
        removeHook(stop);
      }
    } catch (IllegalArgumentException | StoreException e) {
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
