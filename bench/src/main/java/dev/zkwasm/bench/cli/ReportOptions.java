package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.kernel.Check;
import dev.zkwasm.bench.report.Baseline;
import dev.zkwasm.bench.report.Baseline.Comparison;
import dev.zkwasm.bench.report.Plot;
import dev.zkwasm.bench.report.Report;
import dev.zkwasm.bench.report.Result;
import dev.zkwasm.bench.report.Units;
import dev.zkwasm.cli.Bytes;
import dev.zkwasm.cli.CliException;
import dev.zkwasm.cli.CommonOptions;
import dev.zkwasm.cli.Environment;
import dev.zkwasm.cli.Json;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where results go and what they are compared with. */
final class ReportOptions {
  private static final int DONE = 0;
  private static final int FAILED = 1;
  private static final int MAX_BASELINE = 64 << 20;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE.json",
      description = "store the results, as --json prints them, for --compare")
  @Nullable Path out;

  @Option(names = "--csv", paramLabel = "FILE.csv", description = "store the results as a table")
  @Nullable Path csv;

  @Option(
      names = "--plot",
      paramLabel = "FILE.svg",
      description = "draw time against size, or the stages of a proof, and the baseline beside it")
  @Nullable Path plot;

  @Option(names = "--force", description = "overwrite these files")
  boolean force;

  @Option(
      names = "--compare",
      paramLabel = "BASELINE.json",
      description = "print the ratio of each median to a stored one; from 1.10 on it is flagged")
  @Nullable Path compare;

  @Option(
      names = "--fail-above",
      paramLabel = "RATIO",
      description = "with --compare: end with exit code 1 if a ratio is above this")
  @Nullable Double failAbove;

  private @Nullable Baseline baseline;

  /** Refuses before the work what cannot be done after it. */
  void check() {
    for (Path file : Stream.of(out, csv, plot).filter(java.util.Objects::nonNull).toList()) {
      Bytes.checkWritable(file, force);
    }
    if (compare != null) {
      try {
        baseline =
            Baseline.parse(new String(Bytes.read(compare, MAX_BASELINE), StandardCharsets.UTF_8));
      } catch (IllegalArgumentException e) {
        throw CliException.badInput(compare + ": " + e.getMessage());
      }
    }
    if (failAbove != null && (compare == null || !(failAbove > 0))) {
      throw CliException.badInput("--fail-above takes a ratio above 0, and needs --compare");
    }
  }

  /** Prints and stores; gives the exit code. */
  int finish(Report report, Environment environment, CommonOptions common) {
    write(out, report.file());
    write(csv, report.csv());
    if (plot != null) {
      write(plot, Plot.draw(report, baseline));
    }
    PrintStream words = common.json ? environment.err() : environment.out();
    if (common.json) {
      environment.out().println(Json.write(report.json()));
    } else {
      print(report, environment.out());
    }
    boolean failed = report.hasWrongResult();
    if (failed) {
      environment.err().println("zkprover: WRONG RESULT: see above, or \"checked\": false");
    }
    if (baseline != null) {
      failed |= compare(baseline, report, words);
    }
    return failed ? FAILED : DONE;
  }

  private void write(@Nullable Path file, String text) {
    if (file != null) {
      Bytes.write(file, text.getBytes(StandardCharsets.UTF_8), force, false);
    }
  }

  private static void print(Report report, PrintStream out) {
    out.printf(
        "%s, %d processors, Java %s, commit %s%n",
        report.machine().cpu(),
        report.machine().processors(),
        report.machine().jdk(),
        report.machine().commit());
    if (!report.model().isEmpty()) {
      out.println("roofline: " + report.model());
    }
    int width = report.results().stream().mapToInt(r -> r.key().length()).max().orElse(0);
    for (Result r : report.results()) {
      out.printf(
          Locale.ROOT,
          "%-" + width + "s  median %8s  p95 %8s  min %8s  %s %s/s%s%s  %s%n",
          r.key(),
          Units.seconds(r.timing().median()),
          Units.seconds(r.timing().p95()),
          Units.seconds(r.timing().min()),
          Units.count(r.perSecond()),
          r.unit(),
          r.multiplications() > 0
              ? "  " + Units.count(r.multiplicationsPerSecond()) + " mul/s"
              : "",
          r.multiplications() > 0 && r.roofline() > 0
              ? String.format(Locale.ROOT, "  %.0f %% of roofline", r.rooflinePercent())
              : "",
          words(r.timing().check()));
      r.more().forEach((name, value) -> out.printf("    %-24s %s%n", name, text(value)));
      r.stages()
          .forEach(
              (stage, seconds) ->
                  out.printf(
                      Locale.ROOT,
                      "    %-24s %8s  %4.1f %%%n",
                      stage,
                      Units.seconds(seconds),
                      100 * seconds / r.timing().median()));
    }
  }

  private static String text(Object value) {
    return value instanceof String s ? s : Json.write(value);
  }

  private static String words(Check check) {
    return switch (check) {
      case RIGHT -> "checked";
      case WRONG -> "WRONG RESULT";
      case NOT_MADE -> "not checked";
    };
  }

  /** Whether a ratio is above the limit. */
  private boolean compare(Baseline stored, Report report, PrintStream out) {
    out.println("compared with " + stored.machine());
    List<Comparison> comparisons = stored.compare(report.results());
    boolean above = false;
    for (Comparison c : comparisons) {
      boolean fails = failAbove != null && c.ratio() > failAbove;
      above |= fails;
      out.printf(
          Locale.ROOT,
          "%6.3f  %s: %s, was %s%s%s%n",
          c.ratio(),
          c.result().key(),
          Units.seconds(c.result().timing().median()),
          Units.seconds(c.baselineMedian()),
          c.regression() ? "  REGRESSION" : "",
          fails ? "  above the limit" : "");
    }
    for (Result r : report.results()) {
      if (comparisons.stream().noneMatch(c -> c.result().key().equals(r.key()))) {
        out.println("     -  " + r.key() + ": not in the baseline");
      }
    }
    if (failAbove != null && comparisons.isEmpty()) {
      throw CliException.badInput(
          "nothing to hold against --fail-above: the baseline has none of these results");
    }
    return above;
  }
}
