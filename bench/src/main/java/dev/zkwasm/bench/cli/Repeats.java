package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.kernel.Timing;
import dev.zkwasm.bench.kernel.Workload;
import dev.zkwasm.cli.CliException;
import picocli.CommandLine.Option;

/** How often something is measured. */
final class Repeats {
  private static final int MOST = 100_000;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description = "runs before the timed ones (default: ${DEFAULT-VALUE})")
  int warmup;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      description = "timed runs (default: ${DEFAULT-VALUE})")
  int iterations;

  /** The defaults of a command. */
  Repeats(int warmup, int iterations) {
    this.warmup = warmup;
    this.iterations = iterations;
  }

  void check() {
    if (iterations < 1 || iterations > MOST) {
      throw CliException.badInput("--iterations takes 1 to %d, not %d".formatted(MOST, iterations));
    }
    if (warmup < 0 || warmup > MOST) {
      throw CliException.badInput("--warmup takes 0 to %d, not %d".formatted(MOST, warmup));
    }
  }

  /** Hears how much of all runs is done. */
  interface Listener {
    void done(double fraction);
  }

  /** Times a workload. */
  Timing time(Workload work, Listener listener) {
    double all = warmup + iterations;
    return Timing.of(work, warmup, iterations, i -> listener.done((warmup + i) / all));
  }
}
