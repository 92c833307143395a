package dev.zkwasm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.FakeEngine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * The command line around a stand-in for the prover: options, exit codes, files, what is printed
 * where.
 */
class MainTest {
  @TempDir private Path folder = Path.of("");

  private final FakeEngine engine = new FakeEngine();
  private final List<String> srsAsked = new ArrayList<>();
  private String input = "";
  private String out = "";
  private String err = "";

  @BeforeEach
  void files() throws IOException {
    Files.write(folder.resolve("m.wasm"), FakeEngine.module("_start,run,needs(i32)"));
    Files.writeString(folder.resolve("in"), "abc");
    Files.writeString(folder.resolve("secret"), "very secret");
  }

  private Engines engines() {
    return new Engines() {
      @Override
      public Engine open(EngineOptions options, Home home) {
        srsAsked.add(String.valueOf(options.srs));
        return engine;
      }

      @Override
      public List<String> versions() {
        return List.of("key 1", "lowering 2");
      }
    };
  }

  private int run(String... args) {
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    int code =
        Main.run(
            Stream.of(args).map(a -> a.replace("@", folder + "/")).toArray(String[]::new),
            new Environment(
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8),
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                false,
                Map.of(),
                engines()));
    out = outBytes.toString(StandardCharsets.UTF_8);
    err = errBytes.toString(StandardCharsets.UTF_8);
    return code;
  }

  /**
   * Wrong usage or bad input: exit code 2, nothing on standard output, one line that holds the
   * words.
   */
  private void refused(String words, String... args) {
    assertEquals(2, run(args), out + err);
    assertEquals("", out);
    List<String> lines = err.lines().filter(line -> line.startsWith("zkprover:")).toList();
    assertEquals(1, lines.size(), err);
    assertEquals(lines.getFirst(), err.lines().toList().getLast());
    assertTrue(lines.getFirst().contains(words.replace("@", folder + "/")), err);
  }

  private JsonObject json() {
    return JsonParser.parseString(out).getAsJsonObject();
  }

  /** A command is set up alone when its name is the first word, so the names must be right. */
  @Test
  void commandsGoByTheirNames() {
    Environment environment =
        new Environment(
            System.out, System.err, InputStream.nullInputStream(), false, Map.of(), engines());
    Main.COMMANDS.forEach(
        (name, command) ->
            assertEquals(name, new CommandLine(command.apply(environment)).getCommandName(), name));
  }

  @Test
  void helpAndVersion() {
    assertEquals(0, run());
    String usage = out;
    assertEquals(0, run("--help"));
    assertEquals(usage, out);
    for (String command :
        List.of("demo", "run", "trace", "prove", "verify", "inspect", "serve", "srs")) {
      assertTrue(usage.contains("\n  " + command + " "), command);
      assertEquals(0, run(command, "--help"));
      assertTrue(out.startsWith("Usage: zkprover " + command), out);
    }
    assertFalse(usage.contains("bench") || usage.contains("worker"), usage);
    assertEquals(0, run("--version"));
    assertEquals(
        List.of("zkprover " + Version.PROGRAM, "key 1", "lowering 2"), out.lines().toList());
    assertFalse(Version.PROGRAM.contains("$"));
  }

  @Test
  void wrongUsage() {
    refused("Unmatched argument", "provee");
    refused("Unknown option: '--nope'", "run", "@m.wasm", "--nope");
    refused("Missing required parameter", "run");
    refused("Missing required option: '--out=P.zkp'", "prove", "@m.wasm");
    refused("'x' is not", "run", "@m.wasm", "--threads", "x");
    refused("say info, import FILE.ptau or dev", "srs");
    refused("either a module or --trace", "prove", "-o", "@p");
    refused("either a module or --trace", "prove", "@m.wasm", "--trace", "@t", "-o", "@p");
    refused("no call options", "prove", "--trace", "@t", "--arg", "1", "-o", "@p");
  }

  @Test
  void badModulesAndCalls() throws IOException {
    refused("cannot read @none.wasm: no such file", "run", "@none.wasm");
    refused("it is a folder", "run", "@");
    Files.writeString(folder.resolve("text"), "hello");
    refused("@text: not a WebAssembly module", "run", "@text");
    refused(
        "no function export 'nope'; it has: _start, run, needs",
        "run",
        "@m.wasm",
        "--invoke",
        "nope");
    refused("needs takes 1 argument [i32], but 0 are given", "run", "@m.wasm", "--invoke", "needs");
    refused(
        "run takes 0 arguments [], but 1 is given",
        "run",
        "@m.wasm",
        "--invoke",
        "run",
        "--arg",
        "1");
    refused(
        "argument 1 of needs: 'x' is no i32", "run", "@m.wasm", "--invoke", "needs", "--arg", "x");
    refused("64 hex digits, not 'ab'", "trace", "@m.wasm", "--context", "ab", "-o", "@t");
    refused("cannot read @none: no such file", "run", "@m.wasm", "--input", "@none");
    assertFalse(Files.exists(folder.resolve("t")));
  }

  @Test
  void runs() {
    assertEquals(0, run("run", "@m.wasm", "--input", "@in", "--private", "@secret"), err);
    assertTrue(out.contains("\"cba\""), out);
    assertFalse((out + err).contains("very secret"));
    input = "xyz";
    assertEquals(
        0,
        run("run", "@m.wasm", "--invoke", "needs", "--arg", "-5", "--input", "-", "--json"),
        err);
    JsonObject json = json();
    assertEquals(FakeEngine.STEPS, json.get("steps").getAsInt());
    assertEquals(200, json.get("wasmSteps").getAsInt());
    assertEquals(64, json.get("rows").getAsJsonObject().get("alu").getAsInt());
    assertEquals("0x7a7978", json.get("output").getAsString());
    assertEquals("returned", json.get("exit").getAsString());
    JsonObject result = json.get("results").getAsJsonArray().get(0).getAsJsonObject();
    assertEquals("i32", result.get("type").getAsString());
    assertEquals("-5", result.get("value").getAsString());
    assertTrue(json.get("seconds").getAsJsonObject().has("total"));
    assertTrue(json.get("peakBytes").getAsLong() > 0);
  }

  @Test
  void aTrapIsAResult() {
    input = "trap";
    assertEquals(0, run("run", "@m.wasm", "--input", "-"), err);
    assertTrue(out.contains("trapped unreachable"), out);
  }

  @Test
  void provesAndVerifies() throws IOException {
    String context = "0x" + "ab".repeat(32);
    assertEquals(
        0,
        run(
            "prove",
            "@m.wasm",
            "--input",
            "@in",
            "--private",
            "@secret",
            "--context",
            context,
            "-o",
            "@p"),
        err);
    assertTrue(err.contains("estimate: "), err);
    assertTrue(err.contains("proving:"), err);
    assertTrue(err.contains("WARNING"), err);
    assertFalse((out + err).contains("very secret"));
    byte[] proof = Files.readAllBytes(folder.resolve("p"));
    assertFalse(new String(proof, StandardCharsets.ISO_8859_1).contains("very secret"));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(4, left.count(), "a temporary file is left");
    }

    assertEquals(0, run("verify", "@m.wasm", "@p"), err);
    assertTrue(out.startsWith("VALID"), out);
    assertTrue(out.contains(context) && out.contains("_start()") && out.contains("\"abc\""), out);
    assertTrue(err.contains("WARNING"), err);
    // The string is the one that the proof names.
    assertEquals(64, srsAsked.getLast().length());

    assertEquals(
        0,
        run(
            "verify",
            "@m.wasm",
            "@p",
            "--invoke",
            "_start",
            "--input",
            "@in",
            "--context",
            context,
            "--json"));
    JsonObject json = json();
    assertTrue(json.get("valid").getAsBoolean());
    for (String key :
        List.of(
            "reason",
            "extensionId",
            "programDigest",
            "export",
            "args",
            "publicInput",
            "output",
            "exit",
            "results",
            "steps",
            "context",
            "srsId",
            "srsInsecure")) {
      assertTrue(json.has(key), key);
    }
  }

  @Test
  void expectationsThatFail() {
    assertEquals(
        0,
        run("prove", "@m.wasm", "--invoke", "needs", "--arg", "5", "--input", "@in", "-o", "@p"));
    String[][] wrong = {
      {"--invoke", "run", "the proof is about export needs, not run"},
      {"--arg", "6", "arguments (i32:5), not (i32:6)"},
      {"--input", "@secret", "another public input"},
      {"--context", "ab".repeat(32), "bound to context 0x0000"}
    };
    for (String[] option : wrong) {
      assertEquals(1, run("verify", "@m.wasm", "@p", option[0], option[1]), option[0]);
      assertTrue(out.startsWith("INVALID: ") && out.contains(option[2]), out);
      assertEquals(1, run("verify", "@m.wasm", "@p", option[0], option[1], "--json"));
      assertFalse(json().get("valid").getAsBoolean());
      assertTrue(json().get("reason").getAsString().contains(option[2]), out);
    }
    refused("--private cannot be expected", "verify", "@m.wasm", "@p", "--private", "@secret");
  }

  @Test
  void badProofs() throws IOException {
    assertEquals(0, run("prove", "@m.wasm", "-o", "@p"));
    byte[] proof = Files.readAllBytes(folder.resolve("p"));

    Files.write(folder.resolve("short"), java.util.Arrays.copyOf(proof, proof.length - 1));
    assertEquals(1, run("verify", "@m.wasm", "@short"));
    assertTrue(out.startsWith("INVALID: the proof file is cut short or damaged"), out);

    byte[] flipped = proof.clone();
    flipped[proof.length - 1] ^= 1;
    Files.write(folder.resolve("flipped"), flipped);
    assertEquals(1, run("verify", "@m.wasm", "@flipped"));

    Files.write(folder.resolve("other.wasm"), FakeEngine.module("run"));
    assertEquals(1, run("verify", "@other.wasm", "@p"));
    assertTrue(out.contains("about another program"), out);

    refused("@in: not a proof file", "verify", "@m.wasm", "@in");
    refused("cannot read @none", "verify", "@m.wasm", "@none");
  }

  @Test
  void outputFilesAreNotOverwritten() throws IOException {
    Files.writeString(folder.resolve("p"), "precious");
    refused("@p exists; --force overwrites it", "prove", "@m.wasm", "-o", "@p");
    assertEquals("precious", Files.readString(folder.resolve("p")));
    assertEquals(0, engine.proved());
    assertEquals(0, run("prove", "@m.wasm", "-o", "@p", "--force"), err);
    assertEquals(0, run("verify", "@m.wasm", "@p"));
    refused("there is no folder", "prove", "@m.wasm", "-o", "@none/p");
    refused("it is a folder", "prove", "@m.wasm", "-o", "@");
  }

  @Test
  void tracesAreRecordedAndProven() throws IOException {
    assertEquals(0, run("trace", "@m.wasm", "--invoke", "run", "--input", "@in", "-o", "@t"), err);
    Path trace = folder.resolve("t");
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(trace)));
    assertEquals(0, run("inspect", "@t"), err);
    assertTrue(out.contains("every step follows the program"), out);
    assertEquals(0, run("prove", "--trace", "@t", "-o", "@p", "--json", "--quiet"), err);
    assertEquals("0x636261", json().get("output").getAsString());
    assertTrue(json().get("proofBytes").getAsLong() > 0);
    assertFalse(err.contains("estimate") || err.contains("proving"), err);
    assertEquals(
        "rw-r--r--",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("p"))));
    refused("@in: not a trace file", "prove", "--trace", "@in", "-o", "@q");
  }

  @Test
  void inspects() throws IOException {
    assertEquals(0, run("inspect", "@m.wasm"));
    assertTrue(out.contains("needs(i32)"), out);
    assertEquals(0, run("inspect", "@m.wasm", "--json"));
    assertEquals("module", json().get("kind").getAsString());
    assertEquals(3, json().get("exports").getAsJsonArray().size());
    assertEquals(0, run("prove", "@m.wasm", "-o", "@p"));
    assertEquals(0, run("inspect", "@p"));
    assertTrue(out.contains("not verified"), out);
    refused("no WebAssembly module, no trace and no proof file", "inspect", "@in");
    for (String kind : List.of("\0asm", "trace of ")) {
      Files.writeString(folder.resolve("bad"), kind);
      engine.readFault = new EngineException(EngineException.Kind.BAD_TRACE, "byte 9 is bad");
      refused("@bad: byte 9 is bad", "inspect", "@bad");
    }
    refused("@bad: byte 9 is bad", "prove", "--trace", "@bad", "-o", "@q");
    engine.readFault = null;
    byte[] proof = Files.readAllBytes(folder.resolve("p"));
    Files.write(folder.resolve("bad"), java.util.Arrays.copyOf(proof, 100));
    assertEquals(1, run("inspect", "@bad"));
    assertTrue(err.contains(folder + "/bad: the proof file is cut short"), err);
  }

  @Test
  void internalErrorsHaveTheirCode() {
    engine.fault = new IllegalStateException("oops");
    assertEquals(3, run("prove", "@m.wasm", "-o", "@p"));
    assertTrue(err.contains("internal error"), err);
    assertFalse(Files.exists(folder.resolve("p")));
  }

  @Test
  void serveRefusesToBePublic() {
    refused("refusing to listen on 0.0.0.0", "serve", "--host", "0.0.0.0", "--port", "0");
    refused(
        "insecure development reference string",
        "serve",
        "--host",
        "0.0.0.0",
        "--port",
        "0",
        "--insecure-public");
  }

  @Test
  void serveReadsItsSettings() throws IOException {
    Files.writeString(folder.resolve("conf"), "hosts=a\n");
    refused("there is no setting hosts", "serve", "--config", "@conf");
    Files.writeString(folder.resolve("conf"), "port=a\n");
    refused("port cannot be 'a'", "serve", "--config", "@conf");
    Files.writeString(folder.resolve("conf"), "host=0.0.0.0\n");
    refused("refusing to listen on 0.0.0.0", "serve", "--config", "@conf");
    refused("cannot read @none", "serve", "--config", "@none");
  }

  @Test
  void homeFollowsXdg() {
    assertEquals(
        Path.of("/d/zkprover/srs"),
        Home.of(null, Map.of("XDG_DATA_HOME", "/d")).referenceStrings());
    assertEquals(
        Path.of(System.getProperty("user.home"), ".cache/zkprover/keys"),
        Home.of(null, Map.of("XDG_CACHE_HOME", "relative")).keys());
    assertEquals(Path.of("/h/data/srs"), Home.of(Path.of("/h"), Map.of()).referenceStrings());
  }

  @Test
  void writesWholeFilesOnly() throws IOException {
    Path file = folder.resolve("w");
    Bytes.write(file, new byte[] {1, 2}, false, false);
    assertArrayEquals(new byte[] {1, 2}, Files.readAllBytes(file));
    CliException e =
        org.junit.jupiter.api.Assertions.assertThrows(
            CliException.class, () -> Bytes.write(file, new byte[] {3}, false, false));
    assertTrue(String.valueOf(e.getMessage()).contains("--force"));
    assertArrayEquals(new byte[] {1, 2}, Files.readAllBytes(file));
  }
}
