package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.kernel.Check;
import dev.zkwasm.bench.kernel.Timing;
import dev.zkwasm.bench.kernel.Workload;
import dev.zkwasm.bench.report.Machine;
import dev.zkwasm.bench.report.Report;
import dev.zkwasm.bench.report.Result;
import dev.zkwasm.cli.CommonOptions;
import dev.zkwasm.cli.EngineOptions;
import dev.zkwasm.cli.Environment;
import dev.zkwasm.cli.ProgressBar;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.Prepared;
import dev.zkwasm.engine.Run;
import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.isa.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code zkprover bench execute}. */
@Command(
    name = "execute",
    description = {
      "Execution alone (execute), with a record of every step (trace), and the filling of tables"
          + " from it (tables). Rates are lowered steps per second.",
      "The result of the built-in guest is compared with a twin in Java; the run of another one is"
          + " checked row by row against all constraints if it has at most 2^17 steps."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  zkprover bench execute --arg 50000",
      "  zkprover bench execute guest.wasm --invoke run --arg 1000 --json",
    })
final class ExecuteCommand implements Callable<Integer> {
  private static final int DEFAULT_SIZE = 20_000;

  /** Row by row takes some 10 microseconds each. */
  private static final int MAX_CHECKED = 1 << 17;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private final GuestOptions guest = new GuestOptions();

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description = "runs before the timed ones (default: ${DEFAULT-VALUE})")
  private int warmup = 5;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      description = "timed runs (default: ${DEFAULT-VALUE})")
  private int iterations = 10;

  @Mixin private final ReportOptions report = new ReportOptions();
  @Mixin private final CommonOptions common = new CommonOptions();
  private final Environment environment;

  ExecuteCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    MeasureOptions measure = new MeasureOptions();
    measure.warmup = warmup;
    measure.iterations = iterations;
    measure.check();
    report.check();
    Engine engine = environment.engines().open(new EngineOptions(), common.home(environment));
    Report all;
    try (ProgressBar progress = new ProgressBar(environment, common.quiet, "bench")) {
      progress.report("checking", 0);
      GuestOptions.Loaded loaded = guest.load(engine, environment, DEFAULT_SIZE);
      // Through the engine, which says in its own words what is wrong with a call.
      Run run =
          engine.execute(
              loaded.guest(),
              loaded.call(),
              Limits.DEFAULT.steps(),
              dev.zkwasm.engine.Progress.NONE);
      Check check = check(engine, run, loaded);
      List<Result> results = new ArrayList<>();
      for (Stage stage : Stage.values()) {
        double done = (results.size() + 0.5) / Stage.values().length;
        Timing timing =
            Timing.of(
                new StageWork(engine, run, stage, check),
                warmup,
                iterations,
                i -> progress.report(stage.toString(), done));
        results.add(result(stage, run, loaded.name(), timing));
      }
      all = new Report(Machine.here(), Typed.command(spec), "", results);
    }
    return report.finish(all, environment, common);
  }

  private Check check(Engine engine, Run run, GuestOptions.Loaded loaded) {
    Boolean agrees = loaded.agrees(run.trace().results());
    if (agrees != null) {
      return Check.of(agrees);
    }
    if (run.trace().steps() > MAX_CHECKED) {
      environment
          .err()
          .println("not checked: more than 2^17 steps; zkprover bench prove checks by proving");
      return Check.NOT_MADE;
    }
    try {
      engine.prepare(run).witness().check();
      return Check.RIGHT;
    } catch (IllegalStateException | EngineException e) {
      environment.err().println(e.getMessage());
      return Check.WRONG;
    }
  }

  private static Result result(Stage stage, Run run, String name, Timing timing) {
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("steps", (long) run.trace().steps());
    more.put("wasmSteps", run.wasmSteps());
    more.put("wasmStepsPerSecond", run.wasmSteps() / timing.median());
    return new Result(
        stage.toString(),
        63 - Long.numberOfLeadingZeros(Math.max(1, run.wasmSteps())),
        name,
        "host",
        "interpreter of lowered code",
        1,
        false,
        timing,
        run.trace().steps(),
        "steps",
        0,
        0,
        more,
        Map.of());
  }

  /** What is timed. */
  private enum Stage {
    EXECUTE,
    TRACE,
    TABLES;

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** One stage; each result must be the one that was checked. */
  private static final class StageWork implements Workload {
    private final Engine engine;
    private final Run reference;
    private final Stage stage;
    private final Check referenceCheck;
    private @Nullable Object results;

    StageWork(Engine engine, Run reference, Stage stage, Check referenceCheck) {
      this.engine = engine;
      this.reference = reference;
      this.stage = stage;
      this.referenceCheck = referenceCheck;
    }

    @Override
    public void run() {
      switch (stage) {
        case EXECUTE -> {
          Outcome outcome =
              Executor.run(
                  reference.guest().program(),
                  null,
                  reference.trace().call(),
                  Limits.DEFAULT,
                  dev.zkwasm.exec.Progress.NONE,
                  Executor.NO_TRACE);
          results = summary(outcome.results(), outcome.output(), outcome.steps());
        }
        case TRACE -> {
          Run run =
              engine.execute(
                  reference.guest(),
                  reference.trace().call(),
                  Limits.DEFAULT.steps(),
                  dev.zkwasm.engine.Progress.NONE);
          results = summary(run);
        }
        case TABLES -> {
          Prepared prepared = engine.prepare(reference);
          results = prepared.rows().isEmpty() ? null : summary(prepared.run());
        }
      }
    }

    private static Object summary(Run run) {
      return summary(run.trace().results(), run.trace().output(), run.trace().steps());
    }

    private static Object summary(List<Value> results, byte[] output, long steps) {
      return List.of(results, java.util.HexFormat.of().formatHex(output), steps);
    }

    @Override
    public Check check() {
      return Check.of(summary(reference).equals(results)).and(referenceCheck);
    }
  }
}
