package dev.zkwasm.compute.cpu;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;

/**
 * Runs each operation on vectors that {@link VectorKernels} is made of, until the methods of the
 * Vector API have profiles that say which class a vector is of. Without them the compiler does not
 * inline those methods into a kernel, and the kernel allocates its vectors for good.
 *
 * <p>Running the kernels themselves for as long would do too, but they have hundreds of operations
 * each, all of them slow until then.
 */
final class VectorProfiles {
  private static final int BATCH = 200;

  /** The quick compiler, which adds the profiling, gets to a method after some batches. */
  private static final int MIN_BATCHES = 30;

  /** On a busy machine that may take longer. */
  private static final int MAX_BATCHES = 300;

  /** What it compiles gets at least so many times as fast. */
  private static final int GAIN = 10;

  private final double[] doubles = new double[2 * VectorKernels.LANES];
  private final long[] longs = new long[2 * VectorKernels.LANES];
  private long zeros;

  /** Has profiles collected of operations on doubles. */
  void ofDoubles() {
    repeat(this::runOnDoubles);
  }

  /** Has profiles collected of operations on longs. */
  void ofLongs() {
    repeat(this::runOnLongs);
  }

  private static void repeat(Runnable operations) {
    long slowest = 0;
    for (int batch = 0; batch < MAX_BATCHES; batch++) {
      long start = System.nanoTime();
      for (int i = 0; i < BATCH; i++) {
        operations.run();
      }
      long nanos = System.nanoTime() - start;
      slowest = Math.max(slowest, nanos);
      if (batch >= MIN_BATCHES && nanos < slowest / GAIN) {
        return;
      }
    }
  }

  private void runOnDoubles() {
    DoubleVector x = DoubleVector.fromArray(VectorKernels.D, doubles, 0);
    DoubleVector y = DoubleVector.broadcast(VectorKernels.D, 1);
    x.fma(y, x.add(y))
        .sub(y)
        .add(1)
        .sub(2)
        .mul(3)
        .viewAsIntegralLanes()
        .viewAsFloatingLanes()
        .intoArray(doubles, VectorKernels.LANES);
  }

  private void runOnLongs() {
    LongVector x = LongVector.fromArray(VectorKernels.I, longs, 0);
    LongVector y = LongVector.broadcast(VectorKernels.I, 1);
    x = x.add(y).sub(y).and(3).or(4).add(5).sub(6).and(y).or(y);
    x = x.lanewise(LSHR, 1).lanewise(LSHL, 2).lanewise(ASHR, 3).lanewise(XOR, y).neg();
    x = x.rearrange(VectorKernels.SWAP1).blend(y, VectorKernels.ODD);
    VectorMask<Long> zero = x.compare(EQ, 0);
    if (zero.anyTrue()) {
      zeros |= zero.toLong();
    }
    x.intoArray(longs, VectorKernels.LANES);
  }
}
