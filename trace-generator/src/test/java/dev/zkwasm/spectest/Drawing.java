package dev.zkwasm.spectest;

import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.spectest.OpcodeRecorder.Executed;
import dev.zkwasm.wasm.WasmOpcode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Draws assertions of the specification's scripts to prove: of each script the modules with the
 * most, more modules until every instruction is executed by several, and a call that ends so for
 * each trap reason at each instruction. Every machine draws the same.
 */
final class Drawing {
  private static final int MODULES_OF_A_SCRIPT = 2;
  private static final int ASSERTIONS_OF_AN_OPCODE = 4;

  /** Calls that execute more, and change nothing, are left out. */
  private static final int LONG_CALL = 2_000;

  /** Instructions that a later call may notice. */
  private static final Set<WasmOpcode> CHANGES_STATE =
      EnumSet.of(
          WasmOpcode.GLOBAL_SET,
          WasmOpcode.I32_STORE,
          WasmOpcode.I64_STORE,
          WasmOpcode.F32_STORE,
          WasmOpcode.F64_STORE,
          WasmOpcode.I32_STORE8,
          WasmOpcode.I32_STORE16,
          WasmOpcode.I64_STORE8,
          WasmOpcode.I64_STORE16,
          WasmOpcode.I64_STORE32,
          WasmOpcode.MEMORY_GROW,
          WasmOpcode.MEMORY_INIT,
          WasmOpcode.MEMORY_COPY,
          WasmOpcode.MEMORY_FILL,
          WasmOpcode.DATA_DROP,
          WasmOpcode.TABLE_SET,
          WasmOpcode.TABLE_GROW,
          WasmOpcode.TABLE_INIT,
          WasmOpcode.TABLE_COPY,
          WasmOpcode.TABLE_FILL,
          WasmOpcode.ELEM_DROP);

  /** A sequence with the instructions of its commands. */
  private static final class Candidate {
    final Sequence sequence;
    final List<Executed> executed;

    /** Calls that do not return and are to be proven. */
    final Set<Command> ends = identitySet();

    boolean chosen;

    Candidate(Sequence sequence) {
      this.sequence = sequence;
      this.executed = OpcodeRecorder.record(sequence);
    }
  }

  /** A kind of end: reason and instruction, null for any that exhausts the stack. */
  private record End(TrapReason reason, @Nullable WasmOpcode at) {}

  /**
   * A sequence to prove.
   *
   * @param optional its checks that change nothing which a later call could notice
   */
  record Drawn(Sequence sequence, Set<Command> optional) {
    /** The same with half of the optional checks of each export. */
    Drawn half() {
      Map<String, List<Command>> byExport = new HashMap<>();
      for (Command command : sequence.commands()) {
        if (optional.contains(command)) {
          byExport
              .computeIfAbsent(Sequence.action(command).field(), f -> new ArrayList<>())
              .add(command);
        }
      }
      Set<Command> kept = identitySet();
      for (List<Command> checks : byExport.values()) {
        Collections.shuffle(checks, new Random(1));
        kept.addAll(checks.subList(0, (checks.size() + 1) / 2));
      }
      return new Drawn(
          sequence.with(
              sequence.commands().stream()
                  .filter(c -> !optional.contains(c) || kept.contains(c))
                  .toList()),
          optional);
    }
  }

  private final List<Candidate> candidates = new ArrayList<>();
  private final Map<Command, Set<WasmOpcode>> opcodes = new IdentityHashMap<>();

  Drawing(List<Script> scripts) {
    for (Script script : scripts) {
      for (Sequence sequence : Sequence.of(script)) {
        if (!sequence.commands().isEmpty()) {
          candidates.add(new Candidate(sequence));
        }
      }
    }
    for (Candidate candidate : candidates) {
      for (int i = 0; i < candidate.executed.size(); i++) {
        opcodes.put(candidate.sequence.commands().get(i), candidate.executed.get(i).opcodes());
      }
    }
  }

  /** The instructions that a command executes. */
  Set<WasmOpcode> opcodes(Command command) {
    return opcodes.getOrDefault(command, Set.of());
  }

  /** How a call must end, by the words of its assertion. */
  static Exit exit(Command command) {
    return switch (command) {
      case Command.AssertExhaustion c -> Exit.trapped(reason(c.text()));
      case Command.AssertTrap c -> Exit.trapped(reason(c.text()));
      default -> Exit.returned();
    };
  }

