package dev.zkwasm.trace;

import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.isa.Call;
import dev.zkwasm.lower.LoweredModule;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The trace file ({@code .zwt}): module, call, context, one record per executed instruction, and
 * how the run ended. The format is in {@code docs/spec/trace-format.md}. A file holds the private
 * input, so it is secret where that is.
 */
public final class TraceFile {
  /** What every file starts with. */
  static final byte[] MAGIC = "zkwasm trace file".getBytes(StandardCharsets.US_ASCII);

  public static final int VERSION = 1;

  /** Bytes of a context. */
  public static final int CONTEXT = 32;

  private TraceFile() {}

  /**
   * Executes a call and writes its trace while it runs; memory does not grow with the number of
   * steps.
   *
   * @param lowered the lowered module
   * @param wasm the module's bytes
   * @param context 32 bytes that a proof will be bound to
   * @param out receives the file; records come buffered; flushed and not closed
   * @return how the run ended
   * @throws IOException if writing fails; the run ends then
   */
  public static Outcome record(
      LoweredModule lowered,
      byte[] wasm,
      Call call,
      byte[] context,
      Limits limits,
      Progress progress,
      OutputStream out)
      throws IOException {
    var unused = Executor.check(lowered.program(), call);
    TraceWriter writer = new TraceWriter(out, wasm, call, context);
    try {
      Outcome outcome =
          Executor.run(lowered.program(), lowered.weights(), call, limits, progress, writer);
      writer.end(outcome.exit(), outcome.results(), outcome.output());
      return outcome;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
