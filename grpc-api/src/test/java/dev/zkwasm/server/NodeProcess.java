package dev.zkwasm.server;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.zkwasm.cli.Logs;
import dev.zkwasm.client.ProverClient;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.FakeEngine;
import dev.zkwasm.engine.LocalEngine;
import dev.zkwasm.kzg.SrsStore;
import dev.zkwasm.signing.NodeKey;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A node in a process of its own, around the prover or a stand-in for it: something to kill and to
 * measure. It ends when this process does.
 */
final class NodeProcess implements AutoCloseable {
  static final Limits LIMITS =
      new Limits(
          64 << 10, 1 << 20, 64 << 20, 1 << 20, 4 << 20, 1_000_000, 10_000, 10_000, 64 << 20,
          1 << 30, 1 << 30, 1 << 30);

  /**
   * {@code (module (func (export "run")))}: for the prover, which the smallest proof keeps busy.
   */
  private static final byte[] NOTHING =
      HexFormat.of().parseHex("0061736d01000000010401600000030201000707010372756e00000a040102000b");

  private final Process process;
  private final BufferedReader out;
  private final int port;
  private final Setup setup;
  private final ProverClient client;

  private NodeProcess(Process process, BufferedReader out, int port, Setup setup) {
    this.process = process;
    this.out = out;
    this.port = port;
    this.setup = setup;
    this.client = ProverClient.connect("127.0.0.1", port);
  }

  /**
   * What a node is to be.
   *
   * @param proves whether it has the prover, not the stand-in
   * @param provingMillis what a proof takes the stand-in
   * @param queue jobs that may wait
   * @param heapMib its heap, from the start on, so that what grows of the process is not heap
   * @param keys where the prover keeps its keys and the reference string
   */
  record Setup(boolean proves, int provingMillis, int queue, int heapMib, Path keys) {

    /** A stand-in for the prover, and a queue that nobody fills. */
    static Setup fake(int provingMillis) {
      return new Setup(false, provingMillis, LIMITS.queuedJobs(), 256, Path.of(""));
    }

    /** A module that it proves at its export {@code run}. */
    byte[] module() {
      return proves ? NOTHING.clone() : FakeEngine.module("run");
    }
  }

  /**
   * What a process holds.
   *
   * @param heap bytes that a collection leaves
   * @param resident bytes of the whole process
   * @param threads of the operating system
   * @param virtualThreads threads of Java only
   * @param descriptors open files and sockets
   */
  record Footprint(long heap, long resident, int threads, int virtualThreads, long descriptors) {
    @Override
    public String toString() {
      return "heap %.1f MiB, resident %.1f MiB, %d threads, %d virtual threads, %d descriptors"
          .formatted(heap / 0x1p20, resident / 0x1p20, threads, virtualThreads, descriptors);
    }
  }

