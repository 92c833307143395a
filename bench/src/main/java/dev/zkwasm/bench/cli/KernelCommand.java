package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.kernel.ScalarKind;
import dev.zkwasm.cli.Environment;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;

/** A command that times kernels on backends. */
abstract class KernelCommand extends Measurement {
  @Mixin final KernelOptions kernel = new KernelOptions();
  @Mixin final Devices devices = new Devices();
  @Mixin final Repeats repeats = new Repeats(3, 10);
  final BackendOpener backends;

  KernelCommand(Environment environment, BackendOpener backends) {
    super(environment);
    this.backends = backends;
  }

  /** What is timed on each backend. */
  abstract List<KernelRuns.Task> tasks();

  /** What comes before the tasks; they fit in memory. */
  void begin(KernelRuns runs) {}

  /** A kernel on some input. */
  interface Variant {
    KernelRuns.Task task(int log, ScalarKind kind, boolean transfers);
  }

  /** A kernel on all inputs that the options name; scalars are field elements. */
  final List<KernelRuns.Task> variants(Variant variant) {
    List<KernelRuns.Task> tasks = new ArrayList<>();
    for (ScalarKind kind : kernel.kinds(false)) {
      for (int log : kernel.logs()) {
        for (boolean transfers : kernel.transfers()) {
          tasks.add(variant.task(log, kind, transfers));
        }
      }
    }
    return tasks;
  }

  @Override
  final void check() {
    repeats.check();
    devices.check();
  }

  @Override
  final Figures measure() {
    List<KernelRuns.Task> tasks = tasks();
    KernelRuns.requireMemory(tasks);
    KernelRuns runs = new KernelRuns(environment, common, devices, repeats, backends);
    begin(runs);
    runs.run(tasks);
    return runs.figures();
  }
}
