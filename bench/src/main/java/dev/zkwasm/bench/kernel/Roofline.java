package dev.zkwasm.bench.kernel;

import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.cpu.CpuProvider;
import dev.zkwasm.compute.cpu.VectorArithmetic;
import java.time.Duration;
import java.util.OptionalDouble;

/**
 * The ceiling that kernels are held against: as if a device did nothing but field multiplications,
 * at the rate measured on it.
 *
 * @param multiplicationsPerSecond of all threads together
 * @param model what was measured, in words
 */
public record Roofline(double multiplicationsPerSecond, String model) {
  private static final int REPETITIONS = 9;

  /**
   * Measures it, in about a second.
   *
   * <p>On the CPU that is the bare multiplication on one thread, taken times the threads (or the
   * processors, if there are fewer). Another device is asked; if it does not know, it is a program
   * of {@link FieldWorkload#CHAIN} multiplications per element, which is as near to bare as the
   * interface gets.
   *
   * @throws IllegalStateException if a multiplication comes out wrong
   */
  public static Roofline measure(ComputeBackend backend, int threads) {
    if (backend.name().equals(CpuProvider.NAME)) {
      boolean vectors = VectorArithmetic.available();
      int used = Math.min(threads, Runtime.getRuntime().availableProcessors());
      double rate =
          rate(
              vectors ? MultiplicationWorkload.vector() : MultiplicationWorkload.scalar(),
              Math.scalb(1.0, MultiplicationWorkload.LOG));
      return new Roofline(
          rate * used,
          "bare %s multiplication on one thread (%.2f ns) times %d"
              .formatted(vectors ? "vector" : "scalar", 1e9 / rate, used));
    }
    OptionalDouble told = backend.multiplicationRate();
    if (told.isPresent()) {
      return new Roofline(told.getAsDouble(), "bare multiplication on the device");
    }
    int log = 18;
    try (FieldWorkload work =
        new FieldWorkload(
            backend, log, FieldWorkload.Operation.PROGRAM, ScalarKind.UNIFORM, false)) {
      double rate = rate(work, FieldWorkload.multiplications(log, FieldWorkload.Operation.PROGRAM));
      return new Roofline(
          rate,
          "a pointwise program of %d multiplications per element, 2^%d elements"
              .formatted(FieldWorkload.CHAIN, log));
    }
  }

  /** Until the vector kernels are compiled, the CPU computes with others. */
  public static void settle() {
    if (VectorArithmetic.available()) {
      VectorArithmetic.await(Duration.ofMinutes(2));
    }
  }

  /** The best of some runs: a ceiling is no place for averages. */
  private static double rate(Workload work, double multiplications) {
    Timing timing = Timing.of(work, 3, REPETITIONS, i -> {});
    if (timing.check() != Check.RIGHT) {
      throw new IllegalStateException("field multiplications come out wrong on this device");
    }
    return multiplications / timing.min();
  }
}
