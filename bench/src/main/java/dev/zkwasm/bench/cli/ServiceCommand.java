package dev.zkwasm.bench.cli;

import com.google.protobuf.ByteString;
import com.sun.management.OperatingSystemMXBean;
import dev.zkwasm.bench.kernel.Check;
import dev.zkwasm.bench.kernel.Timing;
import dev.zkwasm.bench.report.Result;
import dev.zkwasm.cli.Bytes;
import dev.zkwasm.cli.CliException;
import dev.zkwasm.cli.EngineOptions;
import dev.zkwasm.cli.Environment;
import dev.zkwasm.cli.ProgressBar;
import dev.zkwasm.client.ProverClient;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.Guest;
import dev.zkwasm.engine.Prepared;
import dev.zkwasm.engine.Progress;
import dev.zkwasm.engine.Run;
import dev.zkwasm.engine.StatedProof;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.isa.Call;
import dev.zkwasm.proto.v1.Extension;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.RegisterExtensionRequest;
import dev.zkwasm.proto.v1.SubmitOperationRequest;
import dev.zkwasm.server.ProverServer;
import dev.zkwasm.server.ServerConfig;
import dev.zkwasm.signing.NodeKey;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zkprover bench service}. */
@Command(
    name = "service",
    description = {
      "What the service adds to a proof: the same Operation proven bare (executed, proven,"
          + " verified) and by a node over a socket of this machine (submitted, watched to its"
          + " end), in turn, in one process.",
      "The overhead is given in elapsed time and in processor time, which other programs on the"
          + " machine disturb less. The client's share counts as the service's."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  zkprover bench service",
      "  zkprover bench service guest.wasm --input FILE --iterations 5 --json",
    })
final class ServiceCommand extends Measurement {
  /** Statistics of secret readings, with floating-point numbers. */
  private static final String BUILT_IN = "/dev/zkwasm/guests/statistics.wasm";

