package dev.zkwasm.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What proves. */
public final class EngineOptions {
  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "device for the heavy kernels: auto, cpu, cuda, tornado, fpga (default: auto)")
  public String backend = "auto";

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads (default: one per processor)")
  public @Nullable Integer threads;

  @Option(
      names = "--srs",
      paramLabel = "ID",
      description =
          "reference string, the first digits of its id are enough (default: the insecure"
              + " development one; see zkprover srs info)")
  public @Nullable String srs;
}
