package dev.zkwasm.cli;

import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.Guest;
import dev.zkwasm.engine.RecordedRun;
import dev.zkwasm.engine.Run;
import dev.zkwasm.isa.Call;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.function.Supplier;

/** Steps that several commands take. */
final class Steps {
  static final int MAX_MODULE = 256 << 20;
  static final int MAX_TRACE = Integer.MAX_VALUE - 64;
  static final int MAX_PROOF = 64 << 20;

  /** Steps of one run at most: the largest tables hold no more. */
  static final long MAX_STEPS = 1L << 30;

  private Steps() {}

  static Guest load(Engine engine, Path module) {
    byte[] wasm = Bytes.read(module, MAX_MODULE);
    return naming(module, () -> engine.load(wasm));
  }

  static RecordedRun replay(
      Engine engine, Path trace, byte[] bytes, Environment environment, CommonOptions common) {
    try (ProgressBar progress = new ProgressBar(environment, common.quiet, "replaying")) {
      return naming(
          trace, () -> engine.replay(new ByteArrayInputStream(bytes), MAX_STEPS, progress));
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
