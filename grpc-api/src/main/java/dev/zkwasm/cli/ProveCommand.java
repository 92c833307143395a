package dev.zkwasm.cli;

import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.Prepared;
import dev.zkwasm.engine.RecordedCall;
import dev.zkwasm.engine.Run;
import dev.zkwasm.engine.StatedProof;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zkprover prove}. */
@Command(
    name = "prove",
    description = "Execute and prove, or prove a recorded trace (--trace).",
    mixinStandardHelpOptions = true)
final class ProveCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "FILE.wasm", description = "a WebAssembly module")
  private @Nullable Path module;

  @Option(
      names = "--trace",
      paramLabel = "T.zwt",
      description = "prove this trace; it says module, call, inputs and context itself")
  private @Nullable Path trace;

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "P.zkp",
      description = "where to write the proof")
  private Path target = Path.of("");

  @Option(names = "--force", description = "overwrite the file")
  private boolean force;

  @Mixin private final CallOptions call = new CallOptions();
  @Mixin private final EngineOptions engineOptions = new EngineOptions();
  @Mixin private final CommonOptions common = new CommonOptions();
  private final Environment environment;

  ProveCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    if ((module == null) == (trace == null)) {
      throw CliException.badInput("give either a module or --trace T.zwt");
    }
    if (trace != null && call.given()) {
      throw CliException.badInput("--trace takes no call options: the trace holds the call");
    }
    Bytes.checkWritable(target, force);
    Stopwatch stopwatch = new Stopwatch();
    Engine engine = environment.engines().open(engineOptions, common.home(environment));
    engine.warmUp();
    Executed executed = run(engine, stopwatch);
    Run run = executed.run();
    Prepared prepared = stopwatch.time("trace", () -> engine.prepare(run));
    PrintStream err = environment.err();
    if (!common.quiet) {
      err.println("estimate: " + Reports.text(prepared.estimate()) + ", on " + engine.backend());
    }
    byte[] proof;
    try (ProgressBar progress = new ProgressBar(environment, common.quiet, "proving")) {
      proof = stopwatch.time("prove", () -> engine.prove(prepared, executed.context(), progress));
      stopwatch.add(progress.seconds());
    }
    // A proof that does not verify must never leave this machine.
    StatedProof stated = stopwatch.time("verify", () -> engine.verify(run.guest(), proof));
    Bytes.write(target, proof, force, false);
    if (stated.insecureSrs()) {
      Reports.warnInsecure(err);
    }
    report(engine, prepared, stated, proof.length, stopwatch);
    return Main.DONE;
  }

  /** What is proven, and what the proof is bound to. */
  private record Executed(Run run, byte[] context) {}

  private Executed run(Engine engine, Stopwatch stopwatch) {
    if (module != null) {
      byte[] context = call.context();
      Run run =
          Steps.execute(engine, Steps.load(engine, module), call, environment, common, stopwatch);
      return new Executed(run, context);
    }
    Path file = Objects.requireNonNull(trace);
    RecordedCall recorded =
        stopwatch.time("replay", () -> Steps.replay(engine, file, environment, common));
    Run run = stopwatch.time("execute", () -> Steps.execute(engine, recorded, environment, common));
    return new Executed(run, recorded.context());
  }

  private void report(
      Engine engine, Prepared prepared, StatedProof stated, int proofBytes, Stopwatch stopwatch) {
    Run run = prepared.run();
    PrintStream out = environment.out();
    if (common.json) {
      Map<String, Object> json = Reports.run(run.outcome());
      json.put("rows", prepared.rows());
      json.put("seconds", stopwatch.seconds());
      json.put("peakBytes", Memory.peakBytes());
      json.put("proofBytes", (long) proofBytes);
      json.put("backend", engine.backend());
      json.put("srsId", Bytes.hex(stated.srsId()));
      json.put("srsInsecure", stated.insecureSrs());
      out.println(Json.write(json));
    } else {
      Reports.printRun(out, run.trace().call(), run.outcome());
      Reports.line(out, "proof", target + " (" + Bytes.size(proofBytes) + "), verified");
      StringBuilder times = new StringBuilder();
      stopwatch
          .seconds()
          .forEach(
              (step, seconds) ->
                  times
                      .append(times.isEmpty() ? "" : ", ")
                      .append(step)
                      .append(" %.2f s".formatted((Double) seconds)));
      Reports.line(out, "time", times.toString());
      Reports.line(out, "memory", Bytes.size(Memory.peakBytes()) + " at the peak");
    }
  }
}
