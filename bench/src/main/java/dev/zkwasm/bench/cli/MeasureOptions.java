package dev.zkwasm.bench.cli;

import dev.zkwasm.cli.CliException;
import dev.zkwasm.compute.BackendOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** On what is measured, and how often. */
final class MeasureOptions {
  @Option(
      names = "--backend",
      paramLabel = "NAME",
      split = ",",
      description =
          "auto, cpu, cuda, tornado, fpga; several to compare them, commas between (default: auto)")
  List<String> backends = new ArrayList<>();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "host threads (default: one per processor)")
  @Nullable Integer threads;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description = "runs before the timed ones (default: ${DEFAULT-VALUE})")
  int warmup = 3;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      description = "timed runs (default: ${DEFAULT-VALUE})")
  int iterations = 10;

  List<String> backends() {
    return backends.isEmpty() ? List.of("auto") : List.copyOf(new java.util.TreeSet<>(backends));
  }

  int threads() {
    return threads == null ? BackendOptions.defaults().threads() : threads;
  }

  void check() {
    if (iterations < 1 || iterations > 100_000) {
      throw CliException.badInput("--iterations takes 1 to 100000, not " + iterations);
    }
    if (warmup < 0 || warmup > 100_000) {
      throw CliException.badInput("--warmup takes 0 to 100000, not " + warmup);
    }
    if (threads() < 1 || threads() > 1024) {
      throw CliException.badInput("--threads takes 1 to 1024, not " + threads());
    }
  }
}