  private static final int MAX_MODULE = 16 << 20;
  private static final int MAX_INPUT = 4 << 20;
  private static final int MAX_READINGS = 100_000;

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE.wasm",
      description =
          "an Extension, called at _start or run (default: a built-in one that does statistics of"
              + " --readings N secret numbers)")
  private @Nullable Path module;

  @Option(names = "--input", paramLabel = "FILE", description = "public input bytes")
  private @Nullable Path input;

  @Option(names = "--private", paramLabel = "FILE", description = "private input bytes")
  private @Nullable Path secret;

  @Option(
      names = "--readings",
      paramLabel = "N",
      description = "size of the built-in example (default: ${DEFAULT-VALUE})")
  private int readings = 300;

  @Mixin private final EngineOptions engineOptions = new EngineOptions();

  @Mixin private final Repeats repeats = new Repeats(1, 3);

  ServiceCommand(Environment environment) {
    super(environment);
  }

  @Override
  void check() {
    repeats.check();
    if (readings < 1 || readings > MAX_READINGS) {
      throw CliException.badInput(
          "--readings takes 1 to %d, not %d".formatted(MAX_READINGS, readings));
    }
    if (module == null && (input != null || secret != null)) {
      throw CliException.badInput("--input and --private go with a FILE.wasm");
    }
  }

  /** The Extension and its inputs. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Work(String name, byte[] wasm, byte[] input, byte[] secret) {}

  private Work work() throws IOException {
    Path file = module;
    if (file != null) {
      return new Work(
          String.valueOf(file.getFileName()),
          Bytes.read(file, MAX_MODULE),
          read(input),
          read(secret));
    }
    try (InputStream in =
        Objects.requireNonNull(ServiceCommand.class.getResourceAsStream(BUILT_IN))) {
      String numbers =
          IntStream.range(0, readings)
              .mapToObj(i -> Integer.toString((i * 7919 + 13) % 1000))
              .collect(Collectors.joining(" "));
      return new Work(
          "statistics.wasm, %d readings".formatted(readings),
          in.readAllBytes(),
          "mm".getBytes(StandardCharsets.UTF_8),
          numbers.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static byte[] read(@Nullable Path file) {
    return file == null ? new byte[0] : Bytes.read(file, MAX_INPUT);
  }

  /** What one proof took. */
  private record Cost(double seconds, double processorSeconds) {}

  @Override
  Figures measure() throws Exception {
    Work work = work();
    Engine engine = environment.engines().open(engineOptions, common.home(environment));
    Path folder = Files.createTempDirectory("zkprover-bench");
    try (ProverServer server =
            ProverServer.start(
                engine, ServerConfig.local(0), folder, NodeKey.generate(), "benchmark");
        ProverClient client = ProverClient.connect(ServerConfig.DEFAULT_HOST, server.port())) {
      return compare(engine, client, work);
    } finally {
      if (engine instanceof AutoCloseable closeable) {
        closeable.close();
      }
      delete(folder);
    }
  }

  private Figures compare(Engine engine, ProverClient client, Work work) {
    Extension extension =
        client.register(work.wasm(), RegisterExtensionRequest.Metadata.getDefaultInstance());
    Guest guest = engine.load(work.wasm());
    engine.programDigest(guest);
    List<Cost> bare = new ArrayList<>();
    List<Cost> served = new ArrayList<>();
    long wasmSteps = 0;
    try (ProgressBar progress = new ProgressBar(environment, common.quiet, "bench")) {
      int all = repeats.warmup + repeats.iterations;
      for (int i = 0; i < all; i++) {
        String stage = i < repeats.warmup ? "warming up" : "proving";
        progress.report(stage, (double) i / all);
        long[] steps = new long[1];
        Cost alone =
            timed(() -> steps[0] = proveBare(engine, guest, extension.getEntryExport(), work));
        progress.report(stage, (i + 0.5) / all);
        int number = i;
        Cost asked = timed(() -> prove(client, extension, work, number));
        if (i >= repeats.warmup) {
          bare.add(alone);
          served.add(asked);
          wasmSteps = steps[0];
        }
      }
    }
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("processorSeconds", processorSeconds(bare));
    Map<String, Object> overhead = new LinkedHashMap<>();
    overhead.put("processorSeconds", processorSeconds(served));
    overhead.put("overheadPercent", percent(seconds(bare).median(), seconds(served).median()));
    overhead.put(
        "processorOverheadPercent", percent(processorSeconds(bare), processorSeconds(served)));
    return new Figures(
        "",
        List.of(
            result("prove", engine, work, wasmSteps, bare, more),
            result("service", engine, work, wasmSteps, served, overhead)));
  }

  private Result result(
      String kernel,
      Engine engine,
      Work work,
      long wasmSteps,
      List<Cost> costs,
      Map<String, Object> more) {
    return Result.ofRun(
        kernel,
        wasmSteps,
        work.name(),
        engine.backend().replaceFirst(" .*", ""),
        engine.backend(),
        engineOptions.threads == null ? BackendOptions.defaults().threads() : engineOptions.threads,
        seconds(costs),
        wasmSteps,
        "WASM steps",
        more,
        Map.of());
  }

  private static Timing seconds(List<Cost> costs) {
    // Every proof was verified, and a run that failed ended the command.
    return new Timing(costs.stream().mapToDouble(Cost::seconds).toArray(), Check.RIGHT);
  }

  private static double processorSeconds(List<Cost> costs) {
    return new Timing(costs.stream().mapToDouble(Cost::processorSeconds).toArray(), Check.RIGHT)
        .median();
  }

  private static double percent(double bare, double served) {
    return 100 * (served / bare - 1);
  }

  private static Cost timed(Runnable work) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    // What the one before has left to collect is not this one's.
    System.gc();
    long processor = system.getProcessCpuTime();
    long start = System.nanoTime();
    work.run();
    double seconds = (System.nanoTime() - start) * 1e-9;
    return new Cost(seconds, (system.getProcessCpuTime() - processor) * 1e-9);
  }

  /** As {@code zkprover prove} does it; returns the executed WebAssembly instructions. */
  private static long proveBare(Engine engine, Guest guest, String entry, Work work) {
    Call call = new Call(entry, List.of(), work.input(), work.secret());
    Run run = engine.execute(guest, call, Limits.DEFAULT.steps(), Progress.NONE);
    Prepared prepared = engine.prepare(run);
    byte[] proof = engine.prove(prepared, new byte[32], Progress.NONE);
    StatedProof stated = engine.verify(guest, proof);
    if (!Arrays.equals(stated.statement().output(), run.trace().output())) {
      throw new IllegalStateException("the proof states another output than the run has");
    }
    return run.wasmSteps();
  }

  private static void prove(ProverClient client, Extension extension, Work work, int number) {
    // Each at a block of its own: the same submission would be the same job.
    byte[] block = ByteBuffer.allocate(32).putInt(number).array();
    Operation operation =
        Operation.newBuilder()
            .setChainId(1)
            .setExtensionId(extension.getExtensionId())
            .setTo(ByteString.copyFrom(new byte[20]))
            .setGas(Limits.DEFAULT.steps())
            .setData(ByteString.copyFrom(work.input()))
            .setBlockHash(ByteString.copyFrom(new byte[32]))
            .build();
    Job job =
        client.submit(
            SubmitOperationRequest.newBuilder()
                .setOperation(operation)
                .setProcessedBlockHash(ByteString.copyFrom(block))
                .setFeeRecipient(ByteString.copyFrom(new byte[20]))
                .setPrivateInput(ByteString.copyFrom(work.secret()))
                .build());
    Job done = client.watch(job.getJobId(), watched -> {});
    if (done.getState() != Job.State.SUCCEEDED) {
      throw new EngineException(
          EngineException.Kind.RESOURCE,
          "the job ended as %s: %s".formatted(done.getState(), done.getFailure().getMessage()));
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
