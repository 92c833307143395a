package dev.zkwasm.cli;

import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.Guest;
import dev.zkwasm.engine.Prepared;
import dev.zkwasm.engine.Run;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code zkprover run}. */
@Command(
    name = "run",
    description = "Execute only: output, steps, table rows, and what proving will cost.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE.wasm", description = "a WebAssembly module")
  private Path module = Path.of("");

  @Mixin private final CallOptions call = new CallOptions();
  @Mixin private final EngineOptions engineOptions = new EngineOptions();
  @Mixin private final CommonOptions common = new CommonOptions();
  private final Environment environment;

  RunCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    Stopwatch stopwatch = new Stopwatch();
    Engine engine = environment.engines().open(engineOptions, common.home(environment));
    Guest guest = Steps.load(engine, module);
    Run run = Steps.execute(engine, guest, call, environment, common, stopwatch);
    Prepared prepared = stopwatch.time("trace", () -> engine.prepare(run));
    PrintStream out = environment.out();
    if (common.json) {
      Map<String, Object> json = Reports.run(run.outcome());
      json.put("rows", prepared.rows());
      json.put("seconds", stopwatch.seconds());
      json.put("peakBytes", Memory.peakBytes());
      json.put("backend", engine.backend());
      json.put("estimate", Reports.estimate(prepared.estimate()));
      out.println(Json.write(json));
    } else {
      Reports.printRun(out, run.trace().call(), run.outcome());
      prepared
          .rows()
          .forEach(
              (table, rows) ->
                  Reports.line(out, "", "%,12d rows in table %s".formatted(rows, table)));
      Reports.line(out, "proving takes", Reports.text(prepared.estimate()));
    }
    return Main.DONE;
  }
}
