package dev.zkwasm.trace;

import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.TraceBlock;
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.lower.Lowering;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A trace file that was checked: the module in it lowered, the call in it executed, and every
 * record and the end compared with what this execution made. Nothing in it but module, call and
 * context was believed. The records are not kept, so memory does not grow with their number: who
 * wants them executes the call again.
 *
 * @param wasm the module's bytes
 * @param lowered the lowered module
 * @param call the call
 * @param context what a proof is bound to
 * @param outcome how the execution ended
 */
public record TraceReplay(
    byte[] wasm, LoweredModule lowered, Call call, byte[] context, Outcome outcome) {

  /**
   * Replays.
   *
   * @param in the file; read to its end, not closed
   * @param limits of the execution
   * @param head of what is held of the file
   * @throws TraceException if the file is malformed, exceeds {@code head}, or says something else
   *     than what happens: names step, place, instruction and fields, and no values, which may be
   *     private
   * @throws dev.zkwasm.wasm.ModuleException if the module is not supported
   * @throws dev.zkwasm.exec.CallException if the call does not fit the module
   * @throws dev.zkwasm.exec.LimitException if a limit is reached
   * @throws IOException if reading fails
   */
  public static TraceReplay replay(
      InputStream in, Limits limits, HeadLimits head, Progress progress) throws IOException {
    TraceReader reader = new TraceReader(in, head);
    LoweredModule lowered = Lowering.lower(reader.wasm());
    Program program = lowered.program();
    Outcome outcome;
    try {
      outcome =
          Executor.run(
              program,
              lowered.weights(),
              reader.call(),
              limits,
              progress,
              block -> {
                compare(reader, program, block);
                return block;
              });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    if (reader.next()) {
      throw new TraceException(
          "the trace goes on at step "
              + reader.steps()
              + "; the run ends after "
              + outcome.steps()
              + " steps ("
              + outcome.exit()
              + ")");
    }
    expect("exit", outcome.exit(), reader.exit());
    expect("results", outcome.results(), reader.results());
    int differs = reader.differsInOutput(outcome.output());
    if (differs >= 0) {
      throw new TraceException("the trace's output differs from the run's at byte " + differs);
    }
    return new TraceReplay(reader.wasm(), lowered, reader.call(), reader.context(), outcome);
  }

  private static void expect(String what, Object expected, Object found) {
    if (!expected.equals(found)) {
      throw new TraceException(
          "the trace says " + what + " " + found + ", the run gives " + expected);
    }
  }

  private static void compare(TraceReader reader, Program program, TraceBlock block) {
    for (int i = 0; i < block.size(); i++) {
      int pc = block.pc(i);
      if (!next(reader)) {
        throw new TraceException(
            "the trace ends after "
                + reader.steps()
                + " steps; the run goes on at "
                + program.locationOf(pc));
      }
      if (reader.pc() != pc
          || reader.fp() != block.fp(i)
          || reader.pages() != block.pages(i)
          || reader.a() != block.a(i)
          || reader.b() != block.b(i)
          || reader.result() != block.result(i)) {
        throw new TraceException(
            "the trace differs from the run at step "
                + reader.steps()
                + ", "
                + program.locationOf(pc)
                + " ("
                + program.at(pc).opcode()
                + "), in "
                + String.join(", ", differences(reader, block, i)));
      }
    }
  }

  private static boolean next(TraceReader reader) {
    try {
      return reader.next();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names only: values may be private, and messages are shown and stored. */
  private static List<String> differences(TraceReader reader, TraceBlock block, int i) {
    List<String> names = new ArrayList<>();
    note(names, "pc", reader.pc() == block.pc(i));
    note(names, "fp", reader.fp() == block.fp(i));
    note(names, "pages", reader.pages() == block.pages(i));
    note(names, "a", reader.a() == block.a(i));
    note(names, "b", reader.b() == block.b(i));
    note(names, "result", reader.result() == block.result(i));
    return names;
  }

  private static void note(List<String> names, String name, boolean same) {
    if (!same) {
      names.add(name);
    }
  }
}
