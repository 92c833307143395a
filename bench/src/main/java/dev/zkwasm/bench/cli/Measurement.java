package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.report.Machine;
import dev.zkwasm.bench.report.Report;
import dev.zkwasm.bench.report.Result;
import dev.zkwasm.cli.CommonOptions;
import dev.zkwasm.cli.Environment;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that measures, then reports and compares: all of them do it alike. */
abstract class Measurement implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final ReportOptions report = new ReportOptions();
  @Mixin final CommonOptions common = new CommonOptions();
  final Environment environment;

  Measurement(Environment environment) {
    this.environment = environment;
  }

  /**
   * What was measured.
   *
   * @param roofline what per cents of the roofline refer to; empty if there are none
   */
  record Figures(String roofline, List<Result> results) {}

  /** Refuses options before any work. */
  abstract void check();

  abstract Figures measure() throws Exception;

  @Override
  public final Integer call() throws Exception {
    check();
    report.check();
    Figures figures = measure();
    return report.finish(
        new Report(Machine.here(), Typed.command(spec), figures.roofline(), figures.results()),
        environment,
        common);
  }
}
