package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.kernel.MsmWorkload;
import dev.zkwasm.bench.kernel.ScalarKind;
import dev.zkwasm.cli.CommonOptions;
import dev.zkwasm.cli.Environment;
import dev.zkwasm.cli.ProgressBar;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

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
final class MsmCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final KernelOptions kernel = new KernelOptions();
  @Mixin private final MeasureOptions measure = new MeasureOptions();
  @Mixin private final ReportOptions report = new ReportOptions();
  @Mixin private final CommonOptions common = new CommonOptions();
  private final Environment environment;
  private final BackendOpener backends;

  MsmCommand(Environment environment, BackendOpener backends) {
    this.environment = environment;
    this.backends = backends;
  }

  @Override
  public Integer call() {
    measure.check();
    report.check();
    List<Integer> logs = kernel.logs();
    List<MsmWorkload.Points> points = new ArrayList<>();
    List<KernelRuns.Task> tasks = new ArrayList<>();
    for (ScalarKind kind : kernel.kinds(true)) {
      for (int log : logs) {
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
    KernelRuns.requireMemory(tasks);
    KernelRuns runs = new KernelRuns(environment, common, measure, backends);
    measure.backends().forEach(name -> KernelRuns.open(backends, name, measure.threads()).close());
    try (ProgressBar progress = new ProgressBar(environment, common.quiet, "preparing")) {
      progress.report("2^" + logs.getLast() + " points", 0);
      points.add(MsmWorkload.Points.generate(1 << logs.getLast()));
    }
    runs.run(tasks);
    return report.finish(runs.report(Typed.command(spec)), environment, common);
  }
}
