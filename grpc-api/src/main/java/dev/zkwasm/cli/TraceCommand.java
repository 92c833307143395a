package dev.zkwasm.cli;

import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.Guest;
import dev.zkwasm.engine.Run;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zkprover trace}. */
@Command(
    name = "trace",
    description = "Execute and record a trace. It holds the private input: keep it secret.",
    mixinStandardHelpOptions = true)
final class TraceCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE.wasm", description = "a WebAssembly module")
  private Path module = Path.of("");

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "T.zwt",
      description = "where to write the trace")
  private Path target = Path.of("");

  @Option(names = "--force", description = "overwrite the file")
  private boolean force;

  @Mixin private final CallOptions call = new CallOptions();
  @Mixin private final EngineOptions engineOptions = new EngineOptions();
  @Mixin private final CommonOptions common = new CommonOptions();
  private final Environment environment;

  TraceCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    Bytes.checkWritable(target, force);
    byte[] context = call.context();
    Stopwatch stopwatch = new Stopwatch();
    Engine engine = environment.engines().open(engineOptions, common.home(environment));
    Guest guest = Steps.load(engine, module);
    Run run = Steps.execute(engine, guest, call, environment, common, stopwatch);
    byte[] trace = stopwatch.time("trace", () -> engine.record(run, context));
    Bytes.write(target, trace, force, true);
    if (common.json) {
      Map<String, Object> json = Reports.run(run);
      json.put("traceBytes", (long) trace.length);
      json.put("seconds", stopwatch.seconds());
      json.put("peakBytes", Memory.peakBytes());
      environment.out().println(Json.write(json));
    } else {
      Reports.printRun(environment.out(), run);
      Reports.line(
          environment.out(),
          "trace",
          target
              + " ("
              + Bytes.size(trace.length)
              + ")"
              + (run.trace().call().privateInput().length > 0
                  ? ": it holds the private input, keep it secret"
                  : ""));
    }
    return Main.DONE;
  }
}
