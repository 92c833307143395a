package dev.zkwasm.bench.jmh;

import dev.zkwasm.bench.kernel.ScalarKind;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.curve.G1;
import dev.zkwasm.engine.Guest;
import dev.zkwasm.engine.LocalEngine;
import dev.zkwasm.engine.Progress;
import dev.zkwasm.engine.Run;
import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.field.Fr;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.kzg.DevelopmentSrs;
import dev.zkwasm.transcript.Keccak256;
import dev.zkwasm.transcript.Transcript;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The transcript, points on the wire, execution, and the verification of a whole proof. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ProofBenchmark {
  private static final int KIBIBYTE = 1024;

  /** What hashing and decoding work on. */
  @State(Scope.Benchmark)
  public static class Bytes {
    private final byte[] message = new byte[KIBIBYTE];
    private final byte[] point = G1.GENERATOR.mul(ScalarKind.uniform(1, 7).get(0)).toCompressed();
  }

  /** Keccak-256 of a kibibyte. */
  @Benchmark
  public byte[] keccak(Bytes bytes) {
    return Keccak256.hash(bytes.message);
  }

  /** A kibibyte into a transcript, and a challenge out of it. */
  @Benchmark
  public Fr transcript(Bytes bytes) {
    Transcript transcript = new Transcript();
    transcript.absorb("message", bytes.message);
    return transcript.challenge("challenge");
  }

  /** Decompression of a point: a square root, and all checks. */
  @Benchmark
  public G1 decompression(Bytes bytes) {
    return G1.fromCompressed(bytes.point, 0);
  }

  /** A sort of 1000 numbers. */
  @State(Scope.Benchmark)
  public static class Sorting {
    private final Guest guest;
    private final Call call =
        new Call("sort", List.of(new Value(ValueType.I32, 1000)), new byte[0], new byte[0]);
    private final LocalEngine engine;
    private final Path keys;

    /** Loads the guest. */
    public Sorting() {
      try (InputStream in =
          Objects.requireNonNull(
              ProofBenchmark.class.getResourceAsStream("/dev/zkwasm/bench/guests/sort.wasm"))) {
        keys = Files.createTempDirectory("zkprover-bench");
        BackendOptions options = BackendOptions.defaults();
        engine =
            new LocalEngine(
                DevelopmentSrs.inMemory(),
                Backends.openAll("cpu", options),
                options.threads(),
                keys);
        guest = engine.load(in.readAllBytes());
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    /** Closes the prover and removes its files. */
    @TearDown
    public void tearDown() throws IOException {
      engine.close();
      try (var files = Files.walk(keys)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** Execution without a record. */
  @Benchmark
  public Outcome execution(Sorting sorting) {
    return Executor.run(
        sorting.guest.program(),
        null,
        sorting.call,
        Limits.DEFAULT,
        dev.zkwasm.exec.Progress.NONE,
        Executor.NO_TRACE);
  }

  /** Execution with a record of every step. */
  @Benchmark
  public Run tracing(Sorting sorting) {
    return sorting.engine.execute(
        sorting.guest, sorting.call, Limits.DEFAULT.steps(), Progress.NONE);
  }

  /** A finished proof. */
  @State(Scope.Benchmark)
  public static class Proof {
    private byte[] file = new byte[0];

    /** Proves. */
    @Setup(Level.Trial)
    public void setUp(Sorting sorting) {
      Run run =
          sorting.engine.execute(
              sorting.guest, sorting.call, Limits.DEFAULT.steps(), Progress.NONE);
      file = sorting.engine.prove(sorting.engine.prepare(run), new byte[32], Progress.NONE);
    }
  }

  /** Verification with warm keys. */
  @Benchmark
  public Object verification(Sorting sorting, Proof proof) {
    return sorting.engine.verify(sorting.guest, proof.file);
  }
}
