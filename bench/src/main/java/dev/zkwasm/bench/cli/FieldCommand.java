package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.kernel.FieldWorkload;
import dev.zkwasm.bench.kernel.FieldWorkload.Operation;
import dev.zkwasm.bench.kernel.MultiplicationWorkload;
import dev.zkwasm.bench.kernel.ScalarKind;
import dev.zkwasm.bench.kernel.Timing;
import dev.zkwasm.bench.kernel.Workload;
import dev.zkwasm.bench.report.Result;
import dev.zkwasm.cli.CommonOptions;
import dev.zkwasm.cli.Environment;
import dev.zkwasm.compute.cpu.CpuProvider;
import dev.zkwasm.compute.cpu.VectorArithmetic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code zkprover bench field}. */
@Command(
    name = "field",
    description = {
      "Arithmetic in BN254's scalar field: the bare multiplication on one thread (vector, scalar),"
          + " and products, a program of 64 multiplications, inversion and running sums of whole"
          + " columns on a backend.",
      "Every element of every result is compared with scalar arithmetic."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  zkprover bench field --log 16-20 --threads 1",
      "  zkprover bench field --log 20 --backend cpu,cuda --transfers both --csv field.csv",
    })
final class FieldCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final KernelOptions kernel = new KernelOptions();
  @Mixin private final MeasureOptions measure = new MeasureOptions();
  @Mixin private final ReportOptions report = new ReportOptions();
  @Mixin private final CommonOptions common = new CommonOptions();
  private final Environment environment;
  private final BackendOpener backends;

  FieldCommand(Environment environment, BackendOpener backends) {
    this.environment = environment;
    this.backends = backends;
  }

  @Override
  public Integer call() {
    measure.check();
    report.check();
    List<KernelRuns.Task> tasks = new ArrayList<>();
    for (Operation operation : Operation.values()) {
      for (ScalarKind kind : kernel.kinds(false)) {
        for (int log : kernel.logs()) {
          for (boolean transfer : kernel.transfers()) {
            tasks.add(
                new KernelRuns.Task(
                    operation.toString(),
                    log,
                    kind,
                    transfer,
                    "elements",
                    FieldWorkload.hostBytes(log),
                    FieldWorkload.multiplications(log, operation),
                    backend -> new FieldWorkload(backend, log, operation, kind, transfer)));
          }
        }
      }
    }
    KernelRuns runs = new KernelRuns(environment, common, measure, backends);
    KernelRuns.requireMemory(tasks);
    if (VectorArithmetic.available()) {
      runs.add(multiplication("multiply", MultiplicationWorkload.vector()));
    }
    runs.add(multiplication("multiply-scalar", MultiplicationWorkload.scalar()));
    runs.run(tasks);
    return report.finish(runs.report(Typed.command(spec)), environment, common);
  }

  private Result multiplication(String name, Workload work) {
    Timing timing = Timing.of(work, measure.warmup, measure.iterations, i -> {});
    double count = Math.scalb(1.0, MultiplicationWorkload.LOG);
    return new Result(
        name,
        MultiplicationWorkload.LOG,
        ScalarKind.UNIFORM.toString(),
        CpuProvider.NAME,
        "the bare kernel",
        1,
        false,
        timing,
        count,
        "multiplications",
        count,
        0,
        Map.of("nanosecondsEach", 1e9 * timing.median() / count),
        Map.of());
  }
}
