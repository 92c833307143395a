package dev.zkwasm.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What proves. */
final class EngineOptions {
  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "device for the heavy kernels: auto, cpu, cuda, tornado, fpga (default: auto)")
  String backend = "auto";

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads (default: one per processor)")
  @Nullable Integer threads;

  @Option(
      names = "--srs",
      paramLabel = "ID",
      description =
          "reference string, the first digits of its id are enough (default: the insecure"
              + " development one; see zkprover srs info)")
  @Nullable String srs;
}
