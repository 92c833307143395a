package dev.zkwasm.cli;

import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.Guest;
import dev.zkwasm.engine.RecordedCall;
import dev.zkwasm.engine.Run;
import dev.zkwasm.isa.Call;
import dev.zkwasm.trace.HeadLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;

/** Steps that several commands take. */
final class Steps {
  static final int MAX_MODULE = 256 << 20;
  static final int MAX_PROOF = 64 << 20;

  /** Steps of one run at most: the largest tables hold no more. */
  static final long MAX_STEPS = 1L << 30;

  private Steps() {}

  static Guest load(Engine engine, Path module) {
    byte[] wasm = Bytes.read(module, MAX_MODULE);
    return naming(module, () -> engine.load(wasm));
  }

  /** Replays a trace file, which is never whole in memory. */
  static RecordedCall replay(
      Engine engine, Path trace, Environment environment, CommonOptions common) {
    try (InputStream in = Bytes.open(trace);
        ProgressBar progress = new ProgressBar(environment, common.quiet, "replaying")) {
      return naming(trace, () -> engine.replay(in, MAX_STEPS, HeadLimits.FORMAT, progress));
    } catch (UncheckedIOException e) {
      throw Bytes.unreadable(trace, Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw Bytes.unreadable(trace, e);
    }
  }

  /** Executes what was replayed, to prove it, if there is memory for that at all. */
  static Run execute(
      Engine engine, RecordedCall recorded, Environment environment, CommonOptions common) {
    long steps = recorded.outcome().steps();
    long needed = engine.least(steps).neededBytes();
    long there = Runtime.getRuntime().maxMemory();
    if (needed > there) {
      throw new EngineException(
          EngineException.Kind.RESOURCE,
          "the trace has %,d steps; proving them needs at least %s of memory, Java may use %s (more with -Xmx)"
              .formatted(steps, Bytes.size(needed), Bytes.size(there)));
    }
    try (ProgressBar progress = new ProgressBar(environment, common.quiet, "executing")) {
      return engine.execute(recorded.guest(), recorded.call(), steps, progress);
    }
  }

  /** What the engine objects to in a file is said with the file's name. */
  static <T> T naming(Path file, Supplier<T> work) {
    try {
      return work.get();
    } catch (EngineException e) {
      throw new EngineException(e.kind(), file + ": " + e.getMessage(), e);
    }
  }

  static Run execute(
      Engine engine,
      Guest guest,
      CallOptions options,
      Environment environment,
      CommonOptions common,
      Stopwatch stopwatch) {
    Call call = options.call(guest.program(), environment);
    try (ProgressBar progress = new ProgressBar(environment, common.quiet, "executing")) {
      return stopwatch.time("execute", () -> engine.execute(guest, call, MAX_STEPS, progress));
    }
  }
}
