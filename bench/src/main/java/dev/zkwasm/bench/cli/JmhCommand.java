package dev.zkwasm.bench.cli;

import dev.zkwasm.cli.CliException;
import dev.zkwasm.cli.Environment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/** {@code zkprover bench jmh}. */
@Command(
    name = "jmh",
    description = {
      "The kernels under JMH, each in a JVM of its own. All arguments are JMH's: patterns of"
          + " names, -p NAME=VALUE, -t THREADS, -prof PROFILER, -rf json; -l lists the benchmarks,"
          + " -h JMH's options."
    },
    footer = {
      "",
      "Examples:",
      "  zkprover bench jmh -l",
      "  zkprover bench jmh FieldBenchmark",
      "  zkprover bench jmh NttBenchmark -p log=20 -p threads=2",
    })
final class JmhCommand implements Callable<Integer> {
  private final Environment environment;

  @Option(names = "--help", usageHelp = true, description = "Show this help message and exit.")
  @SuppressWarnings("UnusedVariable") // picocli looks at it
  private boolean help;

  @Unmatched private List<String> arguments = new ArrayList<>();

  JmhCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    try {
      CommandLineOptions options = new CommandLineOptions(arguments.toArray(String[]::new));
      if (options.shouldHelp()) {
        options.showHelp();
        return 0;
      }
      Runner runner = new Runner(options);
      if (options.shouldList()) {
        runner.list();
      } else if (options.shouldListWithParams()) {
        runner.listWithParams(options);
      } else if (options.shouldListProfilers()) {
        options.listProfilers();
      } else {
        runner.run();
      }
      return 0;
    } catch (CommandLineOptionException e) {
      throw CliException.badInput(String.valueOf(e.getMessage()));
    } catch (NoBenchmarksException e) {
      throw CliException.badInput("no benchmark has such a name: zkprover bench jmh -l lists them");
    } catch (RunnerException e) {
      environment.err().println("zkprover: " + e.getMessage());
      return 1;
    }
  }
}
