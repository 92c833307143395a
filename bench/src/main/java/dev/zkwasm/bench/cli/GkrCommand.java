package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.gkr.GkrExperiment;
import dev.zkwasm.bench.kernel.Check;
import dev.zkwasm.bench.kernel.MultiplicationWorkload;
import dev.zkwasm.bench.kernel.ScalarKind;
import dev.zkwasm.bench.kernel.Timing;
import dev.zkwasm.bench.report.Result;
import dev.zkwasm.cli.Bytes;
import dev.zkwasm.cli.CliException;
import dev.zkwasm.cli.Environment;
import dev.zkwasm.cli.ProgressBar;
import dev.zkwasm.compute.cpu.CpuProvider;
import dev.zkwasm.compute.cpu.VectorArithmetic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code zkprover bench gkr}. */
@Command(
    name = "gkr",
    description = {
      "An experiment that no proof uses: the sums of a lookup argument by GKR, on one thread."
          + " Warm-up runs have 2^12 rows, and one more the full size.",
      "The proof is verified down to the leaves, which are evaluated themselves."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Examples:", "  zkprover bench gkr --log 20 --interactions 19"})
final class GkrCommand extends Measurement {
  private static final int MAX_LOG = 24;

  /** Enough to get the code compiled. */
  private static final int WARMUP_LOG = 12;

  @Option(names = "--log", paramLabel = "N", description = "2^N rows (default: ${DEFAULT-VALUE})")
  private int log = 16;

  @Option(
      names = "--interactions",
      paramLabel = "N",
      description = "fractions of a row (default: ${DEFAULT-VALUE})")
  private int interactions = 19;

  @Mixin private final Repeats repeats = new Repeats(10, 3);

  GkrCommand(Environment environment) {
    super(environment);
  }

  @Override
  void check() {
    repeats.check();
    if (!VectorArithmetic.available()) {
      throw CliException.badInput("this JVM or machine has no vectors for the kernels");
    }
    if (log < GkrExperiment.minLog() || log > MAX_LOG) {
      throw CliException.badInput(
          "--log takes %d to %d, not %d".formatted(GkrExperiment.minLog(), MAX_LOG, log));
    }
    if (interactions < 1 || interactions > 1000) {
      throw CliException.badInput("--interactions takes 1 to 1000, not " + interactions);
    }
    long needed = GkrExperiment.bytes(interactions, log);
    if (needed > Runtime.getRuntime().maxMemory()) {
      throw CliException.badInput(
          "2^%d rows of %d interactions need about %s of memory, Java may use %s (more with ZKPROVER_JAVA_OPTS=-Xmx...)"
              .formatted(
                  log,
                  interactions,
                  Bytes.size(needed),
                  Bytes.size(Runtime.getRuntime().maxMemory())));
    }
  }

  @Override
  Figures measure() {
    try (ProgressBar progress = new ProgressBar(environment, common.quiet, "bench")) {
      progress.report("multiplication", 0);
      Timing multiplication = Timing.of(MultiplicationWorkload.vector(), 3, 9, i -> {});
      double rate = Math.scalb(1.0, MultiplicationWorkload.LOG) / multiplication.min();
      for (int i = 0; i < repeats.warmup; i++) {
        progress.report("warming up", 0);
        new GkrExperiment(interactions, Math.min(log, WARMUP_LOG)).run();
      }
      GkrExperiment experiment = new GkrExperiment(interactions, log);
      if (repeats.warmup > 0) {
        // The first touch of memory is the system's work.
        progress.report("gkr 2^" + log, 0);
        experiment.run();
      }
      List<GkrExperiment.Outcome> outcomes = new ArrayList<>();
      for (int i = 0; i < repeats.iterations; i++) {
        progress.report("gkr 2^" + log, (double) (i + 1) / (repeats.iterations + 1));
        outcomes.add(experiment.run());
      }
      return new Figures(
          "bare vector multiplication on one thread (%.2f ns)".formatted(1e9 / rate),
          List.of(result(outcomes, rate)));
    }
  }

  private Result result(List<GkrExperiment.Outcome> outcomes, double rate) {
    Check check =
        outcomes.stream().map(GkrExperiment.Outcome::check).reduce(Check.RIGHT, Check::and);
    Timing timing =
        new Timing(outcomes.stream().mapToDouble(GkrExperiment.Outcome::total).toArray(), check);
    GkrExperiment.Outcome last = outcomes.getLast();
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("interactions", interactions);
    more.put("microsecondsPerRow", 1e6 * timing.median() / (1L << log));
    more.put(
        "processorMicrosecondsPerRow",
        1e6
            * outcomes.stream().mapToDouble(GkrExperiment.Outcome::processor).min().orElseThrow()
            / (1L << log));
    more.put("addingSeconds", last.adding());
    more.put("sumcheckSeconds", last.proving());
    more.put("verifySeconds", last.verifying());
    more.put("proofBytes", last.proofBytes());
    return new Result(
        "gkr",
        log,
        ScalarKind.UNIFORM.toString(),
        CpuProvider.NAME,
        "vector kernels",
        1,
        false,
        timing,
        Math.scalb(1.0, log),
        "rows",
        GkrExperiment.multiplications(interactions, log),
        rate,
        more,
        Map.of());
  }
}
