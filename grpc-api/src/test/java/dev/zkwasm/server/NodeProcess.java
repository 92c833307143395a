package dev.zkwasm.server;

import dev.zkwasm.client.ProverClient;
import dev.zkwasm.engine.FakeEngine;
import dev.zkwasm.signing.NodeKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A node in a process of its own, around a stand-in for the prover: something to kill. */
final class NodeProcess implements AutoCloseable {
  static final Limits LIMITS =
      new Limits(
          64 << 10, 1 << 20, 64 << 20, 1 << 20, 4 << 20, 1_000_000, 10_000, 10_000, 64 << 20,
          1 << 30, 1 << 30, 1 << 30);

  private final Process process;
  private final ProverClient client;

  private NodeProcess(Process process, ProverClient client) {
    this.process = process;
    this.client = client;
  }

  /** Arguments: the folder of the store, and milliseconds that a proof takes. */
  public static void main(String[] args) throws IOException, InterruptedException {
    FakeEngine engine = new FakeEngine();
    engine.provingMillis = Integer.parseInt(args[1]);
    byte[] secret = new byte[NodeKey.SECRET_BYTES];
    secret[0] = 1;
    Access access = new Access(null, null, 1e6, Integer.MAX_VALUE);
    ServerConfig config =
        new ServerConfig(
            "127.0.0.1",
            0,
            false,
            access,
            "node",
            2,
            LIMITS,
            Fees.NONE,
            0,
            -1,
            Duration.ofSeconds(2));
    ProverServer server =
        ProverServer.start(engine, config, Path.of(args[0]), NodeKey.of(secret), "0.0");
    System.out.println("port " + server.port());
    server.awaitTermination();
  }

  /** Starts one and waits until it listens. */
  static NodeProcess start(Path folder, int provingMillis) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-Xmx256m",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            System.getProperty("java.class.path"),
            NodeProcess.class.getName(),
            folder.toString(),
            Integer.toString(provingMillis)));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    if (line == null || !line.startsWith("port ")) {
      process.destroyForcibly();
      throw new IOException("the node did not start: " + line);
    }
    int port = Integer.parseInt(line.substring("port ".length()));
    return new NodeProcess(process, ProverClient.connect("127.0.0.1", port));
  }

  ProverClient client() {
    return client;
  }

  /** kill -9. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws InterruptedException {
    kill();
    client.close();
  }
}
