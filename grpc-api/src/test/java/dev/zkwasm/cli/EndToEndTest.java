package dev.zkwasm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line as a user has it: the real prover, the real service, real proofs. */
class EndToEndTest {
  @TempDir private static Path folder = Path.of("");

  private String out = "";
  private String err = "";

  private int run(String... args) {
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    int code =
        Main.run(
            Stream.concat(
                    Stream.of(args).map(a -> a.replace("@", folder + "/")),
                    Stream.of("--home", folder + "/home"))
                .toArray(String[]::new),
            new PrintStream(outBytes, true, StandardCharsets.UTF_8),
            new PrintStream(errBytes, true, StandardCharsets.UTF_8));
    out = outBytes.toString(StandardCharsets.UTF_8);
    err = errBytes.toString(StandardCharsets.UTF_8);
    return code;
  }

  private JsonObject json() {
    return JsonParser.parseString(out).getAsJsonObject();
  }

  private static Path guest() throws IOException {
    Path file = folder.resolve("guest.wasm");
    try (InputStream in =
        Objects.requireNonNull(
            EndToEndTest.class.getResourceAsStream("/dev/zkwasm/guests/sealed_bid.wasm"))) {
      Files.write(file, in.readAllBytes());
    }
    return file;
  }

  @Test
  void demo() {
    assertEquals(0, run("demo", "--json"), err);
    assertEquals("VALID", json().get("verdict").getAsString());
    assertEquals("INVALID", json().get("replayVerdict").getAsString());
    assertEquals("returned", json().get("exit").getAsString());
    assertTrue(json().get("steps").getAsLong() > 1000);
    assertTrue(json().get("output").getAsString().startsWith("0x015a"));
  }

  /** A run that ends early, by an exit code, is as provable as any other. */
  @Test
  void provesAndVerifiesAFile() throws IOException {
    guest();
    Files.writeString(folder.resolve("in"), "public input");
    assertEquals(
        0, run("prove", "@guest.wasm", "--invoke", "run", "--input", "@in", "-o", "@p.zkp"), err);
    assertEquals(0, run("verify", "@guest.wasm", "@p.zkp", "--input", "@in", "--json"), err);
    assertTrue(json().get("valid").getAsBoolean());
    assertEquals("exited 1", json().get("exit").getAsString());
    assertTrue(json().get("srsInsecure").getAsBoolean());
    assertTrue(err.contains("WARNING"), err);

    byte[] proof = Files.readAllBytes(folder.resolve("p.zkp"));
    proof[proof.length - 40] ^= 1;
    Files.write(folder.resolve("flipped.zkp"), proof);
    assertEquals(1, run("verify", "@guest.wasm", "@flipped.zkp"), err);
    assertTrue(out.startsWith("INVALID: "), out);
    // The bytes of the key digest, behind the magic, the version and two ids.
    proof[proof.length - 40] ^= 1;
    proof[19 + 64] ^= 1;
    Files.write(folder.resolve("other-key.zkp"), proof);
    assertEquals(1, run("verify", "@guest.wasm", "@other-key.zkp"), err);
    assertTrue(out.contains("made under another verification key (0x"), out);
    proof[19 + 64] ^= 1;
    proof[proof.length - 40] ^= 1;
    Files.write(folder.resolve("short.zkp"), Arrays.copyOf(proof, 500));
    assertEquals(1, run("verify", "@guest.wasm", "@short.zkp"), err);

    // A statement that says something else under the same proof.
    int at = new String(proof, StandardCharsets.ISO_8859_1).indexOf("public input");
    proof[proof.length - 40] ^= 1;
    proof[at] ^= 1;
    Files.write(folder.resolve("restated.zkp"), proof);
    assertEquals(1, run("verify", "@guest.wasm", "@restated.zkp"), err);
    assertFalse(out.contains("extension id"), out);
  }

  @Test
  void tracesAreReplayed() throws IOException {
    guest();
    assertEquals(0, run("trace", "@guest.wasm", "--invoke", "run", "-o", "@t.zwt", "--json"), err);
    final long steps = json().get("steps").getAsLong();
    assertEquals(0, run("inspect", "@t.zwt", "--json"), err);
    assertEquals(steps, json().get("steps").getAsLong());
    assertEquals("exited 1", json().get("exit").getAsString());

    byte[] trace = Files.readAllBytes(folder.resolve("t.zwt"));
    Files.write(folder.resolve("short.zwt"), Arrays.copyOf(trace, trace.length - 30));
    assertEquals(2, run("prove", "--trace", "@short.zwt", "-o", "@q"), err);
    // The first record follows the module and the call; somewhere behind it one value is changed.
    trace[trace.length - 40] ^= 1;
    Files.write(folder.resolve("forged.zwt"), trace);
    assertEquals(2, run("prove", "--trace", "@forged.zwt", "-o", "@q"), err);
    assertTrue(err.contains("zkprover: "), err);
    assertFalse(Files.exists(folder.resolve("q")));
  }

  @Test
  void badInputs() throws IOException {
    guest();
    String[][] cases = {
      {"run", "@guest.wasm", "no function export '_start'"},
      {"run", "@guest.wasm", "--invoke", "run", "--srs", "ffff", "there is no reference string"},
      {"run", "@guest.wasm", "--invoke", "run", "--backend", "nope", "nope"},
      {"run", "@home", "it is a folder"},
      {"inspect", "@text", "no WebAssembly module"},
      {"run", "@text", "@text: "},
      {"run", "@broken.wasm", "@broken.wasm: "},
      {"srs", "import", "@none", "no such file"},
      {"srs", "import", "@text", "zkprover: @text: the file ends inside"},
      {"srs", "dev", "--log", "99", "--log takes 1 to"},
    };
    Files.writeString(folder.resolve("text"), "hello");
    Files.createDirectories(folder.resolve("home"));
    Files.write(
        folder.resolve("broken.wasm"),
        Arrays.copyOf(Files.readAllBytes(folder.resolve("guest.wasm")), 300));
    for (String[] one : cases) {
      assertEquals(2, run(Arrays.copyOf(one, one.length - 1)), String.join(" ", one) + err);
      String words = one[one.length - 1].replace("@", folder + "/");
      assertTrue(err.contains(words), err);
      assertEquals(1, err.lines().filter(line -> line.startsWith("zkprover: ")).count(), err);
    }
  }

  @Test
  void listsReferenceStrings() {
    assertEquals(0, run("srs", "info", "--json"), err);
    JsonObject first = json().get("strings").getAsJsonArray().get(0).getAsJsonObject();
    assertTrue(first.get("insecure").getAsBoolean());
    assertEquals(0, run("srs", "info"), err);
    assertTrue(out.contains("INSECURE"), out);
  }
}
