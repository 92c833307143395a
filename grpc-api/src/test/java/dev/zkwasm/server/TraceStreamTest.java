package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.cli.Logs;
import dev.zkwasm.client.ProverClient;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.engine.LocalEngine;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.kzg.DevelopmentSrs;
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.proto.v1.Failure;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.StageTime;
import dev.zkwasm.proto.v1.SubmitTraceRequest;
import dev.zkwasm.signing.NodeKey;
import dev.zkwasm.trace.TraceFile;
import io.grpc.StatusRuntimeException;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Traces whose steps would not fit into the node's memory: received, kept through a broken stream,
 * read back, checked to the last record against the module, and then refused with the figures. The
 * node is a process of its own with a small heap, around the real engine.
 */
class TraceStreamTest {
  /** Bytes of a step in memory, by {@code TraceBlock}: three ints and three longs. */
  private static final long STEP = 3 * Integer.BYTES + 3 * Long.BYTES;

  /**
   * {@code (module (func (export "run") (param i32) (result i64) (local i64) (loop (local.set 1
   * (i64.add (local.get 1) (i64.extend_i32_u (local.get 0)))) (br_if 0 (local.tee 0 (i32.sub
   * (local.get 0) (i32.const 1))))) (local.get 1)))}.
   */
  private static final byte[] SUM =
      HexFormat.of()
          .parseHex(
              "0061736d0100000001060160017f017e030201000707010372756e00000a1c011a"
                  + "01017e034020012000ad7c2101200041016b22000d000b20010b");

  @TempDir private Path folder = Path.of("");

