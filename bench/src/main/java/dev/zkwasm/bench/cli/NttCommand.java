package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.kernel.NttWorkload;
import dev.zkwasm.bench.kernel.NttWorkload.Direction;
import dev.zkwasm.bench.kernel.ScalarKind;
import dev.zkwasm.cli.CliException;
import dev.zkwasm.cli.CommonOptions;
import dev.zkwasm.cli.Environment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code zkprover bench ntt}. */
@Command(
    name = "ntt",
    description = {
      "Number-theoretic transforms over BN254's scalar field, natural order in and out.",
      "Every result is checked at a random point. Roofline: half a multiplication per element and"
          + " level, and one per element of a coset."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  zkprover bench ntt --log 16-22 --threads 2 --plot ntt.svg",
      "  zkprover bench ntt --log 20 --direction ntt,intt,coset-ntt --transfers both --json",
    })
final class NttCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--direction",
      paramLabel = "NAME",
      split = ",",
      description = "ntt, intt, coset-ntt; several with commas between (default: ntt)")
  private List<String> directions = List.of("ntt");

  @Mixin private final KernelOptions kernel = new KernelOptions();
  @Mixin private final MeasureOptions measure = new MeasureOptions();
  @Mixin private final ReportOptions report = new ReportOptions();
  @Mixin private final CommonOptions common = new CommonOptions();
  private final Environment environment;
  private final BackendOpener backends;

  NttCommand(Environment environment, BackendOpener backends) {
    this.environment = environment;
    this.backends = backends;
  }

  private static Direction direction(String name) {
    for (Direction direction : Direction.values()) {
      if (direction.toString().equals(name.strip())) {
        return direction;
      }
    }
    throw CliException.badInput("--direction takes ntt, intt or coset-ntt, not '" + name + "'");
  }

  @Override
  public Integer call() {
    measure.check();
    report.check();
    List<KernelRuns.Task> tasks = new ArrayList<>();
    for (Direction direction : directions.stream().map(NttCommand::direction).distinct().toList()) {
      for (ScalarKind kind : kernel.kinds(false)) {
        for (int log : kernel.logs()) {
          for (boolean transfer : kernel.transfers()) {
            tasks.add(
                new KernelRuns.Task(
                    direction.toString(),
                    log,
                    kind,
                    transfer,
                    "elements",
                    NttWorkload.hostBytes(log),
                    NttWorkload.multiplications(log, direction),
                    backend -> new NttWorkload(backend, log, direction, kind, transfer)));
          }
        }
      }
    }
    KernelRuns runs = new KernelRuns(environment, common, measure, backends);
    runs.run(tasks);
    return report.finish(runs.report(Typed.command(spec)), environment, common);
  }
}
