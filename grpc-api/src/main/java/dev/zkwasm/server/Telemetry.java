package dev.zkwasm.server;

import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.ProofVerificationResponse.Verdict;
import dev.zkwasm.prover.DeviceHealth;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** What a node counts and measures. Thread-safe. */
final class Telemetry {
  private final MeterRegistry registry;
  private final String backend;
  private final Counter submitted;
  private final Counter steps;
  private final Counter rows;

  /**
   * @param backend the device that proves
   */
  Telemetry(MeterRegistry registry, String backend) {
    this.registry = registry;
    this.backend = backend;
    this.submitted =
        Counter.builder("zkwasm.jobs.submitted").description("Jobs taken in").register(registry);
    this.steps =
        Counter.builder("zkwasm.proven.steps")
            .description("Steps of runs that have been proven")
            .register(registry);
    this.rows =
        Counter.builder("zkwasm.proven.rows")
            .description("Table rows that have been proven, padding included")
            .register(registry);
  }

  /** Memory, threads, processors and open files of the process. */
  void measureProcess() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    // Closed with the process.
    @SuppressWarnings({"resource", "MustBeClosedChecker"})
    JvmGcMetrics gc = new JvmGcMetrics();
    gc.bindTo(registry);
  }

  /** A number that is asked for when somebody looks. */
  void gauge(String name, String description, Supplier<Number> value) {
    Gauge.builder("zkwasm." + name, value).description(description).register(registry);
  }

  void jobsGauge(Job.State state, Supplier<Number> value) {
    Gauge.builder("zkwasm.jobs", value)
        .description("Jobs that are kept, by state")
        .tag("state", lower(state))
        .register(registry);
  }

  /**
   * For every device and every reason not to use it, 1 if that is so.
   *
   * @param devices asked for when somebody looks; always the same devices in the same order
   */
  void devices(Supplier<List<DeviceHealth>> devices) {
    List<DeviceHealth> all = devices.get();
    for (int i = 0; i < all.size(); i++) {
      int index = i;
      for (DeviceHealth.State reason : DeviceHealth.State.values()) {
        if (reason != DeviceHealth.State.HEALTHY) {
          Gauge.builder(
                  "zkwasm.device.unhealthy",
                  () -> devices.get().get(index).state() == reason ? 1 : 0)
              .description("1 if a device is not used any more, for this reason")
              .tag("backend", all.get(i).backend())
              .tag("device", all.get(i).device())
              .tag("reason", reason.toString())
              .register(registry);
        }
      }
    }
  }

  void submitted() {
    submitted.increment();
  }

  void ended(Job job) {
    registry
        .counter(
            "zkwasm.jobs.ended",
            "state",
            lower(job.getState()),
            "failure",
            job.hasFailure() ? lower(job.getFailure().getKind()) : "none")
        .increment();
    if (job.getState() == Job.State.SUCCEEDED) {
      steps.increment(job.getCost().getSteps());
      rows.increment(job.getCost().getRowsMap().values().stream().mapToLong(n -> n).sum());
    }
  }

  void stage(String stage, double seconds) {
    Timer.builder("zkwasm.stage")
        .description("Time of a stage of a job")
        .tag("stage", stage)
        .tag("backend", backend)
        .register(registry)
        .record(Duration.ofNanos((long) (seconds * 1e9)));
  }

  void verdict(Verdict verdict) {
    registry.counter("zkwasm.verdicts", "verdict", lower(verdict)).increment();
  }

  /**
   * @param method full name, as in a path
   * @param status the code that it ended with
   */
  void call(String method, String status, long nanos) {
    Timer.builder("zkwasm.calls")
        .description("gRPC calls; a stream counts until it ends")
        .tag("method", method)
        .tag("status", status)
        .register(registry)
        .record(Duration.ofNanos(nanos));
  }

  void refused(String reason) {
    registry.counter("zkwasm.refused", "reason", reason).increment();
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
