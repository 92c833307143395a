package dev.zkwasm.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.zkwasm.cli.Main;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.engine.LocalEngine;
import dev.zkwasm.engine.Progress;
import dev.zkwasm.engine.Run;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.kzg.DevelopmentSrs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

/** The commands as a user has them, found by the command line. */
class BenchCommandTest {
  private static final List<String> KEYS =
      List.of(
          "kernel",
          "logSize",
          "scalars",
          "backend",
          "threads",
          "medianSeconds",
          "p95Seconds",
          "minSeconds",
          "perSecond",
          "checked",
          "device",
          "transfers",
          "iterations",
          "unit");

  @TempDir private static Path folder = Path.of("");

  private String out = "";
  private String err = "";

  private int run(String... args) {
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    int code =
        Main.run(
            Stream.concat(
                    Stream.of("bench"), Stream.of(args).map(a -> a.replace("@", folder + "/")))
                .toArray(String[]::new),
            new PrintStream(outBytes, true, StandardCharsets.UTF_8),
            new PrintStream(errBytes, true, StandardCharsets.UTF_8));
    out = outBytes.toString(StandardCharsets.UTF_8);
    err = errBytes.toString(StandardCharsets.UTF_8);
    return code;
  }

  private List<JsonObject> results() {
    JsonObject json = JsonParser.parseString(out).getAsJsonObject();
    for (String key : List.of("cpu", "processors", "memoryBytes", "jdk", "commit", "date", "os")) {
      assertTrue(json.getAsJsonObject("machine").has(key), key);
    }
    List<JsonObject> results =
        json.getAsJsonArray("results").asList().stream().map(JsonElement::getAsJsonObject).toList();
    for (JsonObject result : results) {
      for (String key : KEYS) {
        assertTrue(result.has(key), key);
      }
      double min = result.get("minSeconds").getAsDouble();
      double median = result.get("medianSeconds").getAsDouble();
      assertTrue(0 < min && min <= median, result::toString);
      assertTrue(median <= result.get("p95Seconds").getAsDouble(), result::toString);
    }
    return results;
  }

