package dev.zkwasm.spectest;

import com.dylibso.chicory.runtime.ByteBufferMemory;
import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportGlobal;
import com.dylibso.chicory.runtime.ImportMemory;
import com.dylibso.chicory.runtime.ImportTable;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.runtime.TrapException;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.InvalidException;
import com.dylibso.chicory.wasm.MalformedException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.UnlinkableException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;
import com.dylibso.chicory.wasm.types.ValType;
import com.dylibso.chicory.wasm.types.Value;
import dev.zkwasm.spectest.EngineException.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Chicory's interpreter. */
final class ChicoryEngine implements Engine {
  @Override
  public String name() {
    return "chicory";
  }

  @Override
  public Store newStore() {
    return new ChicoryStore();
  }

  private static final class ChicoryStore implements Store {
    private final com.dylibso.chicory.runtime.Store store = new com.dylibso.chicory.runtime.Store();

    ChicoryStore() {
      Map<String, List<ValType>> functions = new LinkedHashMap<>();
      functions.put("print", List.of());
      functions.put("print_i32", List.of(ValType.I32));
      functions.put("print_i64", List.of(ValType.I64));
      functions.put("print_f32", List.of(ValType.F32));
      functions.put("print_f64", List.of(ValType.F64));
      functions.put("print_i32_f32", List.of(ValType.I32, ValType.F32));
      functions.put("print_f64_f64", List.of(ValType.F64, ValType.F64));
      functions.forEach(
          (name, parameters) ->
              store.addFunction(
                  new HostFunction(
                      "spectest",
                      name,
                      FunctionType.of(parameters, List.of()),
                      (instance, arguments) -> new long[0])));
      Map<String, Value> globals = new LinkedHashMap<>();
      globals.put("global_i32", Value.i32(666));
      globals.put("global_i64", Value.i64(666));
      globals.put("global_f32", Value.fromFloat(666.6f));
      globals.put("global_f64", Value.fromDouble(666.6));
      globals.forEach(
          (name, value) ->
              store.addGlobal(
                  new ImportGlobal(
                      "spectest", name, new GlobalInstance(value, MutabilityType.Const))));
      store.addTable(
          new ImportTable(
              "spectest",
              "table",
              new TableInstance(
                  new Table(ValType.FuncRef, new TableLimits(10, 20)), Value.REF_NULL_VALUE)));
      store.addMemory(
          new ImportMemory("spectest", "memory", new ByteBufferMemory(new MemoryLimits(1, 2))));
    }

    @Override
    public void validate(byte[] module) {
      try {
        var unused = instantiate(module);
      } catch (EngineException e) {
        // Some invalid modules are found by the instantiation only; what else goes wrong there says
        // nothing.
        if (e.kind() == Kind.REFUSED) {
          throw e;
        }
      }
    }

    @Override
    public Instance instantiate(byte[] bytes) {
      WasmModule module = translated(() -> Parser.parse(bytes));
      return new ChicoryInstance(
          translated(
              () ->
                  com.dylibso.chicory.runtime.Instance.builder(module)
                      .withImportValues(store.toImportValues())
                      .build()));
    }

    @Override
    public void register(String as, Instance instance) {
      store.register(as, ((ChicoryInstance) instance).instance);
    }

    @Override
    public void registerMissing(String as, String reason) {
      // What imports from it is told that it is unknown.
    }
  }

  private record ChicoryInstance(com.dylibso.chicory.runtime.Instance instance)
      implements Instance {
    @Override
    public List<SpecValue> invoke(String export, List<SpecValue> arguments) {
      long[] raw = arguments.stream().mapToLong(SpecValue::bits).toArray();
      long[] results = translated(() -> instance.export(export).apply(raw));
      List<SpecValue> values = new ArrayList<>();
      List<ValType> types = instance.exportType(export).returns();
      for (int i = 0; i < types.size(); i++) {
        values.add(value(types.get(i), results[i]));
      }
      return values;
    }

    @Override
    public SpecValue global(String export) {
      GlobalInstance global = instance.exports().global(export);
      return value(global.getType(), global.getValue());
    }
  }

  private static SpecValue value(ValType type, long bits) {
    SpecValue.Type ours =
        switch (type.opcode()) {
          case ValType.ID.I32 -> SpecValue.Type.I32;
          case ValType.ID.I64 -> SpecValue.Type.I64;
          case ValType.ID.F32 -> SpecValue.Type.F32;
          case ValType.ID.F64 -> SpecValue.Type.F64;
          default ->
              type.equals(ValType.ExternRef) ? SpecValue.Type.EXTERNREF : SpecValue.Type.FUNCREF;
        };
    return new SpecValue(ours, bits);
  }

  private static <T> T translated(Supplier<T> action) {
    try {
      return action.get();
    } catch (UnlinkableException e) {
      throw new EngineException(Kind.UNLINKABLE, message(e), e);
    } catch (MalformedException | InvalidException e) {
      throw new EngineException(Kind.REFUSED, message(e), e);
    } catch (UninstantiableException | TrapException e) {
      throw new EngineException(Kind.TRAP, message(e), e);
    } catch (ChicoryException e) {
      Kind kind =
          message(e).startsWith("call stack exhausted") ? Kind.CALL_STACK_EXHAUSTED : Kind.TRAP;
      throw new EngineException(kind, message(e), e);
    }
  }

  private static String message(ChicoryException e) {
    String message = String.valueOf(e.getMessage());
    return message.equals("Trapped on unreachable instruction") ? "unreachable" : message;
  }
}
