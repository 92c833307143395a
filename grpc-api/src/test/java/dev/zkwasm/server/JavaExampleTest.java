package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.engine.FakeEngine;
import dev.zkwasm.signing.NodeKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The example client in Java, as the guide says to run it, around a stand-in for the prover. */
class JavaExampleTest {
  private static final Path EXAMPLE = Path.of("src", "examples", "java", "Client.java");

  @TempDir private Path folder = Path.of("");

  private record Result(int code, String output) {}

  private Result client(ProverServer server, byte[] module, String... inputs)
      throws IOException, InterruptedException {
    Path wasm = Files.write(folder.resolve("module.wasm"), module);
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            EXAMPLE.toString(),
            "127.0.0.1",
            Integer.toString(server.port()),
            wasm.toString()));
    command.addAll(List.of(inputs));
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly().waitFor();
    }
    Result result = new Result(process.exitValue(), Files.readString(output));
    System.out.println(result.output());
    return result;
  }

  @Test
  @Timeout(300)
  void provesAnOperation() throws IOException, InterruptedException {
    FakeEngine engine = new FakeEngine();
    byte[] secret = new byte[NodeKey.SECRET_BYTES];
    secret[0] = 1;
    NodeKey key = NodeKey.of(secret);
    try (ProverServer server =
        ProverServer.start(engine, ServerConfig.local(0), folder.resolve("store"), key, "0.0")) {
      Result proven = client(server, FakeEngine.module("run"), "abc", "secret");
      assertEquals(0, proven.code(), proven.output());
      List<String> lines = proven.output().lines().toList();
      assertTrue(lines.stream().anyMatch(l -> l.startsWith("SUCCEEDED")), proven.output());
      assertEquals(
          List.of(
              "returned: cba",
              "verdict VALID, signed by 0x" + HexFormat.of().formatHex(key.address())),
          lines.subList(lines.size() - 2, lines.size()));
      assertEquals("secret".length(), engine.privateInputBytes);
      assertFalse(proven.output().contains("secret"));

      Result refused = client(server, "no module".getBytes(StandardCharsets.UTF_8), "abc");
      assertEquals(1, refused.code(), refused.output());
      assertTrue(refused.output().contains("not a WebAssembly module"), refused.output());
    }
  }
}
