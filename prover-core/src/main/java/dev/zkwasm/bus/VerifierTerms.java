package dev.zkwasm.bus;

import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The verifier's side of the buses: it sends the initial state and the arguments, and receives the
 * end of the run, its results and its output. Everything follows from the statement and the
 * program's header.
 */
public final class VerifierTerms {
  private VerifierTerms() {}

  /**
   * The terms of a run.
   *
   * @param entryPc entry stub of the called export
   * @param initialPages memory size at the start, in pages
   * @param arguments arguments of the call
   * @param exit how the run ended
   * @param results its results; must be empty unless it returned
   * @param output its public output
   * @param steps executed instructions, below {@code 2^30 - 1}
   */
  public static List<BusTerm> of(
      int entryPc,
      int initialPages,
      List<Value> arguments,
      Exit exit,
      List<Value> results,
      byte[] output,
      long steps) {
    List<BusTerm> terms = new ArrayList<>();
    forEach(entryPc, initialPages, arguments, exit, results, output, steps, terms::add);
    return terms;
  }

  /** The terms that {@link #of} lists, one after the other: outputs can be long. */
  public static void forEach(
      int entryPc,
      int initialPages,
      List<Value> arguments,
      Exit exit,
      List<Value> results,
      byte[] output,
      long steps,
      Consumer<BusTerm> terms) {
    if (exit.kind() != Exit.Kind.RETURNED && !results.isEmpty()) {
      throw new IllegalArgumentException("a run that " + exit + " has no results");
    }
    terms.accept(
        BusTerm.send(Bus.EXEC, entryPc, Program.FRAME_BASE, Program.TIME_STEP, initialPages));
    terms.accept(
        BusTerm.receive(
            Bus.EXIT,
            exit.kind().ordinal(),
            exit.code(),
            output.length,
            Program.TIME_STEP * (steps + 1)));
    for (int i = 0; i < arguments.size(); i++) {
      terms.accept(value(Bus.ARGUMENT, 1, i, arguments.get(i)));
    }
    for (int i = 0; i < results.size(); i++) {
      terms.accept(value(Bus.RESULT, -1, i, results.get(i)));
    }
    for (int j = 0; j < output.length; j++) {
      terms.accept(BusTerm.receive(Bus.OUTPUT, j, output[j] & 0xff));
    }
  }

  private static BusTerm value(Bus bus, int sign, int i, Value value) {
    long lo = value.bits() & 0xffffffffL;
    long hi = value.bits() >>> 32;
    return sign > 0 ? BusTerm.send(bus, i, lo, hi) : BusTerm.receive(bus, i, lo, hi);
  }
}
