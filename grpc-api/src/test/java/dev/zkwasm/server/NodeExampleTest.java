package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.FakeEngine;
import dev.zkwasm.operation.Encodings;
import dev.zkwasm.signing.NodeKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example client in JavaScript, against a node around a stand-in for the prover. */
class NodeExampleTest {
  private static final Path EXAMPLE = Path.of("src", "examples", "node");
  private static final Path PROTOS = Path.of("src", "main", "proto");

  /** What npm says where the packages cannot be had, as opposed to wrong ones. */
  private static final Pattern OFFLINE =
      Pattern.compile(
          "(?m)^npm (error|ERR!) code (ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT"
              + "|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|E401|E403|E407|E429|E5\\d\\d"
              + "|ENOTCACHED|.*CERT.*|UNABLE_TO_.*)$");

  @TempDir private Path folder = Path.of("");

  private record Result(int code, String output) {}

  /** Runs a command to its end; -1 if it has none within the time. */
  private Result run(Path where, Duration limit, String... command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    Process process =
        new ProcessBuilder(command)
            .directory(where.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    process.getOutputStream().close();
    boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
    return new Result(ended ? process.exitValue() : -1, Files.readString(output));
  }

  private static void skip(String reason) {
    System.out.println("SKIPPED: the example client in JavaScript was not run: " + reason);
    Assumptions.abort(reason);
  }

  /** A copy of the example with its packages, beside a copy of the protos. */
  private Path installed() throws IOException, InterruptedException {
    for (String tool : List.of("node", "npm")) {
      try {
        Result version = run(folder, Duration.ofSeconds(60), tool, "--version");
        Matcher major = Pattern.compile("v?(\\d+)\\..*", Pattern.DOTALL).matcher(version.output());
        if (version.code() != 0) {
          skip(tool + " does not run: " + version.output());
        }
        if (tool.equals("node") && major.matches() && Integer.parseInt(major.group(1)) < 18) {
          skip("it needs node 18, here is " + version.output());
        }
      } catch (IOException e) {
        skip("no " + tool + " here (" + e.getMessage() + ")");
      }
    }
    Path copy = Files.createDirectories(folder.resolve(EXAMPLE));
    for (String name : List.of("client.js", "package.json", "package-lock.json", ".npmrc")) {
      Files.copy(EXAMPLE.resolve(name), copy.resolve(name));
    }
    try (Stream<Path> protos = Files.walk(PROTOS)) {
      for (Path proto : protos.filter(Files::isRegularFile).toList()) {
        Path target = folder.resolve(proto);
        Files.createDirectories(target.resolveSibling("."));
        Files.copy(proto, target);
      }
    }
    Result install =
        run(
            copy,
            Duration.ofMinutes(2),
            "npm",
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--fetch-retries=1",
            "--fetch-timeout=20000");
    if (install.code() == -1) {
      skip("npm did not end within two minutes");
    }
    if (install.code() != 0) {
      if (OFFLINE.matcher(install.output()).find()) {
        skip("its packages cannot be had: " + install.output());
      }
      fail("npm ci: " + install.output());
    }
    return copy;
  }

  private Result client(Path example, ProverServer server, byte[] module, String... inputs)
      throws IOException, InterruptedException {
    Path wasm = Files.write(folder.resolve("module.wasm"), module);
    List<String> command = new ArrayList<>();
    command.addAll(List.of("node", "client.js", "127.0.0.1:" + server.port(), wasm.toString()));
    command.addAll(List.of(inputs));
    Result result = run(example, Duration.ofMinutes(2), command.toArray(String[]::new));
    System.out.println(result.output());
    return result;
  }

  @Test
  void provesAnOperation() throws IOException, InterruptedException {
    Path example = installed();
    byte[] module = FakeEngine.module("run");
    ServerConfig config =
        new ServerConfig(
            "127.0.0.1",
            0,
            false,
            Access.OPEN,
            "node",
            1,
            NodeProcess.LIMITS,
            Fees.NONE,
            0,
            -1,
            Duration.ofSeconds(2));
    FakeEngine engine = new FakeEngine();
    try (ProverServer server =
        ProverServer.start(engine, config, folder.resolve("store"), NodeKey.generate(), "0.0")) {
      Result proven = client(example, server, module, "abc", "secret");
      assertEquals(0, proven.code(), proven.output());
      String id = HexFormat.of().formatHex(Encodings.keccak256(module));
      String output = HexFormat.of().formatHex("cba".getBytes(StandardCharsets.UTF_8));
      List<String> lines = proven.output().lines().toList();
      assertEquals("Extension 0x" + id, lines.getFirst());
      assertTrue(lines.stream().anyMatch(l -> l.startsWith("SUCCEEDED")), proven.output());
      assertEquals(
          List.of(
              "returned after " + FakeEngine.STEPS + " steps, output 0x" + output, "verdict VALID"),
          lines.subList(lines.size() - 2, lines.size()));

      assertEquals("secret".length(), engine.privateInputBytes);
      assertFalse(proven.output().contains("secret"));

      Result refused = client(example, server, new byte[] {1, 2, 3}, "abc");
      assertEquals(1, refused.code(), refused.output());
      assertTrue(refused.output().contains("not a WebAssembly module"), refused.output());

      engine.fault = new EngineException(EngineException.Kind.RESOURCE, "too little memory");
      Result failed = client(example, server, module, "another");
      assertEquals(1, failed.code(), failed.output());
      assertTrue(
          failed.output().contains("the job ended FAILED: too little memory"), failed.output());
    }
  }

  /** Every package by its hash, and none by the address of a registry. */
  @Test
  void packagesArePinned() throws IOException {
    String lock = Files.readString(EXAMPLE.resolve("package-lock.json"));
    assertFalse(lock.contains("\"resolved\""));
    assertTrue(count(lock, "\"node_modules/") > 2);
    assertEquals(count(lock, "\"node_modules/"), count(lock, "\"integrity\": \"sha512-"));
    Matcher direct =
        Pattern.compile("\"(@grpc/[a-z-]+)\": \"([^\"]*)\"")
            .matcher(Files.readString(EXAMPLE.resolve("package.json")));
    int found = 0;
    for (; direct.find(); found++) {
      assertTrue(direct.group(2).matches("\\d+\\.\\d+\\.\\d+"), direct.group());
      assertTrue(
          lock.contains(
              "\"node_modules/%s\": {\n      \"version\": \"%s\""
                  .formatted(direct.group(1), direct.group(2))),
          direct.group());
    }
    assertEquals(2, found);
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }
}
