package dev.zkwasm.spectest;

import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.LimitException;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.spectest.EngineException.Kind;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.WitnessBuilder;
import dev.zkwasm.testing.MachineState;
import dev.zkwasm.wasm.ModuleException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The lowered code. A run of the machine executes one module from its initial state; so here each
 * call continues from the state that the one before left ({@link MachineState}), and instances that
 * are linked run as one module ({@link LinkedModule}). When an instance joins others, the new
 * module first repeats what they did before.
 */
final class LoweredEngine implements Engine {
  /** What the lowering says of modules that are valid but beyond it. */
  private static final Pattern UNSUPPORTED = Pattern.compile("the limit is|SIMD|v128");

  /** Steps of the longest run that is checked against the tables. */
  private static final long AUDIT_STEPS = 1 << 14;

  private final int auditEvery;
  private int calls;

  /**
   * @param auditEvery of so many calls one is recorded and checked against the tables as well
   */
  LoweredEngine(int auditEvery) {
    this.auditEvery = auditEvery;
  }

  @Override
  public String name() {
    return "lowered";
  }

  @Override
  public Store newStore() {
    return new LoweredStore(this);
  }

  private static final class LoweredStore implements Store, LinkedInstance.Exporters {
    private final Map<String, LinkedInstance> registered = new HashMap<>();
    private final Map<String, LinkedInstance> spectest = new HashMap<>();

    /**
     * Names that modules are registered under which the engine does not support, with the reason.
     */
    private final Map<String, String> missing = new HashMap<>();

    /** The group of each instance but the constant parts of {@code spectest}. */
    private final Map<LinkedInstance, Group> groups = new HashMap<>();

    private final LoweredEngine engine;
    private int time;

    LoweredStore(LoweredEngine engine) {
      this.engine = engine;
    }

    @Override
    public void validate(byte[] module) {
      try {
        var unused = Lowering.lower(module);
      } catch (ModuleException e) {
        // Refused for what it imports and for nothing else, it is a valid module.
        if (!String.valueOf(e.getMessage()).startsWith("import ")) {
          throw refusal(e);
        }
      }
    }

    @Override
    public Instance instantiate(byte[] module) {
      ModuleParts parts = new ModuleParts(module);
      if (parts.imports.isEmpty() && parts.start < 0) {
        // The usual case: the lowering gets the module as it is.
        LinkedInstance instance = new LinkedInstance(parts, this);
        groups.put(instance, new Group(engine, List.of(instance), List.of(), lower(module), true));
        return new LoweredInstance(this, instance);
      }
      return new LoweredInstance(this, link(parts));
    }

    @Override
    public LinkedInstance find(String module, String name) {
      if (missing.containsKey(module)) {
        throw new EngineException(Kind.UNSUPPORTED, missing.get(module));
      }
      if (module.equals("spectest") && SpectestModule.exports(name)) {
        return spectest.computeIfAbsent(
            name,
            n -> {
              ModuleParts parts = new ModuleParts(SpectestModule.of(n));
              return SpectestModule.isConstant(n) ? new LinkedInstance(parts, this) : link(parts);
            });
      }
      LinkedInstance found = registered.get(module);
      if (found == null) {
        throw new EngineException(Kind.UNLINKABLE, "unknown import " + module + "." + name);
      }
      return found;
    }

    @Override
    public boolean hasGrown(int kind, LinkedInstance.Definition definition, long size) {
      Group group = groups.get(definition.instance());
      if (group == null) {
        return false;
      }
      // The lowering does not say where it keeps the size of a table: what can grow may have grown.
      return kind == ModuleParts.MEMORY
          ? group.pages(definition.instance()) >= size
          : group.members.stream()
              .flatMap(member -> member.parts().bodies.stream())
              .anyMatch(CodeRewriter::growsTables);
    }

    /** Makes an instance and a group of all that it is linked to; instantiates it. */
    private LinkedInstance link(ModuleParts parts) {
      LinkedInstance instance = new LinkedInstance(parts, this);
      Set<LinkedInstance> members = new LinkedHashSet<>();
      Set<Step> history = new LinkedHashSet<>();
      Set<Group> joined = new LinkedHashSet<>();
      for (LinkedInstance exporter : instance.importedFrom()) {
        Group group = groups.get(exporter);
        if (group == null) {
          members.add(exporter);
        } else if (joined.add(group)) {
          members.addAll(group.members);
          history.addAll(group.history);
        }
      }
      members.add(instance);
      try {
        joined.forEach(Group::checkReliable);
        Group group =
            new Group(
                engine,
                List.copyOf(members),
                history.stream().sorted(Comparator.comparingInt(Step::time)).toList(),
                lower(LinkedModule.of(List.copyOf(members))),
                false);
        for (Group former : joined) {
          former.checkRepeatedBy(group);
        }
        members.stream()
            .filter(m -> m == instance || groups.containsKey(m))
            .forEach(m -> groups.put(m, group));
        var unused = group.run(new Step(time++, instance, null, List.of()));
      } catch (EngineException e) {
        if (e.kind() == Kind.UNSUPPORTED) {
          // The others lack what this instance would have done to them.
          String prefix = "linked to an unsupported module: ";
          String reason = e.text().startsWith(prefix) ? e.text() : prefix + e.text();
          joined.forEach(group -> group.unreliable = reason);
        }
        throw e;
      }
      return instance;
    }

    @Override
    public void register(String as, Instance instance) {
      registered.put(as, ((LoweredInstance) instance).instance);
    }