  /** The node: its argument is the folder of its store. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Logs.set("info", "text");
    BackendOptions options = new BackendOptions(1);
    Path store = Path.of(args[0]);
    LocalEngine engine =
        new LocalEngine(
            DevelopmentSrs.inMemory(16),
            Backends.openAll("cpu", options),
            options.threads(),
            store);
    byte[] secret = new byte[NodeKey.SECRET_BYTES];
    secret[0] = 1;
    ProverServer server =
        ProverServer.start(engine, ServerConfig.local(0), store, NodeKey.of(secret), "0.0");
    System.out.println("port " + server.port());
    server.awaitTermination();
  }

  private static Process start(Path store, int heapMebibytes) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-Xshare:auto",
            "-Xmx" + heapMebibytes + "m",
            "-cp",
            System.getProperty("java.class.path"),
            TraceStreamTest.class.getName(),
            store.toString()));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  @Test
  @Timeout(300)
  void aTraceLongerThanTheMemoryIsCheckedAndRefused() throws Exception {
    stream(16L << 20, 48);
  }

  @Test
  @Tag("long")
  void aTraceOfAGigabyteIsCheckedAndRefused() throws Exception {
    stream(1L << 30, 400);
  }

  private static Call call(long n) {
    return new Call(
        "run",
        List.of(new Value(ValueType.I32, n)),
        new byte[0],
        "private".getBytes(StandardCharsets.UTF_8));
  }

  private static Outcome record(long n, OutputStream out) throws IOException {
    LoweredModule lowered = Lowering.lower(SUM);
    Limits limits = new Limits(Long.MAX_VALUE, 1);
    return TraceFile.record(lowered, SUM, call(n), new byte[32], limits, Progress.NONE, out);
  }

  /** Records a trace of so many bytes or a little more. */
  private static Outcome trace(Path file, long bytes) throws IOException {
    // Later rounds have larger numbers, so more bytes.
    int sample = 100_000;
    try (OutputStream out = Files.newOutputStream(file)) {
      var unused = record(sample, out);
    }
    long rounds = bytes * sample / Files.size(file);
    long start = System.nanoTime();
    Outcome outcome;
    try (OutputStream out = Files.newOutputStream(file)) {
      outcome = record(rounds, out);
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    assertTrue(Files.size(file) >= bytes);
    System.out.printf(
        "TraceStreamTest: a trace of %,d bytes, %,d steps, recorded at %.0f MB/s%n",
        Files.size(file), outcome.steps(), Files.size(file) / seconds / 1e6);
    return outcome;
  }

  private void stream(long bytes, int heapMebibytes) throws Exception {
    Path file = folder.resolve("trace.zwt");
    Outcome recorded = trace(file, bytes);
    assertTrue(
        recorded.steps() * STEP > (long) heapMebibytes << 20,
        "its steps would fit into the heap, so this would show nothing");
    Path store = Files.createDirectory(folder.resolve("store"));
    Process node = start(store, heapMebibytes);
    try (BufferedReader out = node.inputReader(StandardCharsets.UTF_8)) {
      String line = String.valueOf(out.readLine());
      assertTrue(line.startsWith("port "), line);
      int port = Integer.parseInt(line.substring("port ".length()));
      try (ProverClient client = ProverClient.connect("127.0.0.1", port)) {
        check(client, file, recorded, heapMebibytes);
        System.out.printf(
            "TraceStreamTest: the node had a heap of %d MiB, and %s at the peak%n",
            heapMebibytes, peak(node));
      }
      try (Stream<Path> sealed = Files.list(store.resolve("sealed"))) {
        assertEquals(List.of(), sealed.toList(), "nothing of it stays");
      }
    } finally {
      node.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
  }

  /** Resident memory at the peak, where the system tells. */
  private static String peak(Process node) throws IOException {
    Path status = Path.of("/proc", Long.toString(node.pid()), "status");
    if (!Files.exists(status)) {
      return "an unknown size";
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024 + " MiB resident")
        .findFirst()
        .orElse("an unknown size");
  }

  private static void check(ProverClient client, Path file, Outcome recorded, int heapMebibytes)
      throws IOException {
    SubmitTraceRequest.Metadata metadata =
        SubmitTraceRequest.Metadata.newBuilder()
            .setUploadId("long")
            .setTraceSize(Files.size(file))
            .build();
    long start = System.nanoTime();
    try (InputStream broken = new Broken(Files.newInputStream(file), Files.size(file) / 2)) {
      assertThrows(IOException.class, () -> client.submitTrace(broken, metadata));
    }
    long kept = awaitKept(client);
    Job job = client.submitTrace(file, metadata);
    double upload = (System.nanoTime() - start) * 1e-9;
    Job done = client.watch(job.getJobId(), j -> {});
    double replay =
        done.getStageTimesList().stream()
            .filter(stage -> stage.getStage().equals("replay"))
            .map(StageTime::getDuration)
            .mapToDouble(time -> time.getSeconds() + time.getNanos() * 1e-9)
            .sum();
    System.out.printf(
        "TraceStreamTest: sent and sealed at %.0f MB/s, with a broken stream after %,d bytes;"
            + " read back and checked at %.0f MB/s, %.1f million steps/s%n",
        Files.size(file) / upload / 1e6,
        kept,
        Files.size(file) / replay / 1e6,
        recorded.steps() / replay / 1e6);
    assertEquals(Job.State.FAILED, done.getState());
    assertEquals(Failure.Kind.RESOURCE, done.getFailure().getKind(), done.toString());
    String message = done.getFailure().getMessage();
    assertTrue(
        message.matches(
            "proving %d steps needs at least \\d+ MiB of memory, this node has %d MiB for proofs"
                .formatted(recorded.steps(), heapMebibytes)),
        message);
    // To know them it has read the file to its end.
    assertEquals(recorded.steps(), done.getCost().getSteps());
    assertEquals(recorded.wasmSteps(), done.getCost().getWasmSteps());
  }

  /** The node hears of the end of a stream a little later. */
  private static long awaitKept(ProverClient client) {
    long kept = 0;
    for (int i = 0; i < 100 && kept == 0; i++) {
      try {
        kept = client.committedUpload("long");
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (StatusRuntimeException e) {
        // Nothing has come yet.
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    assertTrue(kept > 0, "nothing was kept of the broken stream");
    return kept;
  }

  /** A stream that breaks. */
  private static final class Broken extends FilterInputStream {
    private long left;

    Broken(InputStream in, long left) {
      super(in);
      this.left = left;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (left <= 0) {
        throw new IOException("broken");
      }
      int got = in.read(into, offset, (int) Math.min(left, length));
      left -= Math.max(0, got);
      return got;
    }
  }
}
