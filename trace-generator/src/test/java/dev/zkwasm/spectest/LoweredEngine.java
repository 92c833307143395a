package dev.zkwasm.spectest;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.ImportSection;
import com.dylibso.chicory.wasm.types.ValType;
import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.LimitException;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.spectest.EngineException.Kind;
import dev.zkwasm.testing.MachineState;
import dev.zkwasm.testing.ModuleSections;
import dev.zkwasm.wasm.ModuleException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The lowered code. A run of the machine starts from the module's image; here each call continues
 * from the state that the one before left ({@link MachineState}). The start function, which every
 * run executes first, is therefore called once by itself.
 */
final class LoweredEngine implements Engine {
  private static final String START = "the start function";

  /** What the lowering says of modules that are valid but beyond it. */
  private static final Pattern UNSUPPORTED =
      Pattern.compile("support|the limit is|only functions can be imported|compile without");

  @Override
  public String name() {
    return "lowered";
  }

  @Override
  public Store newStore() {
    return new LoweredStore();
  }

  private static final class LoweredStore implements Store {
    private final Map<String, LoweredInstance> registered = new HashMap<>();

    @Override
    public void validate(byte[] module) {
      var unused = lower(module);
    }

    @Override
    public Instance instantiate(byte[] module) {
      try {
        return instantiateAlone(module);
      } catch (EngineException e) {
        if (e.kind() == Kind.UNSUPPORTED) {
          // It may have changed what it imports, so the exporting instances are not what they
          // should be any more.
          ImportSection imports = Parser.parse(module).importSection();
          for (int i = 0; i < imports.importCount(); i++) {
            LoweredInstance exporter = registered.get(imports.getImport(i).module());
            if (exporter != null) {
              exporter.unreliable = true;
            }
          }
        }
        throw e;
      }
    }

    private static LoweredInstance instantiateAlone(byte[] module) {
      Program program = lower(module);
      ModuleSections sections = new ModuleSections(module);
      if (!sections.exportStart(START)) {
        return new LoweredInstance(module, program);
      }
      LoweredInstance instance = new LoweredInstance(module, lower(sections.toModule()));
      var unused = instance.invoke(START, List.of());
      return instance;
    }

    @Override
    public void register(String as, Instance instance) {
      registered.put(as, (LoweredInstance) instance);
    }
  }

  private static final class LoweredInstance implements Instance {
    private final WasmModule module;
    private MachineState state;
    private boolean unreliable;

    LoweredInstance(byte[] module, Program program) {
      this.module = Parser.parse(module);
      this.state = new MachineState(program);
    }

    private void checkReliable() {
      if (unreliable) {
        throw new EngineException(Kind.UNSUPPORTED, "an importing module is not supported");
      }
    }

    @Override
    public List<SpecValue> invoke(String export, List<SpecValue> arguments) {
      checkReliable();
      Program program = state.next();
      state = new MachineState(program);
      Call call =
          new Call(
              export,
              arguments.stream().map(LoweredEngine::toValue).toList(),
              new byte[0],
              new byte[0]);
      Outcome outcome;
      try {
        outcome = Executor.run(program, null, call, Limits.DEFAULT, Progress.NONE, state);
      } catch (LimitException e) {
        throw new EngineException(Kind.UNSUPPORTED, String.valueOf(e.getMessage()), e);
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
      return outcome.results().stream()
          .map(v -> new SpecValue(SpecValue.Type.valueOf(v.type().name()), v.bits()))
          .toList();
    }

    @Override
    public SpecValue global(String name) {
      checkReliable();
      for (int i = 0; i < module.exportSection().exportCount(); i++) {
        Export export = module.exportSection().getExport(i);
        if (export.exportType() == ExternalType.GLOBAL && export.name().equals(name)) {
          ValType type = module.globalSection().getGlobal(export.index()).valueType();
          return new SpecValue(SpecValue.Type.valueOf(type.name()), state.global(export.index()));
        }
      }
      throw new IllegalArgumentException("no global is exported as " + name);
    }
  }

  private static Value toValue(SpecValue value) {
    if (value.type().isReference()) {
      throw new EngineException(Kind.UNSUPPORTED, "a reference as argument");
    }
    return new Value(ValueType.valueOf(value.type().name()), value.bits());
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
