package dev.zkwasm.cli;

import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is called and with what. For {@code verify} these are expectations. */
public final class CallOptions {
  private static final String DEFAULT_EXPORT = "_start";
  private static final int MAX_INPUT = 64 << 20;

  @Option(
      names = "--invoke",
      paramLabel = "EXPORT",
      description = "the export to call (default: _start)")
  public @Nullable String export;

  @Option(
      names = "--arg",
      paramLabel = "N",
      description =
          "an argument, once for each: decimal, negative or 0x hex; for floats also hex floats,"
              + " nan, inf")
  public List<String> arguments = new ArrayList<>();

  @Option(
      names = "--input",
      paramLabel = "FILE|-",
      description = "public input bytes; - reads standard input")
  @Nullable String input;

  @Option(
      names = "--private",
      paramLabel = "FILE",
      description = "private input bytes, never revealed")
  @Nullable Path privateInput;

  @Option(
      names = "--context",
      paramLabel = "HEX32",
      description = "32 bytes in hex that the proof is bound to (default: zero)")
  @Nullable String context;

  /** Whether any of them was. */
  public boolean given() {
    return export != null
        || !arguments.isEmpty()
        || input != null
        || privateInput != null
        || context != null;
  }

  /**
   * The call of a program.
   *
   * @throws CliException if the program has no such export, or the arguments do not fit
   */
  public Call call(Program program, Environment environment) {
    Program.Export called = export(program, export == null ? DEFAULT_EXPORT : export);
    return new Call(
        called.name(),
        arguments(called),
        input == null ? new byte[0] : publicInput(environment),
        privateInput == null ? new byte[0] : Bytes.read(privateInput, MAX_INPUT));
  }

  static Program.Export export(Program program, String name) {
    return program
        .export(name)
        .orElseThrow(
            () ->
                CliException.badInput(
                    "the module has no function export '"
                        + name
                        + "'; it has: "
                        + program.exports().stream()
                            .map(Program.Export::name)
                            .collect(Collectors.joining(", "))
                        + " (choose with --invoke)"));
  }

  List<Value> arguments(Program.Export called) {
    List<ValueType> types = called.parameters();
    if (arguments.size() != types.size()) {
      throw CliException.badInput(
          "%s takes %d argument%s %s, but %d %s given with --arg"
              .formatted(
                  called.name(),
                  types.size(),
                  types.size() == 1 ? "" : "s",
                  types.toString().toLowerCase(Locale.ROOT),
                  arguments.size(),
                  arguments.size() == 1 ? "is" : "are"));
    }
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      try {
        values.add(Numbers.parse(types.get(i), arguments.get(i)));
      } catch (NumberFormatException e) {
        throw CliException.badInput(
            "argument %d of %s: %s".formatted(i + 1, called.name(), e.getMessage()));
      }
    }
    return values;
  }

  byte[] publicInput(Environment environment) {
    String from = input;
    if (from == null) {
      return new byte[0];
    }
    return from.equals("-")
        ? Bytes.read(environment.in(), "standard input", MAX_INPUT)
        : Bytes.read(Path.of(from), MAX_INPUT);
  }

  /** What a proof is bound to, 32 bytes. */
  public byte[] context() {
    if (context == null) {
      return new byte[32];
    }
    String digits = context.startsWith("0x") ? context.substring(2) : context;
    try {
      byte[] bytes = HexFormat.of().parseHex(digits);
      if (bytes.length == 32) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // The same answer as for a wrong length.
    }
    throw CliException.badInput("--context takes 64 hex digits, not '" + context + "'");
  }
}
