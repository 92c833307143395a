package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.kernel.NttWorkload;
import dev.zkwasm.bench.kernel.NttWorkload.Direction;
import dev.zkwasm.bench.kernel.ScalarKind;
import dev.zkwasm.cli.CliException;
import dev.zkwasm.cli.Environment;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
final class NttCommand extends KernelCommand {
  @Option(
      names = "--direction",
      paramLabel = "NAME",
      split = ",",
      description = "ntt, intt, coset-ntt; several with commas between (default: ntt)")
  private List<String> directions = List.of("ntt");

  NttCommand(Environment environment, BackendOpener backends) {
    super(environment, backends);
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
  List<KernelRuns.Task> tasks() {
    return directions.stream()
        .map(NttCommand::direction)
        .distinct()
        .flatMap(direction -> variants((log, kind, t) -> task(direction, log, kind, t)).stream())
        .toList();
  }

  private static KernelRuns.Task task(
      Direction direction, int log, ScalarKind kind, boolean transfers) {
    return new KernelRuns.Task(
        direction.toString(),
        log,
        kind,
        transfers,
        "elements",
        NttWorkload.hostBytes(log),
        NttWorkload.multiplications(log, direction),
        backend -> new NttWorkload(backend, log, direction, kind, transfers));
  }
}
