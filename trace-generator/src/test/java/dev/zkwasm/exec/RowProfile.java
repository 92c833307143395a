package dev.zkwasm.exec;

import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Flags;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.lower.Lowering;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Prints where a run's rows come from, to find what the lowering could do better: executed rows by
 * form of the instruction and by the WebAssembly instruction behind it, and the code that is
 * executed most, with counts. {@code RowProfile module.wasm export [argument...] [<input] [-N]}: N
 * lines of code.
 */
public final class RowProfile {
  private final LoweredModule lowered;
  private final long[] counts;
  private final Outcome outcome;

  /** Runs the call. */
  RowProfile(LoweredModule lowered, Call call) {
    this.lowered = lowered;
    this.counts = new long[lowered.program().code().size() + 1];
    this.outcome =
        Executor.run(
            lowered.program(),
            lowered.weights(),
            call,
            Limits.DEFAULT,
            Progress.NONE,
            block -> {
              for (int i = 0; i < block.size(); i++) {
                counts[block.pc(i)]++;
              }
              return block;
            });
  }

  public static void main(String[] args) throws IOException {
    LoweredModule lowered = Lowering.lower(Files.readAllBytes(Path.of(args[0])));
    List<String> call = new ArrayList<>(List.of(args).subList(1, args.length));
    int lines = call.getLast().startsWith("-") ? Integer.parseInt(call.removeLast()) : 0;
    new RowProfile(lowered, call(lowered.program(), call)).print(System.out, -lines);
  }

  /** The call that {@code export [argument...] [<input]} stand for. */
  static Call call(Program program, List<String> words) throws IOException {
    List<ValueType> types = program.export(words.getFirst()).orElseThrow().parameters();
    List<Value> arguments = new ArrayList<>();
    byte[] input = new byte[0];
    for (String word : words.subList(1, words.size())) {
      if (word.startsWith("<")) {
        input = Files.readAllBytes(Path.of(word.substring(1)));
      } else {
        arguments.add(new Value(types.get(arguments.size()), Long.parseUnsignedLong(word)));
      }
    }
    return new Call(words.getFirst(), arguments, input, new byte[0]);
  }

  private void print(PrintStream out, int lines) {
    out.printf(
        "%d WebAssembly instructions, %d rows, ratio %.3f%n",
        outcome.wasmSteps(), outcome.steps(), (double) outcome.wasmSteps() / outcome.steps());
    Program program = lowered.program();
    Map<String, Long> forms = new HashMap<>();
    Map<String, Long> sources = new HashMap<>();
    Map<String, Long> fused = new HashMap<>();
    for (int pc = 1; pc < counts.length; pc++) {
      forms.merge(form(program.at(pc)), counts[pc], Long::sum);
      String steps = twoSteps(program.at(pc).opcode());
      if (steps != null) {
        fused.merge(steps, counts[pc], Long::sum);
      }
      sources.merge(
          program.locations().get(pc - 1).opcode() + " -> " + program.at(pc).opcode(),
          counts[pc],
          Long::sum);
    }
    print(out, "rows that do two steps", fused);
    print(out, "form", forms);
    print(out, "WebAssembly instruction", sources);
    long[] sorted = counts.clone();
    java.util.Arrays.sort(sorted);
    long least =
        lines == 0 ? Long.MAX_VALUE : Math.max(1, sorted[Math.max(0, sorted.length - lines)]);
    int previous = 0;
    for (int pc = 1; pc < counts.length; pc++) {
      if (counts[pc] < least) {
        continue;
      }
      if (pc != previous + 1) {
        out.println();
      }
      previous = pc;
      out.printf(
          "%9d  %5d  %-44s %s%n",
          counts[pc], pc, text(program.at(pc)), program.locations().get(pc - 1));
    }
  }

  private void print(PrintStream out, String title, Map<String, Long> rows) {
    out.printf("%n%s%n", title);
    rows.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(40)
        .filter(e -> e.getValue() > 0)
        .forEach(
            e ->
                out.printf(
                    "%9d  %5.1f %%  %s%n",
                    e.getValue(), 100.0 * e.getValue() / outcome.steps(), e.getKey()));
  }

