package dev.zkwasm.spectest;

import dev.zkwasm.spectest.Command.Action;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a script does to one instance of a module without imports, in order: calls, and assertions
 * about what they return or how they end.
 *
 * @param script name of the script
 * @param line line of the module
 * @param module the binary
 * @param commands {@link Command.Perform}, {@link Command.AssertReturn}, {@link
 *     Command.AssertTrap}, {@link Command.AssertExhaustion}
 */
record Sequence(String script, int line, byte[] module, List<Command> commands) {
  Sequence {
    commands = List.copyOf(commands);
  }

  /** Assertions about what is returned. */
  int checks() {
    return (int) commands.stream().filter(Command.AssertReturn.class::isInstance).count();
  }

  /** The call of a command of a sequence, or the global that it reads. */
  static Action action(Command command) {
    return switch (command) {
      case Command.Perform c -> c.action();
      case Command.AssertReturn c -> c.action();
      case Command.AssertTrap c -> c.action();
      case Command.AssertExhaustion c -> c.action();
      default -> throw new IllegalArgumentException(command + " has no action");
    };
  }

  /**
   * The sequences of a script. Where a module imports from registered instances it may change them:
   * theirs end there.
   */
  static List<Sequence> of(Script script) {
    List<Sequence> open = new ArrayList<>();
    List<List<Command>> commands = new ArrayList<>();
    Map<String, Integer> named = new HashMap<>();
    Set<Integer> registered = new HashSet<>();
    Set<Integer> ended = new HashSet<>();
    int current = -1;
    for (Command command : script.commands()) {
      switch (command) {
        case Command.Instantiate c -> {
          current = -1;
          if (new ModuleParts(c.module()).imports.isEmpty()) {
            current = open.size();
            open.add(new Sequence(script.name(), c.line(), c.module(), List.of()));
            commands.add(new ArrayList<>());
          } else {
            ended.addAll(registered);
          }
          if (c.name() != null) {
            named.put(c.name(), current);
          }
        }
        case Command.Register c ->
            registered.add(c.name() == null ? current : named.getOrDefault(c.name(), -1));
        case Command.AssertUninstantiable c -> ended.addAll(registered);
        case Command.Perform _,
            Command.AssertReturn _,
            Command.AssertTrap _,
            Command.AssertExhaustion _ -> {
          String module = action(command).module();
          int target = module == null ? current : named.getOrDefault(module, -1);
          if (target >= 0 && !ended.contains(target)) {
            commands.get(target).add(command);
          }
        }
        default -> {}
      }
    }
    List<Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < open.size(); i++) {
      Sequence s = open.get(i);
      sequences.add(new Sequence(s.script, s.line, s.module, commands.get(i)));
    }
    return sequences;
  }

  /** The same with other commands. */
  Sequence with(List<Command> others) {
    return new Sequence(script, line, module, others);
  }
}
