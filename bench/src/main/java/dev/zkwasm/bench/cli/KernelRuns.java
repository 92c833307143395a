package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.kernel.Roofline;
import dev.zkwasm.bench.kernel.ScalarKind;
import dev.zkwasm.bench.kernel.Timing;
import dev.zkwasm.bench.kernel.Workload;
import dev.zkwasm.bench.report.Result;
import dev.zkwasm.cli.Bytes;
import dev.zkwasm.cli.CliException;
import dev.zkwasm.cli.CommonOptions;
import dev.zkwasm.cli.Environment;
import dev.zkwasm.cli.ProgressBar;
import dev.zkwasm.compute.BackendException;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.ComputeBackend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Times kernels on each backend, and collects the results. */
final class KernelRuns {
  /**
   * A kernel at one size.
   *
   * @param hostBytes memory that it needs, about
   * @param multiplications of one go after the model
   * @param open prepares it on a backend
   */
  record Task(
      String kernel,
      int log,
      ScalarKind kind,
      boolean transfers,
      String unit,
      long hostBytes,
      double multiplications,
      Function<ComputeBackend, Workload> open) {
    String name() {
      return "%s 2^%d %s%s".formatted(kernel, log, kind, transfers ? " with transfers" : "");
    }
  }

  private static final String ENERGY = "energyJoules";

  private final Environment environment;
  private final CommonOptions common;
  private final Devices devices;
  private final Repeats repeats;
  private final BackendOpener backends;
  private final List<Result> results = new ArrayList<>();
  private final Set<String> models = new LinkedHashSet<>();

  KernelRuns(
      Environment environment,
      CommonOptions common,
      Devices devices,
      Repeats repeats,
      BackendOpener backends) {
    this.environment = environment;
    this.common = common;
    this.devices = devices;
    this.repeats = repeats;
    this.backends = backends;
  }

  /** Refuses sizes that do not fit in memory, with the figures. */
  static void requireMemory(List<Task> tasks) {
    long there = Runtime.getRuntime().maxMemory();
    for (Task task : tasks) {
      if (task.hostBytes() > there) {
        throw CliException.badInput(
            "%s needs about %s of memory, Java may use %s (more with ZKPROVER_JAVA_OPTS=-Xmx...)"
                .formatted(task.name(), Bytes.size(task.hostBytes()), Bytes.size(there)));
      }
    }
  }

  /** Opens a backend or says why it is not there. */
  static ComputeBackend open(BackendOpener backends, String name, int threads) {
    try {
      return backends.open(name, new BackendOptions(threads));
    } catch (BackendException | IllegalArgumentException e) {
      throw CliException.badInput(String.valueOf(e.getMessage()));
    }
  }

  /** Times all tasks on all backends. */
  void run(List<Task> tasks) {
    List<ComputeBackend> opened = new ArrayList<>();
    try {
      // All of them before the first measurement: an unknown one is said at once.
      for (String name : devices.backends()) {
        opened.add(open(backends, name, devices.threads()));
      }
      for (ComputeBackend backend : opened) {
        run(backend, tasks);
      }
    } finally {
      opened.forEach(ComputeBackend::close);
    }
  }

  private void run(ComputeBackend backend, List<Task> tasks) {
    try (ProgressBar progress = new ProgressBar(environment, common.quiet, backend.name())) {
      progress.report("warming up", 0);
      Roofline.settle();
      Roofline roofline = Roofline.measure(backend, devices.threads());
      models.add(backend.name() + ": " + roofline.model());
      for (int t = 0; t < tasks.size(); t++) {
        Task task = tasks.get(t);
        int done = t;
        progress.report(task.name(), (double) t / tasks.size());
        try (Workload work = task.open().apply(backend)) {
          Map<String, Double> before = backend.readings();
          long began = System.nanoTime();
          Timing timing =
              repeats.time(
                  work, part -> progress.report(task.name(), (done + part) / tasks.size()));
          double seconds = (System.nanoTime() - began) / 1e9;
          add(task, backend, roofline, timing, sensors(before, backend.readings(), seconds));
        }
      }
    }
  }

  /**
   * The device's sensors after a kernel was timed, with the mean power from its warm-up to the last
   * check in place of the momentary one, where the device counts its energy.
   */
  static Map<String, Object> sensors(
      Map<String, Double> before, Map<String, Double> after, double seconds) {
    Map<String, Object> sensors = new LinkedHashMap<>(after);
    Double from = before.get(ENERGY);
    Double to = after.get(ENERGY);
    sensors.remove(ENERGY);
    if (from != null && to != null) {
      sensors.put("powerWatts", (to - from) / seconds);
    }
    return sensors;
  }

  private void add(
      Task task,
      ComputeBackend backend,
      Roofline roofline,
      Timing timing,
      Map<String, Object> sensors) {
    results.add(
        new Result(
            task.kernel(),
            task.log(),
            task.kind().toString(),
            backend.name(),
            backend.description(),
            devices.threads(),
            task.transfers(),
            timing,
            Math.scalb(1.0, task.log()),
            task.unit(),
            task.multiplications(),
            roofline.multiplicationsPerSecond(),
            sensors,
            Map.of()));
  }

  /** Adds a result that was measured elsewhere. */
  void add(Result result) {
    results.add(result);
  }

  /** All results. */
  Measurement.Figures figures() {
    return new Measurement.Figures(String.join("; ", models), results);
  }
}
