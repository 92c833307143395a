package dev.zkwasm.bench.jmh;

import dev.zkwasm.bench.kernel.MultiplicationWorkload;
import dev.zkwasm.bench.kernel.ScalarKind;
import dev.zkwasm.compute.cpu.VectorArithmetic;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Nanoseconds of single field operations on independent operands in the cache, one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FieldBenchmark {
  private static final int SIZE = 1 << MultiplicationWorkload.LOG;
  private static final PrimeField FR = PrimeField.FR;

  private final FrVector a = ScalarKind.uniform(SIZE, 1);
  private final FrVector b = ScalarKind.uniform(SIZE, 2);
  private final FrVector c = new FrVector(SIZE);
  private final VectorArithmetic vectors = new VectorArithmetic();
  private final int groups = SIZE / VectorArithmetic.lanes();
  private final double[] x = new double[groups * VectorArithmetic.groupSize()];
  private final double[] y = new double[x.length];
  private final double[] z = new double[x.length];

  /** Loads the operands. */
  @Setup
  public void setUp() {
    vectors.load(a, 0, x, 0, groups);
    vectors.load(b, 0, y, 0, groups);
  }

  /** The vector multiplication, in its own layout. */
  @Benchmark
  @OperationsPerInvocation(SIZE)
  public double[] vectorMultiplication() {
    vectors.mul(x, 0, y, 0, z, 0, groups);
    return z;
  }

  /** The vector addition, in its own layout, centring included. */
  @Benchmark
  @OperationsPerInvocation(SIZE)
  public double[] vectorAddition() {
    vectors.add(x, 0, y, 0, z, 0, groups);
    return z;
  }

  /** The scalar multiplication. */
  @Benchmark
  @OperationsPerInvocation(SIZE)
  public FrVector scalarMultiplication() {
    for (int i = 0; i < 4 * SIZE; i += 4) {
      FR.mul(a.limbs(), i, b.limbs(), i, c.limbs(), i);
    }
    return c;
  }

  /** The scalar inversion of one element. */
  @Benchmark
  public FrVector scalarInversion() {
    FR.inverse(a.limbs(), 0, c.limbs(), 0);
    return c;
  }
}
