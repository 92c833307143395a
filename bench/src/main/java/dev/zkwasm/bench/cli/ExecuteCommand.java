package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.kernel.Check;
import dev.zkwasm.bench.kernel.Timing;
import dev.zkwasm.bench.kernel.Workload;
import dev.zkwasm.bench.report.Result;
import dev.zkwasm.cli.EngineOptions;
import dev.zkwasm.cli.Environment;
import dev.zkwasm.cli.ProgressBar;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.Prepared;
import dev.zkwasm.engine.Progress;
import dev.zkwasm.engine.Run;
import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.isa.Value;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code zkprover bench execute}. */
@Command(
    name = "execute",
    description = {
      "Execution alone (execute), with a record of every step (trace), and the filling of tables"
          + " from it (tables). Rates are lowered steps per second; coldSeconds is the first run of"
          + " the process.",
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
final class ExecuteCommand extends Measurement {
  private static final int DEFAULT_SIZE = 20_000;

  /** Row by row takes some 10 microseconds each. */
  private static final int MAX_CHECKED = 1 << 17;

  @Mixin private final GuestOptions guest = new GuestOptions();

  @Mixin private final Repeats repeats = new Repeats(5, 10);

  ExecuteCommand(Environment environment) {
    super(environment);
  }

  @Override
  void check() {
    repeats.check();
  }

  @Override
  Figures measure() {
    Engine engine = environment.engines().open(new EngineOptions(), common.home(environment));
    try (ProgressBar progress = new ProgressBar(environment, common.quiet, "bench")) {
      progress.report("cold run", 0);
      GuestOptions.Loaded loaded = guest.load(engine, environment, DEFAULT_SIZE);
      Cold cold = runCold(engine, loaded);
      List<Result> results = new ArrayList<>();
      for (Stage stage : Stage.values()) {
        Timing timing =
            repeats.time(
                new StageWork(engine, cold.run(), stage, cold.check()),
                done ->
                    progress.report(
                        stage.toString(), (results.size() + done) / Stage.values().length));
        results.add(result(stage, cold, loaded.name(), timing));
      }
      return new Figures("", results);
    }
  }

  /**
   * The first run of the process.
   *
   * @param seconds of the stages that it shows
   */
  private record Cold(Run run, Map<Stage, Double> seconds, Check check) {}

  private Cold runCold(Engine engine, GuestOptions.Loaded loaded) {
    Map<Stage, Double> seconds = new EnumMap<>(Stage.class);
    long start = System.nanoTime();
    // Through the engine, which says in its own words what is wrong with a call.
    Run run = engine.execute(loaded.guest(), loaded.call(), Limits.DEFAULT.steps(), Progress.NONE);
    seconds.put(Stage.TRACE, (System.nanoTime() - start) * 1e-9);
    start = System.nanoTime();
    Prepared prepared = engine.prepare(run);
    seconds.put(Stage.TABLES, (System.nanoTime() - start) * 1e-9);
    return new Cold(run, seconds, check(prepared, loaded));
  }

  private Check check(Prepared prepared, GuestOptions.Loaded loaded) {
    Run run = prepared.run();
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
      prepared.witness().check();
      return Check.RIGHT;
    } catch (IllegalStateException e) {
      environment.err().println(e.getMessage());
      return Check.WRONG;
    }
  }

  private static Result result(Stage stage, Cold cold, String name, Timing timing) {
    Run run = cold.run();
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("steps", (long) run.trace().steps());
    more.put("wasmSteps", run.wasmSteps());
    more.put("wasmStepsPerSecond", run.wasmSteps() / timing.median());
    Double coldSeconds = cold.seconds().get(stage);
    if (coldSeconds != null) {
      more.put("coldSeconds", coldSeconds);
    }
    return Result.ofRun(
        stage.toString(),
        run.wasmSteps(),
        name,
        "host",
        "interpreter of lowered code",
        1,
        timing,
        run.trace().steps(),
        "steps",
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
                  Progress.NONE);
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
