package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import java.time.Duration;

/**
 * The vector kernels of the scalar field without a backend around them: for benchmarks of the
 * kernels, and for experiments whose data stays in the kernels' own layout. Provers go through
 * {@link dev.zkwasm.compute.ComputeBackend}.
 *
 * <p>A block is an array of doubles in groups of {@link #lanes()} elements, {@link #groupSize()}
 * doubles each; offsets and counts are in groups. What values may be added and multiplied is said
 * at {@link VectorKernels}: sums and differences of two results of {@link #mul}, {@link #add} or
 * {@link #sub} are always small enough, and so are products of any of these. All work is done on
 * the calling thread.
 */
public final class VectorArithmetic {
  private static final Fr HALF = Fr.of(2).inverse();

  private final VectorKernels kernels = new VectorKernels(PrimeField.FR);
  private final double[] scratch = new double[VectorKernels.GROUP];

  /**
   * Kernels that are compiled, waiting for that if need be.
   *
   * @throws IllegalStateException if this JVM or machine cannot run them, or they do not get
   *     compiled within two minutes
   */
  public VectorArithmetic() {
    if (!available()) {
      throw new IllegalStateException("this JVM or machine has no vectors for the kernels");
    }
    if (!await(Duration.ofMinutes(2))) {
      throw new IllegalStateException("the vector kernels did not get compiled in two minutes");
    }
  }

  /** Whether this JVM and machine can run the kernels. */
  public static boolean available() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
        && VectorKernels.supported();
  }

  /**
   * Waits until the vector kernels are compiled, which backends do in the background while they
   * compute with the scalar ones.
   *
   * @return whether they are
   */
  public static boolean await(Duration atMost) {
    long end = System.nanoTime() + atMost.toNanos();
    while (!VectorWarmup.ready()) {
      if (System.nanoTime() - end > 0) {
        return false;
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  /** Elements of a group. */
  public static int lanes() {
    return VectorKernels.LANES;
  }

  /** Doubles of a group. */
  public static int groupSize() {
    return VectorKernels.GROUP;
  }

  /** Loads elements from {@code from} on. */
  public void load(FrVector values, int from, double[] d, int to, int groups) {
    kernels.unpackHalved(values.limbs(), from, d, to, groups);
  }

  /** Stores elements from {@code to} on. */
  public void store(double[] s, int at, FrVector values, int to, int groups) {
    for (int g = 0; g < groups; g++) {
      // Doubles what loading has halved.
      kernels.add(s, at + g, s, at + g, scratch, 0, 1);
      kernels.pack(
          scratch,
          0,
          null,
          0,
          values.limbs(),
          to + g * VectorKernels.LANES,
          VectorKernels.LANES,
          1);
    }
  }

  /** A group of equal elements. */
  public void fill(Fr value, double[] d, int to) {
    long[] packed = new long[PrimeField.LIMBS];
    value.mul(HALF).store(packed, 0);
    kernels.fillCentred(packed, 0, d, to);
  }

  /** {@code d = a b}. */
  public void mul(double[] a, int ao, double[] b, int bo, double[] d, int to, int groups) {
    kernels.mul(a, ao, b, bo, d, to, groups);
  }

  /** {@code d = a b} with the one group b. */
  public void scale(double[] a, int ao, double[] b, int bo, double[] d, int to, int groups) {
    for (int g = 0; g < groups; g++) {
      kernels.mul(a, ao + g, b, bo, d, to + g, 1);
    }
  }

  /** {@code d = a + b}. */
  public void add(double[] a, int ao, double[] b, int bo, double[] d, int to, int groups) {
    kernels.add(a, ao, b, bo, d, to, groups);
  }

  /** {@code d = a - b}. */
  public void sub(double[] a, int ao, double[] b, int bo, double[] d, int to, int groups) {
    kernels.sub(a, ao, b, bo, d, to, groups);
  }
}