    @Override
    public void registerMissing(String as, String reason) {
      missing.put(as, reason);
    }
  }

  /** Something done to an instance: a call, or its instantiation if {@code export} is null. */
  private record Step(
      int time, LinkedInstance instance, @Nullable String export, List<Value> arguments) {}

  /** Instances that are linked to each other, their program and its state. */
  private static final class Group {
    private final LoweredEngine engine;
    private final List<LinkedInstance> members;
    private final List<Step> history = new ArrayList<>();

    /** True for a single instance whose module is the program as it is. */
    private final boolean direct;

    private MachineState state;
    private @Nullable String unreliable;

    Group(
        LoweredEngine engine,
        List<LinkedInstance> members,
        List<Step> history,
        Program program,
        boolean direct) {
      this.engine = engine;
      this.members = members;
      this.direct = direct;
      this.state = new MachineState(program);
      for (Step step : history) {
        try {
          var unused = run(step);
        } catch (EngineException e) {
          // It trapped before as well.
        }
      }
    }

    void checkReliable() {
      if (unreliable != null) {
        throw new EngineException(Kind.UNSUPPORTED, unreliable);
      }
    }

    /** Pages of the memory that an instance defines. */
    int pages(LinkedInstance owner) {
      return LinkedModule.pages(members, owner, state);
    }

    /**
     * A memory that has outgrown a window before there were windows could not grow so far again.
     */
    void checkRepeatedBy(Group group) {
      for (LinkedInstance member : members) {
        if (!member.parts().memories.isEmpty() && group.pages(member) != pages(member)) {
          throw new EngineException(Kind.UNSUPPORTED, "linked modules, one with a large memory");
        }
      }
    }

    List<SpecValue> run(Step step) {
      checkReliable();
      history.add(step);
      Program program = state.next();
      state = new MachineState(program);
      Call call = new Call(nameOf(step), step.arguments, new byte[0], new byte[0]);
      Outcome outcome;
      try {
        outcome = Executor.run(program, null, call, Limits.DEFAULT, Progress.NONE, state);
      } catch (LimitException e) {
        throw new EngineException(Kind.UNSUPPORTED, String.valueOf(e.getMessage()), e);
      }
      if (++engine.calls % engine.auditEvery == 0 && outcome.steps() <= AUDIT_STEPS) {
        ExecutionTrace trace = Executor.execute(program, call, Limits.DEFAULT, Progress.NONE);
        WitnessBuilder.build(TableSet.STANDARD, trace).check();
      }
      Exit exit = outcome.exit();
      if (exit.kind() == Exit.Kind.TRAPPED) {
        TrapReason reason = TrapReason.ofCode(exit.code());
        throw new EngineException(
            reason == TrapReason.CALL_STACK_EXHAUSTED ? Kind.CALL_STACK_EXHAUSTED : Kind.TRAP,
            reason.text());
      }
      if (exit.kind() != Exit.Kind.RETURNED) {
        throw new IllegalStateException(exit.toString());
      }
      return outcome.results().stream().map(v -> toSpec(v.type(), v.bits())).toList();
    }

    private String nameOf(Step step) {
      int position = members.indexOf(step.instance);
      if (step.export == null) {
        return LinkedModule.instantiation(position);
      }
      return direct ? step.export : LinkedModule.export(position, step.export);
    }

    SpecValue global(LinkedInstance.Definition global) {
      checkReliable();
      int index = direct ? global.index() : LinkedModule.global(members, global);
      int type = global.instance().parts().globals.get(global.index()).type()[0] & 0xff;
      return toSpec(ValueType.ofCode(type), state.global(index));
    }
  }

  private record LoweredInstance(LoweredStore store, LinkedInstance instance) implements Instance {
    private Group group() {
      return Objects.requireNonNull(store.groups.get(instance));
    }

    @Override
    public List<SpecValue> invoke(String export, List<SpecValue> arguments) {
      List<Value> values = arguments.stream().map(LoweredEngine::toValue).toList();
      return group().run(new Step(store.time++, instance, export, values));
    }

    @Override
    public SpecValue global(String name) {
      return group().global(instance.export(name, ModuleParts.GLOBAL));
    }
  }

  private static Value toValue(SpecValue value) {
    // The machine's references are one more than the host's numbers, and null is 0.
    long bits = value.type().isReference() ? value.bits() - SpecValue.NULL : value.bits();
    return new Value(ValueType.valueOf(value.type().name()), bits);
  }

  private static SpecValue toSpec(ValueType type, long bits) {
    return new SpecValue(
        SpecValue.Type.valueOf(type.name()), type.isReference() ? bits + SpecValue.NULL : bits);
  }

  private static Program lower(byte[] module) {
    try {
      return Lowering.lower(module).program();
    } catch (ModuleException e) {
      throw refusal(e);
    }
  }

  /**
   * The lowering refuses in one way what is no module, what it does not support and what could
   * never be instantiated.
   */
  private static EngineException refusal(ModuleException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("lies out of the bounds of the memory")) {
      return new EngineException(Kind.TRAP, TrapReason.MEMORY_OUT_OF_BOUNDS.text(), e);
    }
    if (message.contains("lies out of the bounds of table")) {
      return new EngineException(Kind.TRAP, TrapReason.TABLE_OUT_OF_BOUNDS.text(), e);
    }
    return new EngineException(
        UNSUPPORTED.matcher(message).find() ? Kind.UNSUPPORTED : Kind.REFUSED, message, e);
  }
}
