package dev.zkwasm.cli;

import dev.zkwasm.compute.cpu.CpuProvider;
import dev.zkwasm.engine.EngineException;
import java.io.Console;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The {@code zkprover} command. */
@Command(
    name = "zkprover",
    description = "Proves the execution of WebAssembly programs.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Exit codes: 0 done or valid, 1 a proof that does not verify, 2 wrong usage or bad input, 3"
          + " an internal error.",
    })
public final class Main implements Callable<Integer> {
  static final int DONE = 0;
  static final int INVALID_PROOF = 1;
  static final int BAD_INPUT = 2;
  static final int INTERNAL = 3;

  /** If set, an internal error prints its stack trace. */
  private static final String DEBUG = "ZKPROVER_DEBUG";

  /** What is logged, from this level on; {@code serve} has an option for it. */
  private static final String LOG_LEVEL = "ZKPROVER_LOG";

  /** The commands of this module, by their names, in the order of the help. */
  static final Map<String, Function<Environment, Object>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("demo", DemoCommand::new);
    COMMANDS.put("run", RunCommand::new);
    COMMANDS.put("trace", TraceCommand::new);
    COMMANDS.put("prove", ProveCommand::new);
    COMMANDS.put("verify", VerifyCommand::new);
    COMMANDS.put("inspect", InspectCommand::new);
    COMMANDS.put("serve", ServeCommand::new);
    COMMANDS.put("srs", SrsCommand::new);
  }

  /** Commands that prove. */
  private static final Set<String> PROVING = Set.of("prove", "demo", "serve");

  @Spec private CommandSpec spec = CommandSpec.create();
  private final Environment environment;

  private Main(Environment environment) {
    this.environment = environment;
  }

  /** Without a command: says what there is. */
  @Override
  public Integer call() {
    spec.commandLine().usage(environment.out());
    return DONE;
  }

  public static void main(String[] args) {
    Logs.keepOpen();
    // First of all: until the vector kernels are compiled, all else has time.
    if (args.length > 0 && PROVING.contains(args[0])) {
      CpuProvider.warmUpKernels();
    }
    try {
      Logs.set(System.getenv().getOrDefault(LOG_LEVEL, "warn"), "text");
    } catch (IllegalArgumentException e) {
      System.err.println("zkprover: " + LOG_LEVEL + ": " + e.getMessage());
      System.exit(BAD_INPUT);
    }
    System.exit(run(args, System.out, System.err));
  }

  /**
   * Runs a command.
   *
   * @param out for results
   * @param err for everything else
   * @return the exit code
   */
  public static int run(String[] args, PrintStream out, PrintStream err) {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    return run(
        args, new Environment(out, err, System.in, terminal, System.getenv(), new LocalEngines()));
  }

  static int run(String[] args, Environment environment) {
    CommandLine command = new CommandLine(new Main(environment));
    command.getCommandSpec().versionProvider(versions(environment));
    for (Object subcommand : subcommands(args, environment)) {
      command.addSubcommand(subcommand);
    }
    command.setOut(writer(environment.out()));
    command.setErr(writer(environment.err()));
    command.setUsageHelpAutoWidth(true);
    command.setParameterExceptionHandler(
        (e, arguments) -> {
          fail(environment, e.getMessage() + " (zkprover " + path(e.getCommandLine()) + "--help)");
          return BAD_INPUT;
        });
    command.setExecutionExceptionHandler((e, failed, parsed) -> failure(environment, e));
    try {
      return command.execute(args);
    } catch (OutOfMemoryError e) {
      return outOfMemory(environment);
    }
  }

  /**
   * The command that is asked for, or else all: setting one up takes 20 ms in a fresh JVM, and
   * there are twenty.
   */
  private static List<Object> subcommands(String[] args, Environment environment) {
    Function<Environment, Object> asked = args.length == 0 ? null : COMMANDS.get(args[0]);
    if (asked != null) {
      return List.of(asked.apply(environment));
    }
    List<Object> commands = new ArrayList<>();
    COMMANDS.values().forEach(command -> commands.add(command.apply(environment)));
    for (CommandProvider provider : ServiceLoader.load(CommandProvider.class)) {
      commands.add(provider.command(environment));
    }
    return commands;
  }

  private static IVersionProvider versions(Environment environment) {
    return () -> {
      List<String> lines = new ArrayList<>();
      lines.add("zkprover " + Version.PROGRAM);
      lines.addAll(environment.engines().versions());
      return lines.toArray(String[]::new);
    };
  }

  /** The command as typed, without the program's name. */
  private static String path(CommandLine command) {
    CommandLine parent = command.getParent();
    return parent == null ? "" : path(parent) + command.getCommandName() + " ";
  }

  private static java.io.PrintWriter writer(PrintStream stream) {
    return new java.io.PrintWriter(stream, true, StandardCharsets.UTF_8);
  }

  private static void fail(Environment environment, String message) {
    environment.err().println("zkprover: " + message);
  }

  private static int failure(Environment environment, Exception e) {
    switch (e) {
      case CliException known -> {
        fail(environment, String.valueOf(e.getMessage()));
        return known.exitCode();
      }
      case EngineException refusal -> {
        fail(environment, String.valueOf(e.getMessage()));
        return refusal.kind() == EngineException.Kind.INVALID_PROOF ? INVALID_PROOF : BAD_INPUT;
      }
      default -> {
        fail(
            environment, "internal error: %s (set %s=1 for where it happened)".formatted(e, DEBUG));
        if (environment.variables().containsKey(DEBUG)) {
          e.printStackTrace(environment.err());
        }
        return INTERNAL;
      }
    }
  }

  private static int outOfMemory(Environment environment) {
    fail(
        environment,
        "out of memory: Java may use %s (more with ZKPROVER_JAVA_OPTS=-Xmx...)"
            .formatted(Bytes.size(Runtime.getRuntime().maxMemory())));
    return BAD_INPUT;
  }
}
