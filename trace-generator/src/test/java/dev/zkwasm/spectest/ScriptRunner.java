package dev.zkwasm.spectest;

import dev.zkwasm.spectest.Command.Action;
import dev.zkwasm.spectest.EngineException.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Executes a script on an engine, as the specification's own runner does. */
final class ScriptRunner {
  private final Engine.Store store;
  private final ScriptReport report = new ScriptReport();
  private final Map<String, Target> named = new HashMap<>();
  private Target current = new Target(null, "no module yet");

  /** A module instance, or the reason why there is none. */
  private record Target(Engine.@Nullable Instance instance, String missing) {}

  private ScriptRunner(Engine engine) {
    this.store = engine.newStore();
  }

  static ScriptReport run(Script script, Engine engine) {
    ScriptRunner runner = new ScriptRunner(engine);
    for (Command command : script.commands()) {
      try {
        runner.execute(command);
      } catch (EngineException e) {
        if (e.kind() == Kind.UNSUPPORTED) {
          runner.report.unsupported(e.text());
        } else {
          runner.report.fail(command.line(), e.kind() + ": " + e.text());
        }
      } catch (RuntimeException e) {
        runner.report.fail(command.line(), "engine failed: " + e);
      }
    }
    return runner.report;
  }

  private void execute(Command command) {
    switch (command) {
      case Command.Instantiate c -> instantiate(c);
      case Command.Register c -> register(c);
      case Command.Perform c -> {
        perform(c.action());
        report.pass(c);
      }
      case Command.AssertReturn c -> assertReturn(c);
      case Command.AssertTrap c -> assertThrows(c, Kind.TRAP, c.text(), () -> perform(c.action()));
      case Command.AssertExhaustion c ->
          assertThrows(c, Kind.CALL_STACK_EXHAUSTED, c.text(), () -> perform(c.action()));
      // Engines word these in their own way: only that they refuse is compared.
      case Command.AssertRefused c ->
          assertThrows(c, Kind.REFUSED, "", () -> store.validate(c.module()));
      case Command.AssertUnlinkable c ->
          assertThrows(c, Kind.UNLINKABLE, "", () -> store.instantiate(c.module()));
      case Command.AssertUninstantiable c ->
          assertThrows(c, Kind.TRAP, c.text(), () -> store.instantiate(c.module()));
      case Command.NotApplicable c -> report.notApplicable();
    }
  }

  private void instantiate(Command.Instantiate command) {
    Target target = new Target(null, "module of line " + command.line() + " failed");
    try {
      target = new Target(store.instantiate(command.module()), "");
      report.pass(command);
    } catch (EngineException e) {
      if (e.kind() == Kind.UNSUPPORTED) {
        target = new Target(null, e.text());
      }
      throw e;
    } finally {
      current = target;
      if (command.name() != null) {
        named.put(command.name(), target);
      }
    }
  }

  private void register(Command.Register command) {
    Target target = target(command.name());
    if (target.instance() != null) {
      store.register(command.as(), target.instance());
    } else {
      // It was counted where it was made; what imports from it will say so.
      store.registerMissing(command.as(), target.missing());
    }
  }

  private Target target(@Nullable String name) {
    if (name == null) {
      return current;
    }
    Target target = named.get(name);
    if (target == null) {
      throw new IllegalArgumentException("script names the unknown module " + name);
    }
    return target;
  }

  private List<SpecValue> perform(Action action) {
    Target target = target(action.module());
    Engine.Instance instance = target.instance();
    if (instance == null) {
      throw new EngineException(Kind.UNSUPPORTED, target.missing());
    }
    return switch (action) {
      case Action.Invoke invoke -> instance.invoke(invoke.field(), invoke.arguments());
      case Action.Get get -> List.of(instance.global(get.field()));
    };
  }

  private void assertReturn(Command.AssertReturn command) {
    List<SpecValue> results = perform(command.action());
    boolean matches = results.size() == command.expected().size();
    for (int i = 0; matches && i < results.size(); i++) {
      matches = command.expected().get(i).matches(results.get(i));
    }
    if (matches) {
      report.pass(command);
    } else {
      report.fail(
          command.line(),
          describe(command.action()) + " gave " + results + ", not " + command.expected());
    }
  }

  private void assertThrows(Command command, Kind kind, String text, Runnable action) {
    try {
      action.run();
    } catch (EngineException e) {
      if (e.kind() == Kind.UNSUPPORTED) {
        throw e;
      }
      if (e.kind() == kind && textMatches(e.text(), text)) {
        report.pass(command);
      } else {
        report.fail(
            command.line(),
            e.kind() + " \"" + e.text() + "\" instead of " + kind + " \"" + text + '"');
      }
      return;
    }
    report.fail(command.line(), "no " + kind + " \"" + text + '"');
  }

  /**
   * The expected text begins the actual one. One script expects an element's index behind the
   * words, which is a detail of the reference interpreter.
   */
  private static boolean textMatches(String actual, String expected) {
    return actual.startsWith(expected.replaceFirst(" \\d+$", ""));
  }

  private static String describe(Action action) {
    return switch (action) {
      case Action.Invoke invoke -> invoke.field() + invoke.arguments();
      case Action.Get get -> "global " + get.field();
    };
  }
}
