package dev.zkwasm.exec;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.LoweredModule;
import java.util.Arrays;
import java.util.List;

/** Runs a call in Chicory's interpreter and in the lowered executor, and compares how they end. */
public final class Oracle {
  /** How a run ended: values of the results, or the trap. */
  public record Ending(Exit exit, List<Long> results) {}

  private Oracle() {}

  /** A fresh instance of a module without imports. */
  public static Instance instantiate(byte[] wasm) {
    return Instance.builder(Parser.parse(wasm)).build();
  }

  public static Ending interpret(
      Instance instance, String export, List<ValueType> resultTypes, long... arguments) {
    try {
      long[] values = instance.export(export).apply(arguments);
      Long[] results = new Long[resultTypes.size()];
      for (int i = 0; i < results.length; i++) {
        results[i] = resultTypes.get(i).is32Bit() ? values[i] & 0xffffffffL : values[i];
      }
      return new Ending(Exit.returned(), Arrays.asList(results));
    } catch (ChicoryException e) {
      for (TrapReason reason : TrapReason.values()) {
        if (String.valueOf(e.getMessage()).contains(reason.text())) {
          return new Ending(Exit.trapped(reason), List.of());
        }
      }
      if (String.valueOf(e.getMessage()).contains("Trapped on unreachable")) {
        return new Ending(Exit.trapped(TrapReason.UNREACHABLE), List.of());
      }
      throw e;
    }
  }

  public static Call call(List<ValueType> types, String export, long... arguments) {
    Value[] values = new Value[arguments.length];
    for (int i = 0; i < values.length; i++) {
      long bits = types.get(i).is32Bit() ? arguments[i] & 0xffffffffL : arguments[i];
      values[i] = new Value(types.get(i), bits);
    }
    return new Call(export, List.of(values), new byte[0], new byte[0]);
  }

  public static Ending execute(LoweredModule lowered, Call call) {
    Outcome outcome =
        Executor.run(
            lowered.program(), null, call, Limits.DEFAULT, Progress.NONE, Executor.NO_TRACE);
    return new Ending(outcome.exit(), outcome.results().stream().map(Value::bits).toList());
  }
}