  private static TrapReason reason(String text) {
    for (TrapReason reason : TrapReason.values()) {
      if (text.startsWith(reason.text())) {
        return reason;
      }
    }
    throw new IllegalArgumentException("no trap reason \"" + text + '"');
  }

  /** The sequences to prove, each with the commands that are. */
  List<Drawn> draw() {
    Map<String, List<Candidate>> scripts = new LinkedHashMap<>();
    for (Candidate candidate : candidates) {
      scripts.computeIfAbsent(candidate.sequence.script(), s -> new ArrayList<>()).add(candidate);
    }
    for (List<Candidate> ofScript : scripts.values()) {
      ofScript.stream()
          .filter(c -> c.sequence.checks() > 0)
          .sorted(Comparator.comparing(c -> -c.sequence.checks()))
          .limit(MODULES_OF_A_SCRIPT)
          .forEach(c -> c.chosen = true);
    }
    drawMissingOpcodes();
    drawEnds();
    List<Drawn> drawn = new ArrayList<>();
    for (Candidate candidate : candidates) {
      if (candidate.chosen || !candidate.ends.isEmpty()) {
        drawn.add(drawn(candidate));
      }
    }
    return drawn;
  }

  private void drawMissingOpcodes() {
    Map<WasmOpcode, Integer> counts = new EnumMap<>(WasmOpcode.class);
    candidates.stream().filter(c -> c.chosen).forEach(c -> count(c, counts));
    for (Candidate candidate : candidates) {
      boolean helps =
          !candidate.chosen
              && checked(candidate).stream()
                  .anyMatch(o -> counts.getOrDefault(o, 0) < ASSERTIONS_OF_AN_OPCODE);
      if (helps) {
        candidate.chosen = true;
        count(candidate, counts);
      }
    }
  }

  private static Set<WasmOpcode> checked(Candidate candidate) {
    Map<WasmOpcode, Integer> counts = new EnumMap<>(WasmOpcode.class);
    count(candidate, counts);
    return counts.isEmpty() ? EnumSet.noneOf(WasmOpcode.class) : EnumSet.copyOf(counts.keySet());
  }

  private static void count(Candidate candidate, Map<WasmOpcode, Integer> counts) {
    for (int i = 0; i < candidate.executed.size(); i++) {
      if (candidate.sequence.commands().get(i) instanceof Command.AssertReturn) {
        candidate.executed.get(i).opcodes().forEach(o -> counts.merge(o, 1, Integer::sum));
      }
    }
  }

  /** Of each kind of end the one in the shortest sequence, so that runs are short. */
  private void drawEnds() {
    Set<End> seen = new HashSet<>();
    List<Candidate> shortest = new ArrayList<>(candidates);
    shortest.sort(Comparator.comparing(c -> c.sequence.commands().size()));
    for (Candidate candidate : shortest) {
      for (int i = 0; i < candidate.executed.size(); i++) {
        Command command = candidate.sequence.commands().get(i);
        Exit exit = exit(command);
        if (exit.kind() == Exit.Kind.TRAPPED) {
          TrapReason reason = TrapReason.ofCode(exit.code());
          boolean stack = reason == TrapReason.CALL_STACK_EXHAUSTED;
          WasmOpcode at = stack ? null : candidate.executed.get(i).last();
          if (seen.add(new End(reason, at)) || stack) {
            candidate.ends.add(command);
          }
        }
      }
    }
  }

  /**
   * The commands of the sequence with the ends that were drawn. These come as soon as everything
   * has been done that could matter to them, so that they are reached early; nothing is needed
   * after the last of them unless the module itself was chosen.
   */
  private static Drawn drawn(Candidate candidate) {
    List<Command> commands = new ArrayList<>();
    Set<Command> optional = identitySet();
    int ends = candidate.ends.size();
    int changed = 0;
    for (int i = 0; i < candidate.executed.size() && (candidate.chosen || ends > 0); i++) {
      Command command = candidate.sequence.commands().get(i);
      Executed executed = candidate.executed.get(i);
      boolean changes = !Collections.disjoint(executed.opcodes(), CHANGES_STATE);
      if (candidate.ends.contains(command)) {
        commands.add(changed++, command);
        ends--;
      } else if (exit(command).kind() == Exit.Kind.RETURNED) {
        if (changes) {
          commands.add(command);
          changed = commands.size();
        } else if (candidate.chosen
            && executed.count() <= LONG_CALL
            && command instanceof Command.AssertReturn) {
          commands.add(command);
          optional.add(command);
        }
      }
    }
    return new Drawn(candidate.sequence.with(commands), optional);
  }

  private static <T> Set<T> identitySet() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }
}
