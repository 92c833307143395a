package dev.zkwasm.cli;

import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.Guest;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.isa.Call;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
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
    Call made = call.call(guest.program(), environment);
    Recorded recorded = stopwatch.time("trace", () -> record(engine, guest, made, context));
    Outcome outcome = recorded.outcome();
    if (common.json) {
      Map<String, Object> json = Reports.run(outcome);
      json.put("traceBytes", recorded.bytes());
      json.put("seconds", stopwatch.seconds());
      json.put("peakBytes", Memory.peakBytes());
      environment.out().println(Json.write(json));
    } else {
      Reports.printRun(environment.out(), made, outcome);
      Reports.line(
          environment.out(),
          "trace",
          target
              + " ("
              + Bytes.size(recorded.bytes())
              + ")"
              + (made.privateInput().length > 0
                  ? ": it holds the private input, keep it secret"
                  : ""));
    }
    return Main.DONE;
  }

  private record Recorded(Outcome outcome, long bytes) {}

  /** The file is written while the call runs: neither is ever whole in memory. */
  private Recorded record(Engine engine, Guest guest, Call made, byte[] context) {
    try (ProgressBar progress = new ProgressBar(environment, common.quiet, "recording")) {
      return Bytes.write(
          target,
          force,
          true,
          out -> {
            Counted counted = new Counted(out);
            Outcome outcome =
                engine.record(guest, made, context, Steps.MAX_STEPS, progress, counted);
            return new Recorded(outcome, counted.bytes);
          });
    }
  }

  /** Counts what is written. */
  private static final class Counted extends FilterOutputStream {
    private long bytes;

    Counted(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      bytes++;
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      out.write(from, offset, length);
      bytes += length;
    }
  }
}