  /** What an instruction does in one row that others would take two for, or null. */
  private static @Nullable String twoSteps(Opcode op) {
    return switch (op.opClass()) {
      case MEM -> op.has(Flags.MEM_WRAP) ? "address is a sum" : null;
      case CMP ->
          op.has(Flags.CMP_PUT)
              ? "constant and branch"
              : op.has(Flags.CMP_KEEP)
                  ? "sum kept and compared"
                  : op.has(Flags.CMP_ADD) ? "sum compared" : null;
      case BIT ->
          op.has(Flags.BIT_BRANCH) ? "branch on and" : op.has(Flags.BIT_AND_NOT) ? "and not" : null;
      case MUL -> op.has(Flags.MUL_ADD) ? "product and sum" : null;
      default -> null;
    };
  }

  private static String form(Instruction i) {
    List<String> words = new ArrayList<>(List.of(i.opcode().toString()));
    switch (i.opcode().opClass()) {
      case ALU, BIT, MUL, DIV -> {
        words.add(i.bRegister() ? "register" : "constant");
        if (i.d() == i.a()) {
          words.add("in place");
        }
      }
      case CMP -> words.add(i.bRegister() ? "register" : i.k() == 0 ? "0" : "constant");
      case MEM -> {
        if (i.aRegister()) {
          words.add("register");
        }
        if (i.kLo() != 0) {
          words.add("offset");
        }
        if (i.opcode().has(Flags.MEM_STORE) && !i.bRegister()) {
          words.add("of constant");
        }
      }
      default -> {}
    }
    return String.join(" ", words);
  }

  private static String text(Instruction i) {
    String b = i.bRegister() ? "r" + i.b() : Long.toString(i.k());
    String base = i.aRegister() ? "r%d + %d".formatted(i.a(), i.kLo()) : Long.toString(i.kLo());
    if (i.opcode().opClass() == OpClass.CMP && i.opcode().has(Flags.CMP_ADD)) {
      String sum = "r%d + %d".formatted(i.a(), i.kHi());
      String other = i.bRegister() ? b : Long.toString(i.kLo());
      if (i.opcode().has(Flags.CMP_KEEP)) {
        sum = "r%d = ".formatted(i.bRegister() ? i.kLo() : i.b()) + sum;
      }
      return i.opcode().has(Flags.CMP_BRANCH)
          ? "%s %s, %s -> %d".formatted(i.opcode(), sum, other, i.d())
          : "r%d = %s %s, %s".formatted(i.d(), i.opcode(), sum, other);
    }
    if (i.opcode().has(Flags.MUL_ADD) && i.opcode().opClass() == OpClass.MUL) {
      return i.bRegister()
          ? "r%d = %s r%d, %d, r%d".formatted(i.d(), i.opcode(), i.a(), i.k(), i.b())
          : "r%d = %s r%d, %d, %d".formatted(i.d(), i.opcode(), i.a(), i.kLo(), i.kHi());
    }
    if (i.opcode().opClass() == OpClass.BIT && i.opcode().has(Flags.BIT_BRANCH)) {
      return "%s r%d, %s -> %d".formatted(i.opcode(), i.a(), b, i.d());
    }
    return switch (i.opcode().opClass()) {
      case ALU, BIT, MUL, DIV -> "r%d = %s r%d, %s".formatted(i.d(), i.opcode(), i.a(), b);
      case CMP ->
          i.opcode().has(Flags.CMP_BRANCH)
              ? "%s r%d, %s -> %d".formatted(i.opcode(), i.a(), b, i.d())
              : "r%d = %s r%d, %s".formatted(i.d(), i.opcode(), i.a(), b);
      case MEM ->
          i.opcode().has(Flags.MEM_STORE)
              ? "%s [%s] = %s".formatted(i.opcode(), base, i.bRegister() ? b : i.kHi())
              : "r%d = %s [%s]".formatted(i.b(), i.opcode(), base);
      default -> "%s d=%d a=%d b=%d k=%d".formatted(i.opcode(), i.d(), i.a(), i.b(), i.k());
    };
  }
}