  private static void wellFormed(String xml) throws Exception {
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  @Test
  void msm() {
    assertEquals(
        0,
        run(
            "msm",
            "--log",
            "4,6",
            "--scalars",
            "uniform,witness,equal,bit,u8,u16,u32,u64",
            "--warmup",
            "0",
            "--iterations",
            "2",
            "--transfers",
            "both",
            "--json",
            "--quiet"),
        err);
    // Typed scalars are handed over each time; field elements also wait on the device.
    assertEquals(2 * (3 * 2 + 5), results().size());
    for (JsonObject result : results()) {
      assertTrue(result.get("checked").getAsBoolean(), result::toString);
      assertEquals("points", result.get("unit").getAsString());
      assertTrue(result.get("multiplicationsPerSecond").getAsDouble() > 0);
      assertTrue(result.get("rooflinePercent").getAsDouble() > 0);
    }
  }

  @Test
  void nttStoresDrawsAndCompares() throws Exception {
    assertEquals(
        0,
        run(
            "ntt",
            "--sizes",
            "2^5..2^6",
            "--direction",
            "ntt,intt,coset-ntt",
            "--warmup",
            "0",
            "--iterations",
            "3",
            "--threads",
            "1",
            "--transfers",
            "both",
            "--out",
            "@ntt.json",
            "--csv",
            "@ntt.csv",
            "--plot",
            "@ntt.svg"),
        err);
    assertEquals(12, out.lines().filter(line -> line.endsWith("checked")).count(), out);
    assertTrue(err.contains("warming up"), err);
    String[] rows = Files.readString(folder.resolve("ntt.csv")).split("\r\n", -1);
    assertEquals(14, rows.length);
    assertTrue(rows[0].startsWith("kernel,logSize,scalars,backend"), rows[0]);
    String svg = Files.readString(folder.resolve("ntt.svg"));
    wellFormed(svg);
    assertTrue(svg.contains("prefers-color-scheme: dark"));
    assertTrue(svg.contains("coset-ntt, with transfers"), svg);

    // Against itself, and against a baseline that was a million times faster.
    String[] again = {
      "ntt",
      "--log",
      "5",
      "--warmup",
      "0",
      "--iterations",
      "1",
      "--threads",
      "1",
      "--quiet",
      "--compare",
      "@ntt.json",
      "--fail-above"
    };
    assertEquals(0, run(Stream.concat(Stream.of(again), Stream.of("1e9")).toArray(String[]::new)));
    String slow =
        Files.readString(folder.resolve("ntt.json"))
            .replaceAll("\"medianSeconds\": [0-9.]+", "\"medianSeconds\": 0.000000000001");
    Files.writeString(folder.resolve("ntt.json"), slow);
    assertEquals(
        1, run(Stream.concat(Stream.of(again), Stream.of("1.5")).toArray(String[]::new)), out);
    assertTrue(out.contains("REGRESSION"), out);
    assertTrue(out.contains("above the limit"), out);
  }

  @Test
  void field() {
    assertEquals(
        0, run("field", "--log", "6", "--warmup", "0", "--iterations", "1", "--json", "--quiet"));
    List<String> kernels = results().stream().map(r -> r.get("kernel").getAsString()).toList();
    assertTrue(
        kernels.containsAll(
            List.of("multiply-scalar", "pointwise", "program", "invert", "prefix-sum")),
        kernels::toString);
    for (JsonObject result : results()) {
      assertTrue(result.get("checked").getAsBoolean(), result::toString);
    }
  }

  @Test
  void execute() {
    assertEquals(
        0,
        run("execute", "--arg", "100", "--warmup", "0", "--iterations", "2", "--json", "--quiet"),
        err);
    assertEquals(
        List.of("execute", "trace", "tables"),
        results().stream().map(r -> r.get("kernel").getAsString()).toList());
    for (JsonObject result : results()) {
      assertTrue(result.get("checked").getAsBoolean(), result::toString);
      assertTrue(result.get("wasmSteps").getAsLong() > result.get("steps").getAsLong());
    }
  }

  /** Another guest has no twin: its run is checked row by row. */
  @Test
  void executesAFile() throws IOException {
    try (var in =
        BenchCommandTest.class.getResourceAsStream("/dev/zkwasm/guests/sealed_bid.wasm")) {
      Files.write(
          folder.resolve("guest.wasm"), java.util.Objects.requireNonNull(in).readAllBytes());
    }
    assertEquals(
        0,
        run(
            "execute",
            "@guest.wasm",
            "--invoke",
            "run",
            "--warmup",
            "0",
            "--iterations",
            "1",
            "--json",
            "--quiet"),
        err);
    assertTrue(results().getFirst().get("checked").getAsBoolean());
  }

  @Test
  void prove() throws Exception {
    assertEquals(
        0,
        run(
            "prove",
            "--arg",
            "5",
            "--warmup",
            "0",
            "--iterations",
            "1",
            "--home",
            "@home",
            "--json",
            "--quiet",
            "--plot",
            "@prove.svg"),
        err);
    JsonObject proven = results().getFirst();
    assertEquals("prove", proven.get("kernel").getAsString());
    assertEquals("sort.wasm sort(5)", proven.get("scalars").getAsString());
    double sum =
        proven.getAsJsonObject("seconds").asMap().values().stream()
            .mapToDouble(JsonElement::getAsDouble)
            .sum();
    assertEquals(proven.get("medianSeconds").getAsDouble(), sum, 1e-4);
    for (String key : List.of("rows", "peakBytes", "proofBytes", "steps", "wasmSteps")) {
      assertTrue(proven.has(key), key);
    }
    assertEquals("verify", results().get(1).get("kernel").getAsString());
    for (JsonObject result : results()) {
      assertTrue(result.get("checked").getAsBoolean(), result::toString);
    }
    String svg = Files.readString(folder.resolve("prove.svg"));
    wellFormed(svg);
    assertTrue(svg.contains("quotient"), svg);
  }

  @Test
  void verify() throws Exception {
    byte[] wasm;
    try (var in =
        BenchCommandTest.class.getResourceAsStream("/dev/zkwasm/bench/guests/sort.wasm")) {
      wasm = java.util.Objects.requireNonNull(in).readAllBytes();
    }
    byte[] proof;
    try (LocalEngine engine =
        new LocalEngine(
            DevelopmentSrs.inMemory(),
            List.of(Backends.open("cpu", new BackendOptions(2))),
            2,
            folder.resolve("keys"))) {
      Call call = new Call("sort", List.of(new Value(ValueType.I32, 2)), new byte[0], new byte[0]);
      Run run = engine.execute(engine.load(wasm), call, Limits.DEFAULT.steps(), Progress.NONE);
      proof = engine.prove(engine.prepare(run), new byte[32], Progress.NONE);
    }
    Files.write(folder.resolve("sort.wasm"), wasm);
    Files.write(folder.resolve("good.zkp"), proof);
    proof[proof.length / 2] ^= 1;
    Files.write(folder.resolve("bad.zkp"), proof);
    String[] more = {"--warmup", "0", "--iterations", "2", "--home", "@home", "--json", "--quiet"};
    assertEquals(0, run(concat(more, "verify", "@sort.wasm", "@good.zkp")), err);
    JsonObject verified = results().getFirst();
    assertEquals("verify", verified.get("kernel").getAsString());
    assertTrue(verified.get("checked").getAsBoolean());
    assertEquals(1, run(concat(more, "verify", "@sort.wasm", "@bad.zkp")), err);
    assertFalse(results().getFirst().get("checked").getAsBoolean());
    assertTrue(err.contains("bad.zkp: "), err);
    assertEquals(2, run(concat(more, "verify", "@sort.wasm", "@sort.wasm")), err);
    assertTrue(err.contains("sort.wasm: not a proof file"), err);
  }

  /** {@code (module (func (export "run")))}: what the service adds to the least of proofs. */
  @Test
  void service() throws Exception {
    Files.write(
        folder.resolve("nothing.wasm"),
        java.util.HexFormat.of()
            .parseHex("0061736d01000000010401600000030201000707010372756e00000a040102000b"));
    String[] more = {"--warmup", "0", "--iterations", "1", "--home", "@home", "--json", "--quiet"};
    assertEquals(0, run(concat(more, "service", "@nothing.wasm")), err);
    assertEquals("prove", results().getFirst().get("kernel").getAsString());
    JsonObject service = results().get(1);
    assertEquals("service", service.get("kernel").getAsString());
    assertTrue(service.get("checked").getAsBoolean());
    double bare = results().getFirst().get("processorSeconds").getAsDouble();
    double served = service.get("processorSeconds").getAsDouble();
    assertEquals(
        100 * (served / bare - 1), service.get("processorOverheadPercent").getAsDouble(), 1e-6);
    assertEquals(2, run(concat(more, "service", "--readings", "0")));
    assertEquals(2, run(concat(more, "service", "--input", "@nothing.wasm")));
  }

  private static String[] concat(String[] last, String... first) {
    return Stream.concat(Stream.of(first), Stream.of(last)).toArray(String[]::new);
  }

  @Test
  void refusesWithAReason() {
    assertEquals(2, run("msm", "--backend", "abacus", "--log", "4"));
    assertTrue(err.contains("no compute backend named abacus"), err);
    assertTrue(err.contains("cpu"), err);
    assertEquals(2, run("msm", "--log", "26"));
    assertTrue(err.contains("needs about") && err.contains("Java may use"), err);
    assertEquals(2, run("ntt", "--log", "3"));
    assertTrue(err.contains("2^4"), err);
    assertEquals(2, run("ntt", "--log", "big"));
    assertEquals(2, run("ntt", "--scalars", "u8"));
    assertTrue(err.contains("uniform, witness, equal"), err);
    assertEquals(2, run("msm", "--iterations", "0"));
    assertEquals(2, run("msm", "--transfers", "maybe"));
    assertEquals(2, run("ntt", "--direction", "up"));
    assertEquals(2, run("ntt", "--fail-above", "2"));
    assertEquals(2, run("ntt", "--compare", "@missing.json"));
    assertTrue(err.contains("no such file"), err);
    assertEquals(2, run("execute", "--arg", "2000000"));
    assertEquals(2, run("execute", "@missing.wasm"));
    assertEquals(2, run("verify", "@missing.wasm", "@missing.zkp"));
    assertTrue(err.contains("missing.zkp"), err);
    assertEquals(2, run());
  }

  @Test
  void refusesABaselineThatIsNone() throws IOException {
    Files.writeString(folder.resolve("none.json"), "[1, 2]");
    assertEquals(2, run("ntt", "--compare", "@none.json"));
    assertTrue(err.contains("none.json"), err);
    Files.writeString(folder.resolve("none.json"), "{\"machine\": {}, \"results\": []}");
    assertEquals(2, run("ntt", "--compare", "@none.json"));
  }

  @Test
  void explainsItself() {
    assertEquals(0, run("--help"));
    for (String command :
        List.of("msm", "ntt", "field", "execute", "prove", "verify", "service", "jmh")) {
      assertTrue(out.contains(command), out);
    }
    for (String command :
        List.of("msm", "ntt", "field", "execute", "prove", "verify", "service", "jmh")) {
      assertEquals(0, run(command, "--help"));
      assertTrue(out.contains("Examples:"), out);
    }
  }

  @Test
  void keepsFiles() throws IOException {
    Files.writeString(folder.resolve("there.json"), "mine");
    assertEquals(2, run("ntt", "--log", "4", "--out", "@there.json"));
    assertTrue(err.contains("--force"), err);
    assertEquals("mine", Files.readString(folder.resolve("there.json")));
  }

  /** The annotation processor has seen the JMH benchmarks. */
  @Test
  void jmhKnowsItsBenchmarks() throws IOException {
    try (var in = BenchCommandTest.class.getResourceAsStream("/META-INF/BenchmarkList")) {
      String list =
          new String(java.util.Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      for (String benchmark :
          List.of(
              "FieldBenchmark",
              "NttBenchmark",
              "MsmBenchmark",
              "ColumnBenchmark",
              "ProofBenchmark")) {
        assertTrue(list.contains("dev.zkwasm.bench.jmh." + benchmark), benchmark);
      }
    }
    assertEquals(2, run("jmh", "--no-such-option"));
    assertFalse(err.isEmpty());
  }
}
