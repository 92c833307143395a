package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.kernel.Check;
import dev.zkwasm.bench.kernel.Roofline;
import dev.zkwasm.bench.kernel.Timing;
import dev.zkwasm.bench.report.Result;
import dev.zkwasm.cli.EngineOptions;
import dev.zkwasm.cli.Environment;
import dev.zkwasm.cli.Memory;
import dev.zkwasm.cli.ProgressBar;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.Prepared;
import dev.zkwasm.engine.Progress;
import dev.zkwasm.engine.Run;
import dev.zkwasm.engine.StatedProof;
import dev.zkwasm.exec.Limits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code zkprover bench prove}. */
@Command(
    name = "prove",
    description = {
      "Whole proofs in a warm process: execution, filling of tables, all stages of proving; their"
          + " seconds add up to the whole. Then warm verification.",
      "Every proof is verified, and one with a flipped byte must be refused. The rate is executed"
          + " WebAssembly instructions per second."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  zkprover bench prove",
      "  zkprover bench prove --arg 10000 --threads 2 --iterations 1 --plot stages.svg",
      "  zkprover bench prove guest.wasm --input FILE --backend cpu,cuda --json",
    })
final class ProveCommand extends Measurement {
  private static final int DEFAULT_SIZE = 1000;
  private static final int VERIFICATIONS = 50;

  @Mixin private final GuestOptions guest = new GuestOptions();

  @Mixin private final Devices devices = new Devices();
  @Mixin private final Repeats repeats = new Repeats(1, 3);

  @Option(
      names = "--srs",
      paramLabel = "ID",
      description = "reference string (default: the insecure development one)")
  private @Nullable String srs;

  ProveCommand(Environment environment) {
    super(environment);
  }

  @Override
  void check() {
    repeats.check();
    devices.check();
  }

  @Override
  Figures measure() throws Exception {
    List<Result> results = new ArrayList<>();
    for (String backend : devices.backends()) {
      EngineOptions options = new EngineOptions();
      options.backend = backend;
      options.threads = devices.threads();
      options.srs = srs;
      Engine engine = environment.engines().open(options, common.home(environment));
      try {
        results.addAll(prove(engine, devices.threads()));
      } finally {
        if (engine instanceof AutoCloseable closeable) {
          closeable.close();
        }
      }
    }
    return new Figures("", results);
  }

  /** Seconds by stage, in order; they add up to the whole. */
  private record Times(Map<String, Double> stages) {
    double total() {
      return stages.values().stream().mapToDouble(Double::doubleValue).sum();
    }
  }

  /** A proof and how it came about. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Proven(Prepared prepared, byte[] proof, Times times) {}

  private List<Result> prove(Engine engine, int threadCount) {
    try (ProgressBar progress = new ProgressBar(environment, common.quiet, "bench")) {
      progress.report("keys", 0);
      GuestOptions.Loaded loaded = guest.load(engine, environment, DEFAULT_SIZE);
      engine.programDigest(loaded.guest());
      Roofline.settle();
      List<Proven> proofs = new ArrayList<>();
      Check check = Check.RIGHT;
      int all = repeats.warmup + repeats.iterations + 1;
      for (int i = 0; i < all - 1; i++) {
        boolean timed = i >= repeats.warmup;
        progress.report(timed ? "proving" : "warming up", (double) i / all);
        Proven proven = once(engine, loaded);
        if (timed) {
          check = check.and(check(engine, loaded, proven));
          // Only the first one's tables are looked at: the others need not take memory.
          proofs.add(
              proofs.isEmpty()
                  ? proven
                  : new Proven(proofs.getFirst().prepared(), proven.proof(), proven.times()));
        }
      }
      progress.report("verifying", 1);
      Verification verification =
          new Verification(engine, loaded.guest(), proofs.getFirst().proof());
      check = check.and(Check.of(verification.refusesDamage()));
      return List.of(
          proved(engine, loaded, threadCount, proofs, check),
          verification.measure(
              loaded.name(),
              name(engine),
              proofs.getFirst().prepared().run().wasmSteps(),
              threadCount,
              work -> Timing.of(work, VERIFICATIONS, VERIFICATIONS, i -> {})));
    }
  }

  private static Proven once(Engine engine, GuestOptions.Loaded loaded) {
    StageTimes times = new StageTimes();
    times.enter("execute");
    Run run = engine.execute(loaded.guest(), loaded.call(), Limits.DEFAULT.steps(), Progress.NONE);
    times.enter("tables");
    Prepared prepared = engine.prepare(run);
    times.enter("prepare");
    byte[] proof =
        engine.prove(prepared, loaded.context(), (stage, fraction) -> times.enter(stage));
    return new Proven(prepared, proof, new Times(times.end()));
  }

  private static Check check(Engine engine, GuestOptions.Loaded loaded, Proven proven) {
    try {
      StatedProof stated = engine.verify(loaded.guest(), proven.proof());
      boolean same =
          stated.statement().results().equals(proven.prepared().run().trace().results())
              && stated.statement().steps() == proven.prepared().run().trace().steps();
      Boolean agrees = loaded.agrees(stated.statement().results());
      return Check.of(same && (agrees == null || agrees));
    } catch (EngineException e) {
      return Check.WRONG;
    }
  }

  private static Result proved(
      Engine engine, GuestOptions.Loaded loaded, int threads, List<Proven> proofs, Check check) {
    Prepared prepared = proofs.getFirst().prepared();
    Run run = prepared.run();
    Timing timing =
        new Timing(proofs.stream().mapToDouble(proof -> proof.times().total()).toArray(), check);
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("steps", (long) run.trace().steps());
    more.put("wasmSteps", run.wasmSteps());
    more.put("rows", prepared.rows());
    more.put("cells", prepared.estimate().cells());
    more.put("peakBytes", Memory.peakBytes());
    more.put("proofBytes", (long) proofs.getFirst().proof().length);
    return Result.ofRun(
        "prove",
        run.wasmSteps(),
        loaded.name(),
        name(engine),
        engine.backend(),
        threads,
        timing,
        run.wasmSteps(),
        "WASM steps",
        more,
        middle(proofs.stream().map(Proven::times).toList()));
  }

  /** The stages of the proof in the middle, or the means of both: they add up to the median. */
  private static Map<String, Double> middle(List<Times> times) {
    List<Times> sorted = times.stream().sorted(Comparator.comparingDouble(Times::total)).toList();
    int n = sorted.size();
    Map<String, Double> stages = new LinkedHashMap<>();
    for (Times each : List.of(sorted.get((n - 1) / 2), sorted.get(n / 2))) {
      each.stages().forEach((stage, seconds) -> stages.merge(stage, seconds / 2, Double::sum));
    }
    return stages;
  }

  private static String name(Engine engine) {
    return engine.backend().replaceFirst(" .*", "");
  }
}
