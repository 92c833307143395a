package dev.zkwasm.spectest;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.types.OpCode;
import dev.zkwasm.spectest.Command.Action;
import dev.zkwasm.wasm.WasmOpcode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Says which instructions the commands of a sequence execute, by running them in Chicory. */
final class OpcodeRecorder {
  private static final Map<Integer, WasmOpcode> BY_CODE = new HashMap<>();

  static {
    for (WasmOpcode opcode : WasmOpcode.values()) {
      BY_CODE.put(opcode.code(), opcode);
    }
  }

  /**
   * What a command executed.
   *
   * @param opcodes its instructions; those of an assertion include what was called before it, since
   *     the last assertion, without being asserted about
   * @param count how many it executed
   * @param last the last one, where a call that trapped did so; null if there was none
   */
  record Executed(Set<WasmOpcode> opcodes, long count, @Nullable WasmOpcode last) {}

  private final Set<WasmOpcode> opcodes = EnumSet.noneOf(WasmOpcode.class);
  private long count;
  private @Nullable WasmOpcode last;

  private OpcodeRecorder() {}

  /** By command, in order. */
  static List<Executed> record(Sequence sequence) {
    return new OpcodeRecorder().run(sequence);
  }

  private List<Executed> run(Sequence sequence) {
    Instance instance =
        Instance.builder(Parser.parse(sequence.module()))
            .withUnsafeExecutionListener((instruction, stack) -> see(instruction.opcode()))
            .build();
    List<Executed> executed = new ArrayList<>();
    Set<WasmOpcode> before = EnumSet.noneOf(WasmOpcode.class);
    for (Command command : sequence.commands()) {
      opcodes.clear();
      count = 0;
      last = null;
      if (Sequence.action(command) instanceof Action.Invoke invoke) {
        try {
          instance
              .export(invoke.field())
              .apply(invoke.arguments().stream().mapToLong(SpecValue::bits).toArray());
        } catch (ChicoryException e) {
          // A trap; whether it is the right one, the proofs say.
        }
      } else {
        see(OpCode.GLOBAL_GET);
      }
      if (command instanceof Command.Perform) {
        before.addAll(opcodes);
      } else {
        opcodes.addAll(before);
        before.clear();
      }
      executed.add(new Executed(EnumSet.copyOf(opcodes), count, last));
    }
    return executed;
  }

  private void see(OpCode opcode) {
    WasmOpcode seen = BY_CODE.get(opcode.opcode());
    if (seen != null) {
      opcodes.add(seen);
      count++;
      last = seen;
    }
  }
}
