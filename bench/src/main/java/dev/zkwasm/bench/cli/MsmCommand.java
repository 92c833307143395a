package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.kernel.MsmWorkload;
import dev.zkwasm.bench.kernel.ScalarKind;
import dev.zkwasm.cli.Environment;
import dev.zkwasm.cli.ProgressBar;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code zkprover bench msm}. */
@Command(
    name = "msm",
    description = {
      "Multi-scalar multiplication over fixed points of BN254's first group.",
      "The points' logarithms are known, so that every result is checked. Roofline: six"
          + " multiplications for each point, window and (twice) bucket at the cheapest width."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  zkprover bench msm --log 16-20 --threads 2",
      "  zkprover bench msm --log 20 --scalars uniform,u16,equal --iterations 5 --out msm.json",
      "  zkprover bench msm --log 20-24 --backend cpu,cuda --transfers both --plot msm.svg",
    })
final class MsmCommand extends KernelCommand {
  private final List<MsmWorkload.Points> points = new ArrayList<>();

  MsmCommand(Environment environment, BackendOpener backends) {
    super(environment, backends);
  }

  @Override
  List<KernelRuns.Task> tasks() {
    List<KernelRuns.Task> tasks = new ArrayList<>();
    for (ScalarKind kind : kernel.kinds(true)) {
      for (int log : kernel.logs()) {
        // Typed scalars come with each call: there is only one way to time them.
        List<Boolean> transfers = MsmWorkload.canReside(kind) ? kernel.transfers() : List.of(true);
        for (boolean transfer : transfers) {
          tasks.add(
              new KernelRuns.Task(
                  "msm",
                  log,
                  kind,
                  transfer,
                  "points",
                  MsmWorkload.hostBytes(log),
                  MsmWorkload.multiplications(log, kind.bits()),
                  backend -> new MsmWorkload(backend, points.getFirst(), log, kind, transfer)));
        }
      }
    }
    return tasks;
  }

  @Override
  void begin(KernelRuns runs) {
    devices.backends().forEach(name -> KernelRuns.open(backends, name, devices.threads()).close());
    int log = kernel.logs().getLast();
    try (ProgressBar progress = new ProgressBar(environment, common.quiet, "preparing")) {
      progress.report("2^" + log + " points", 0);
      points.add(MsmWorkload.Points.generate(1 << log));
    }
  }
}
