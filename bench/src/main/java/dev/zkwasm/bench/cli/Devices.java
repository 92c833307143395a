package dev.zkwasm.bench.cli;

import dev.zkwasm.cli.CliException;
import dev.zkwasm.compute.BackendOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** On what something is measured. */
final class Devices {
  @Option(
      names = "--backend",
      paramLabel = "NAME",
      split = ",",
      description =
          "auto, cpu, cuda, tornado, fpga; several to compare them, commas between (default: auto)")
  private List<String> backends = new ArrayList<>();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "host threads (default: one per processor)")
  private @Nullable Integer threads;

  List<String> backends() {
    return backends.isEmpty() ? List.of("auto") : List.copyOf(new TreeSet<>(backends));
  }

  int threads() {
    return threads == null ? BackendOptions.defaults().threads() : threads;
  }

  void check() {
    if (threads() < 1 || threads() > 1024) {
      throw CliException.badInput("--threads takes 1 to 1024, not " + threads());
    }
  }
}