  /** Arguments: the folder of the store, and then the fields of {@link Setup}. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Logs.set("warn", "text");
    Setup setup =
        new Setup(
            Boolean.parseBoolean(args[1]),
            Integer.parseInt(args[2]),
            Integer.parseInt(args[3]),
            Integer.parseInt(args[4]),
            Path.of(args[5]));
    byte[] secret = new byte[NodeKey.SECRET_BYTES];
    secret[0] = 1;
    ServerConfig config =
        new ServerConfig(
            "127.0.0.1",
            0,
            false,
            new Access(null, null, 1e6, Integer.MAX_VALUE),
            "node",
            setup.proves ? 1 : 2,
            LIMITS.withJobs(LIMITS.steps(), setup.queue, setup.queue),
            Fees.NONE,
            0,
            -1,
            Duration.ofSeconds(2));
    ProverServer server =
        ProverServer.start(engine(setup), config, Path.of(args[0]), NodeKey.of(secret), "0.0");
    System.out.println("port " + server.port());
    obey(server);
  }

  private static Engine engine(Setup setup) {
    if (!setup.proves) {
      FakeEngine engine = new FakeEngine();
      engine.provingMillis = setup.provingMillis;
      return engine;
    }
    BackendOptions options = BackendOptions.defaults();
    return new LocalEngine(
        new SrsStore(setup.keys.resolve("srs")).development(),
        Backends.openAll("cpu", options),
        options.threads(),
        setup.keys);
  }

  /** Does what the lines on standard input say, until they end. */
  private static void obey(ProverServer server) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals("stop")) {
        server.close();
        System.exit(0);
      }
      Footprint now = footprint();
      System.out.printf(
          "footprint %d %d %d %d %d%n",
          now.heap, now.resident, now.threads, now.virtualThreads, now.descriptors);
    }
    // Who started this has gone.
    Runtime.getRuntime().halt(1);
  }

  private static Footprint footprint() throws IOException {
    long heap = Long.MAX_VALUE;
    for (long now = collected(); now < heap - (64 << 10); now = collected()) {
      heap = now;
    }
    Path status = Path.of("/proc/self/status");
    long resident = 0;
    if (Files.exists(status)) {
      String line =
          Files.readAllLines(status).stream()
              .filter(each -> each.startsWith("VmRSS:"))
              .findFirst()
              .orElseThrow();
      resident = Long.parseLong(line.replaceAll("\\D", "")) << 10;
    }
    UnixOperatingSystemMXBean system =
        (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new Footprint(
        heap,
        resident,
        ManagementFactory.getThreadMXBean().getThreadCount(),
        virtualThreads(),
        system.getOpenFileDescriptorCount());
  }

  private static long collected() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static int virtualThreads() throws IOException {
    Path file = Files.createTempFile("threads", ".txt");
    Files.delete(file);
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(file.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
      try (Stream<String> lines = Files.lines(file)) {
        return (int) lines.filter(line -> line.matches("#\\d+ .* virtual.*")).count();
      }
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** Starts one with a stand-in for the prover. */
  static NodeProcess start(Path folder, int provingMillis) throws IOException {
    return start(folder, Setup.fake(provingMillis));
  }

  /** Starts one and waits until it listens. */
  static NodeProcess start(Path folder, Setup setup) throws IOException {
    Path temporary = temporary(folder);
    Files.createDirectories(temporary);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-Xshare:auto",
            "-Xms" + setup.heapMib + "m",
            "-Xmx" + setup.heapMib + "m",
            "-Djava.io.tmpdir=" + temporary));
    // The stand-in is for tests that start many: what compiles quickly is quick enough there.
    command.addAll(
        setup.proves
            ? List.of()
            : List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:+AlwaysPreTouch"));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            NodeProcess.class.getName(),
            folder.toString(),
            Boolean.toString(setup.proves),
            Integer.toString(setup.provingMillis),
            Integer.toString(setup.queue),
            Integer.toString(setup.heapMib),
            setup.keys.toString()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    if (line == null || !line.startsWith("port ")) {
      process.destroyForcibly();
      throw new IOException("the node did not start: " + line);
    }
    int port = Integer.parseInt(line.substring("port ".length()));
    return new NodeProcess(process, out, port, setup);
  }

  /** Where nodes of a folder put temporary files. */
  static Path temporary(Path folder) {
    return folder.resolveSibling(folder.getFileName() + "-tmp");
  }

  ProverClient client() {
    return client;
  }

  Setup setup() {
    return setup;
  }

  int port() {
    return port;
  }

  /** For a connection of its own, without encryption. */
  NettyChannelBuilder channel() {
    return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext();
  }

  /** What the process holds now, after a collection. */
  Footprint measure() throws IOException {
    tell("measure");
    String line = out.readLine();
    if (line == null) {
      throw new IOException("the node has died");
    }
    String[] fields = line.split(" ");
    return new Footprint(
        Long.parseLong(fields[1]),
        Long.parseLong(fields[2]),
        Integer.parseInt(fields[3]),
        Integer.parseInt(fields[4]),
        Long.parseLong(fields[5]));
  }

  private void tell(String command) throws IOException {
    var in = process.outputWriter(StandardCharsets.UTF_8);
    in.write(command + "\n");
    in.flush();
  }

  /**
   * Stops it as an operator does.
   *
   * @return its exit code
   */
  int stop() throws IOException, InterruptedException {
    tell("stop");
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new IOException("the node does not stop");
    }
    return process.exitValue();
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
