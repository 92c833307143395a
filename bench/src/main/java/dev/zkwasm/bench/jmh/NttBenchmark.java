package dev.zkwasm.bench.jmh;

import dev.zkwasm.bench.kernel.NttWorkload;
import dev.zkwasm.bench.kernel.NttWorkload.Direction;
import dev.zkwasm.bench.kernel.ScalarKind;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Transforms of whole columns. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class NttBenchmark {
  /** Base-two logarithm of the size. */
  @Param({"16", "20"})
  public int log;

  /** Which transform. */
  @Param public Direction direction = Direction.NTT;

  /** Name of the backend. */
  @Param("cpu")
  public String backend = "";

  /** Host threads. */
  @Param("2")
  public int threads;

  private @Nullable BackendState state;

  /** Prepares the work. */
  @Setup
  public void setUp() {
    state =
        new BackendState(
            backend, threads, b -> new NttWorkload(b, log, direction, ScalarKind.UNIFORM, false));
  }

  /** What is timed. */
  @Benchmark
  public void transform() {
    BackendState.run(state);
  }

  /** Checks the last result. */
  @TearDown
  public void tearDown() {
    BackendState.close(state);
  }
}
