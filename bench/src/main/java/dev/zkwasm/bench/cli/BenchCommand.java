package dev.zkwasm.bench.cli;

import dev.zkwasm.cli.Environment;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code zkprover bench}. */
@Command(
    name = "bench",
    description = {
      "Benchmarks of the kernels and of whole proofs.",
      "Every timed result is checked; a wrong one ends with exit code 1."
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "msm|ntt|field|execute|prove|verify|service|jmh",
    footer = {
      "",
      "Examples:",
      "  zkprover bench msm --log 16-20 --scalars uniform,u16 --threads 2 --plot msm.svg",
      "  zkprover bench ntt --log 20 --compare bench/baseline/ntt.json --fail-above 1.2",
      "  zkprover bench prove guest.wasm --invoke run --arg 1000 --iterations 1 --json",
    })
final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  private BenchCommand() {}

  /** The command with its subcommands. */
  static CommandLine create(Environment environment, BackendOpener backends) {
    return new CommandLine(new BenchCommand())
        .addSubcommand(new MsmCommand(environment, backends))
        .addSubcommand(new NttCommand(environment, backends))
        .addSubcommand(new FieldCommand(environment, backends))
        .addSubcommand(new ExecuteCommand(environment))
        .addSubcommand(new ProveCommand(environment))
        .addSubcommand(new VerifyCommand(environment))
        .addSubcommand(new ServiceCommand(environment))
        .addSubcommand(new JmhCommand(environment))
        .addSubcommand(new GkrCommand(environment));
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "say what: msm, ntt, field, execute, prove, verify, service or jmh");
  }
}
