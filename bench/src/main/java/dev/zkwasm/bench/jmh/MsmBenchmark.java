package dev.zkwasm.bench.jmh;

import dev.zkwasm.bench.kernel.MsmWorkload;
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

/** Multi-scalar multiplications by kind of scalars. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MsmBenchmark {
  /** Base-two logarithm of the size. */
  @Param({"16", "18"})
  public int log;

  /** The kind of scalars. */
  @Param public ScalarKind scalars = ScalarKind.UNIFORM;

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
            backend,
            threads,
            b -> new MsmWorkload(b, MsmWorkload.Points.generate(1 << log), log, scalars, false));
  }

  /** What is timed. */
  @Benchmark
  public void multiply() {
    BackendState.run(state);
  }

  /** Checks the last result. */
  @TearDown
  public void tearDown() {
    BackendState.close(state);
  }
}
