package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.kernel.FieldWorkload;
import dev.zkwasm.bench.kernel.FieldWorkload.Operation;
import dev.zkwasm.bench.kernel.MultiplicationWorkload;
import dev.zkwasm.bench.kernel.ScalarKind;
import dev.zkwasm.bench.kernel.Timing;
import dev.zkwasm.bench.kernel.Workload;
import dev.zkwasm.bench.report.Result;
import dev.zkwasm.cli.Environment;
import dev.zkwasm.compute.cpu.CpuProvider;
import dev.zkwasm.compute.cpu.VectorArithmetic;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

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
final class FieldCommand extends KernelCommand {
  FieldCommand(Environment environment, BackendOpener backends) {
    super(environment, backends);
  }

  @Override
  List<KernelRuns.Task> tasks() {
    return Arrays.stream(Operation.values())
        .flatMap(operation -> variants((log, kind, t) -> task(operation, log, kind, t)).stream())
        .toList();
  }

  private static KernelRuns.Task task(
      Operation operation, int log, ScalarKind kind, boolean transfers) {
    return new KernelRuns.Task(
        operation.toString(),
        log,
        kind,
        transfers,
        "elements",
        FieldWorkload.hostBytes(log),
        FieldWorkload.multiplications(log, operation),
        backend -> new FieldWorkload(backend, log, operation, kind, transfers));
  }

  @Override
  void begin(KernelRuns runs) {
    if (VectorArithmetic.available()) {
      runs.add(multiplication("multiply", MultiplicationWorkload.vector()));
    }
    runs.add(multiplication("multiply-scalar", MultiplicationWorkload.scalar()));
  }

  private Result multiplication(String name, Workload work) {
    Timing timing = repeats.time(work, done -> {});
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
