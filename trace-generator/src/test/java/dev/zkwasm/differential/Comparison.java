package dev.zkwasm.differential;

import com.dylibso.chicory.runtime.Instance;
import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Oracle;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.testing.MachineState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * Calls the exports of a module without imports and start function, in order and several times, in
 * one instance of Chicory's interpreter and as lowered code that continues from call to call. After
 * each call the results or the trap, the globals and the memory must be the same.
 */
final class Comparison {
  /** Sets the fuel of generated modules; other modules need none. */
  private static final String REFUEL = "refuel";

  private static final int FUEL = 200;
  private static final int ROUNDS = 3;

  private final Instance instance;
  private MachineState state;

  /** How many calls ended in which way. */
  private final Map<String, Integer> endings = new TreeMap<>();

  private Comparison(byte[] wasm) {
    this.instance = Oracle.instantiate(wasm);
    this.state = new MachineState(Lowering.lower(wasm).program());
  }

  /** The first difference, if there is one; counts the endings of calls. */
  static Optional<String> differenceOf(byte[] wasm, Map<String, Integer> endings) {
    Comparison comparison = new Comparison(wasm);
    Optional<String> difference = comparison.run();
    comparison.endings.forEach((ending, n) -> endings.merge(ending, n, Integer::sum));
    return difference;
  }

  private Optional<String> run() {
    Random random = new Random(1);
    Program program = state.next();
    Optional<String> difference = compareState("the start");
    for (int round = 0; round < ROUNDS; round++) {
      for (Program.Export export : program.exports()) {
        if (difference.isPresent()) {
          return difference;
        }
        if (export.name().equals(REFUEL)) {
          continue;
        }
        if (program.export(REFUEL).isPresent()) {
          difference = compareCall(program.export(REFUEL).get(), new long[] {FUEL});
        }
        long[] arguments = new long[export.parameters().size()];
        for (int i = 0; i < arguments.length; i++) {
          arguments[i] = argument(random, export.parameters().get(i));
        }
        if (difference.isEmpty()) {
          difference = compareCall(export, arguments);
        }
      }
    }
    return difference;
  }

  private static long argument(Random random, ValueType type) {
    long value =
        switch (random.nextInt(4)) {
          case 0 -> random.nextInt(5) - 2;
          case 1 -> random.nextInt(70000);
          case 2 -> 1L << random.nextInt(64);
          default -> random.nextLong();
        };
    return type.is32Bit() ? value & 0xffffffffL : value;
  }

  private Optional<String> compareCall(Program.Export export, long[] arguments) {
    Program program = state.next();
    state = new MachineState(program);
    Outcome outcome =
        Executor.run(
            program,
            null,
            Oracle.call(export.parameters(), export.name(), arguments),
            Limits.DEFAULT,
            Progress.NONE,
            state);
    Oracle.Ending actual =
        new Oracle.Ending(outcome.exit(), outcome.results().stream().map(Value::bits).toList());
    Oracle.Ending expected = Oracle.interpret(instance, export.name(), export.results(), arguments);
    List<String> shown = new ArrayList<>();
    for (long argument : arguments) {
      shown.add("0x" + Long.toHexString(argument));
    }
    String call = export.name() + shown;
    if (!expected.equals(actual)) {
      return Optional.of(call + ": expected " + expected + " but got " + actual);
    }
    if (!export.name().equals(REFUEL)) {
      endings.merge(actual.exit().toString(), 1, Integer::sum);
    }
    return compareState(call);
  }

  private Optional<String> compareState(String after) {
    for (int i = 0; i < instance.module().globalSection().globalCount(); i++) {
      boolean narrow =
          switch (instance.global(i).getType().name()) {
            case "I32", "F32" -> true;
            default -> false;
          };
      long expected = instance.global(i).getValue();
      expected = narrow ? expected & 0xffffffffL : expected;
      if (expected != state.global(i)) {
        return difference(after, "global " + i, expected, state.global(i));
      }
    }
    if (instance.memory() == null) {
      return Optional.empty();
    }
    if (instance.memory().pages() != state.pages()) {
      return difference(after, "memory size", instance.memory().pages(), state.pages());
    }
    for (int word = 0; word < state.pages() * (Program.PAGE / 8); word++) {
      long expected = instance.memory().readLong(8 * word);
      if (expected != state.word(word)) {
        return difference(after, "memory word at " + 8 * word, expected, state.word(word));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> difference(
      String after, String where, long expected, long actual) {
    return Optional.of(
        String.format("after %s: %s must be 0x%x but is 0x%x", after, where, expected, actual));
  }
}
