package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import dev.zkwasm.client.ProverClient;
import dev.zkwasm.engine.FakeEngine;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.RegisterExtensionRequest.Metadata;
import dev.zkwasm.proto.v1.SubmitOperationRequest;
import dev.zkwasm.prover.DeviceHealth;
import dev.zkwasm.signing.NodeKey;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node shows over HTTP, looked at in a real browser where there is one. */
@Timeout(180)
class StatusPageTest {
  @TempDir private Path folder = Path.of("");
  private final FakeEngine engine = new FakeEngine();
  private ProverServer server;
  private ProverClient client;
  private Job done = Job.getDefaultInstance();
  private Job running = Job.getDefaultInstance();

  @BeforeEach
  void start() throws Exception {
    ServerConfig config =
        new ServerConfig(
            "127.0.0.1",
            0,
            false,
            Access.OPEN,
            "<b>node</b>",
            1,
            NodeProcess.LIMITS,
            Fees.NONE,
            0,
            0,
            Duration.ofSeconds(1));
    server = ProverServer.start(engine, config, folder, NodeKey.generate(), "0.0");
    client = ProverClient.connect("127.0.0.1", server.port());
    ByteString extension =
        client.register(FakeEngine.module("run"), Metadata.getDefaultInstance()).getExtensionId();
    done = client.watch(submit(extension, "first").getJobId(), j -> {});
    engine.begun = new CountDownLatch(1);
    engine.gate = new CountDownLatch(1);
    running = submit(extension, "second");
    assertTrue(engine.begun.await(30, TimeUnit.SECONDS));
    submit(extension, "third");
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private Job submit(ByteString extension, String data) {
    return client.submit(
        SubmitOperationRequest.newBuilder()
            .setOperation(
                Operation.newBuilder()
                    .setExtensionId(extension)
                    .setTo(ByteString.copyFrom(new byte[20]))
                    .setGas(1000)
                    .setData(ByteString.copyFromUtf8(data))
                    .setBlockHash(ByteString.copyFrom(new byte[32])))
            .setProcessedBlockHash(ByteString.copyFrom(new byte[32]))
            .setFeeRecipient(ByteString.copyFrom(new byte[20]))
            .build());
  }

  private HttpURLConnection open(String method, String path) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + server.httpPort() + path).toURL().openConnection();
    connection.setRequestMethod(method);
    return connection;
  }

  private String get(String path) throws IOException {
    HttpURLConnection connection = open("GET", path);
    assertEquals(200, connection.getResponseCode());
    return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void tellsWhatTheNodeDoes() throws IOException {
    JsonObject status = JsonParser.parseString(get("/status.json")).getAsJsonObject();
    assertEquals(2, status.get("jobs").getAsJsonArray().size());
    JsonObject first = status.get("jobs").getAsJsonArray().get(0).getAsJsonObject();
    assertEquals(running.getJobId(), first.get("jobId").getAsString());
    assertEquals("PROVING", first.get("state").getAsString());
    assertEquals(FakeEngine.STEPS, first.get("steps").getAsInt());
    assertEquals(1, status.get("queueDepth").getAsInt());
    assertEquals(
        Messages.hex(done.getOperationHash()),
        status
            .get("postOps")
            .getAsJsonArray()
            .get(0)
            .getAsJsonObject()
            .get("operationHash")
            .getAsString());
    int steps = 0;
    for (var minute : status.get("stepsPerMinute").getAsJsonArray()) {
      steps += minute.getAsInt();
    }
    assertEquals(FakeEngine.STEPS, steps);
    assertEquals("ok\n", get("/healthz"));
    assertEquals("ready\n", get("/readyz"));
    for (String[] bad :
        new String[][] {
          {"GET", "/nothing", "404"}, {"GET", "/metrics/x", "404"}, {"DELETE", "/", "405"}
        }) {
      assertEquals(Integer.parseInt(bad[2]), open(bad[0], bad[1]).getResponseCode(), bad[1]);
    }
  }

  /** A device that is given up shows in the metrics, on the page and where readiness is asked. */
  @Test
  void tellsOfUnhealthyDevices() throws IOException {
    String metric = "zkwasm_device_unhealthy{backend=\"fake\",device=\"device 0\",reason=";
    List<String> before = get("/metrics").lines().toList();
    assertTrue(before.contains(metric + "\"failed\"} 0.0"), before.toString());
    assertTrue(before.contains(metric + "\"invalid_proof\"} 0.0"), before.toString());
    DeviceHealth healthy = engine.device;
    engine.device =
        new DeviceHealth("fake", "device 0", DeviceHealth.State.FAILED, "launch failed");
    try {
      List<String> after = get("/metrics").lines().toList();
      assertTrue(after.contains(metric + "\"failed\"} 1.0"), after.toString());
      assertTrue(after.contains(metric + "\"invalid_proof\"} 0.0"), after.toString());
      assertEquals("ready\nunhealthy: fake, device 0: failed\n", get("/readyz"));
      JsonObject device =
          JsonParser.parseString(get("/status.json"))
              .getAsJsonObject()
              .get("devices")
              .getAsJsonArray()
              .get(0)
              .getAsJsonObject();
      assertFalse(device.get("healthy").getAsBoolean());
      assertEquals("failed", device.get("reason").getAsString());
      assertEquals("launch failed", device.get("detail").getAsString());
    } finally {
      engine.device = healthy;
    }
  }

  @Test
  void measuresForPrometheus() throws IOException {
    List<String> lines = get("/metrics").lines().toList();
    for (String line :
        List.of(
            "zkwasm_jobs_submitted_total 3.0",
            "zkwasm_proven_steps_total 100.0",
            "zkwasm_queue_depth 1.0",
            "zkwasm_jobs{state=\"proving\"} 1.0",
            "zkwasm_jobs{state=\"succeeded\"} 1.0",
            "zkwasm_jobs_ended_total{failure=\"none\",state=\"succeeded\"} 1.0")) {
      assertTrue(lines.contains(line), line + " is missing");
    }
    for (String name :
        List.of(
            "zkwasm_stage_seconds_count{backend=\"fake\",stage=\"commit\"}",
            "zkwasm_calls_seconds_sum",
            "jvm_memory_used_bytes",
            "process_files_open_files")) {
      assertTrue(lines.stream().anyMatch(line -> line.startsWith(name)), name + " is missing");
    }
  }

  /** The dashboard asks for nothing that the node does not measure. */
  @Test
  void theDashboardAsksForWhatThereIs() throws IOException {
    client.verifyBatch(List.of(dev.zkwasm.proto.v1.ProofVerificationRequest.getDefaultInstance()));
    String metrics = get("/metrics");
    String dashboard = Files.readString(Path.of("..", "docker", "grafana", "zkwasm.json"));
    assertFalse(
        JsonParser.parseString(dashboard).getAsJsonObject().getAsJsonArray("panels").isEmpty());
    var names =
        java.util.regex.Pattern.compile("\\b(zkwasm|jvm|process|system)_[a-z_]+")
            .matcher(dashboard);
    int found = 0;
    while (names.find()) {
      assertTrue(metrics.contains(names.group()), names.group() + " is not measured");
      found++;
    }
    assertTrue(found > 8);
  }

  @Test
  void aBrowserShowsThePage() throws Exception {
    String browser =
        Stream.of("chromium-headless-shell", "chromium", "google-chrome")
            .filter(
                name ->
                    Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                        .anyMatch(dir -> Files.isExecutable(Path.of(dir, name))))
            .findFirst()
            .orElse("");
    if (browser.isEmpty()) {
      System.out.println(
          "SKIPPED StatusPageTest.aBrowserShowsThePage: no chromium-headless-shell, chromium or"
              + " google-chrome on this machine");
      abort("no browser");
    }
    Process process =
        new ProcessBuilder(
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--user-data-dir=" + folder.resolve("browser"),
                "--virtual-time-budget=3000",
                "--dump-dom",
                "http://127.0.0.1:" + server.httpPort() + "/")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String page = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor());
    for (String words :
        List.of(
            "proving: commit",
            Messages.hex(done.getOperationHash()).substring(0, 10),
            running.getJobId().substring(0, 8),
            "100 steps in the last hour",
            "class=\"good\">returned",
            "proving on fake",
            // A name is text, never markup.
            "&lt;b&gt;node&lt;/b&gt;")) {
      assertTrue(page.contains(words), words + " is not on the page:\n" + page);
    }
    assertFalse(page.contains("<b>node</b>"));
    assertTrue(page.matches("(?s).*id=\"lost\" hidden.*"), "the page has lost the node");
    assertTrue(page.contains("id=\"insecure\">"), "the warning is hidden");
  }
}
