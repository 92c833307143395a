package dev.zkwasm.cli;

import dev.zkwasm.engine.Estimate;
import dev.zkwasm.engine.StatedProof;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Value;
import dev.zkwasm.proof.Statement;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What commands print about runs and proofs, in words and as JSON. */
final class Reports {
  private static final int SHOWN_OUTPUT = 4096;

  private Reports() {}

  static Object values(List<Value> values) {
    return values.stream()
        .map(v -> Map.of("type", Numbers.name(v.type()), "value", Numbers.decimal(v)))
        .map(m -> (Object) new java.util.TreeMap<>(m))
        .toList();
  }

  static String text(List<Value> values) {
    return values.stream()
        .map(v -> Numbers.name(v.type()) + ":" + Numbers.decimal(v))
        .collect(Collectors.joining(", "));
  }

  static String call(String export, List<Value> arguments) {
    return export + "(" + text(arguments) + ")";
  }

  static void line(PrintStream out, String label, String text) {
    out.printf("%-15s %s%n", label, text);
  }

  /** Bytes as text where they are text, else in hex. */
  static String bytes(byte[] bytes) {
    if (bytes.length == 0) {
      return "none";
    }
    byte[] shown =
        bytes.length <= SHOWN_OUTPUT ? bytes : java.util.Arrays.copyOf(bytes, SHOWN_OUTPUT);
    String rest = bytes.length <= SHOWN_OUTPUT ? "" : "... (" + bytes.length + " bytes)";
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(shown)).toString();
      if (text.chars()
          .allMatch(
              c ->
                  c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0)))) {
        return Json.write(text) + rest;
      }
    } catch (CharacterCodingException e) {
      // No text.
    }
    return Bytes.hex(shown) + rest;
  }

  /** JSON of what a run did. */
  static Map<String, Object> run(Outcome run) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("steps", run.steps());
    json.put("wasmSteps", run.wasmSteps());
    json.put("results", values(run.results()));
    json.put("output", Bytes.hex(run.output()));
    json.put("exit", run.exit().toString());
    return json;
  }

  static void printRun(PrintStream out, Call call, Outcome run) {
    line(out, "call", call(call.export(), call.arguments()));
    line(out, "exit", run.exit().toString());
    if (!run.results().isEmpty()) {
      line(out, "results", text(run.results()));
    }
    line(out, "output", bytes(run.output()));
    line(
        out,
        "steps",
        "%,d for %,d WebAssembly instructions".formatted(run.steps(), run.wasmSteps()));
  }

  static Map<String, Object> estimate(Estimate estimate) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("cells", estimate.cells());
    json.put("largestHeight", 1L << estimate.largestLogHeight());
    json.put("peakBytes", estimate.peakBytes());
    json.put("seconds", estimate.seconds());
    return json;
  }

  static String text(Estimate estimate) {
    return "%,d cells, largest table 2^%d rows, about %s of memory and %s"
        .formatted(
            estimate.cells(),
            estimate.largestLogHeight(),
            Bytes.size(estimate.peakBytes()),
            seconds(estimate.seconds()));
  }

  static String seconds(double seconds) {
    return seconds < 100
        ? String.format(Locale.ROOT, "%.2g s", seconds).replace("e+01", "0")
        : "%d min %d s".formatted((long) seconds / 60, (long) seconds % 60);
  }

  /** JSON of what a proof states. */
  static Map<String, Object> statement(StatedProof proof) {
    Statement statement = proof.statement();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("extensionId", Bytes.hex(proof.extensionId()));
    json.put("programDigest", Bytes.hex(statement.programDigest()));
    json.put("export", statement.export());
    json.put("args", values(statement.arguments()));
    json.put("publicInput", Bytes.hex(statement.publicInput()));
    json.put("output", Bytes.hex(statement.output()));
    json.put("exit", statement.exit().toString());
    json.put("results", values(statement.results()));
    json.put("steps", statement.steps());
    json.put("context", Bytes.hex(statement.context()));
    json.put("srsId", Bytes.hex(proof.srsId()));
    json.put("srsInsecure", proof.insecureSrs());
    return json;
  }

  static void printStatement(PrintStream out, StatedProof proof) {
    Statement statement = proof.statement();
    line(out, "extension id", Bytes.hex(proof.extensionId()));
    line(out, "program digest", Bytes.hex(statement.programDigest()));
    line(out, "call", call(statement.export(), statement.arguments()));
    line(out, "public input", bytes(statement.publicInput()));
    line(out, "output", bytes(statement.output()));
    line(out, "exit", statement.exit().toString());
    if (!statement.results().isEmpty()) {
      line(out, "results", text(statement.results()));
    }
    line(out, "steps", "%,d".formatted(statement.steps()));
    line(out, "context", Bytes.hex(statement.context()));
    line(
        out,
        "srs id",
        Bytes.hex(proof.srsId()) + (proof.insecureSrs() ? " (INSECURE development string)" : ""));
  }

  static final String INSECURE =
      "WARNING: this is the development reference string. Its secret is public: anybody can forge"
          + " proofs under it, so they convince nobody. For real use import one: zkprover srs"
          + " import FILE.ptau";

  static void warnInsecure(PrintStream err) {
    err.println(INSECURE);
  }

  static Map<String, Object> seconds(Stopwatch stopwatch) {
    Map<String, Object> seconds = new LinkedHashMap<>();
    stopwatch.seconds().forEach((step, time) -> seconds.put(step, time));
    return seconds;
  }
}
