package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.PrimeField;
import java.util.function.BooleanSupplier;

/**
 * The kernels that a {@link CpuBackend} uses.
 *
 * @param description for people
 * @param warmup gets the kernels compiled
 */
record Engine(
    String description, FieldOps ops, Ntt ntt, Pointwise pointwise, Msm msm, Warmup warmup) {
  /** How kernels get compiled before they are needed. */
  interface Warmup {
    /** There is nothing to do. */
    Warmup NONE =
        new Warmup() {
          @Override
          public void begin() {}

          @Override
          public void await() {}
        };

    /** Begins it in the background, unless it has begun. */
    void begin();

    /** Begins it, unless it has begun, and waits for its end or an interrupt, which stays set. */
    void await();
  }

  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  /** Begins to have the vector kernels compiled, if this machine and this JVM can run them. */
  static void beginWarmup() {
    if (hasVectorModule()) {
      VectorWarmup.INSTANCE.begin();
    }
  }

  /** Asked before anything is touched that needs the module. */
  private static boolean hasVectorModule() {
    return ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
  }

  /** The vectorised kernels where this machine and this JVM can run them, else the scalar ones. */
  static Engine best(Parallel parallel, ArrayPool pool) {
    if (!hasVectorModule()) {
      return scalar(
          parallel,
          "the JVM was started without --add-modules=" + VECTOR_MODULE + ", which is slow");
    }
    if (!VectorKernels.supported()) {
      return scalar(parallel, "vectors of " + VectorKernels.LANES + " doubles are not supported");
    }
    return vector(
        parallel, pool, VectorWarmup::ready, VectorWarmup::sumsReady, VectorWarmup.INSTANCE);
  }

  /** The scalar kernels, used for the given reason. */
  static Engine scalar(Parallel parallel, String reason) {
    return new Engine(
        "scalar kernels: " + reason,
        new ScalarFieldOps(PrimeField.FR),
        new ScalarNtt(parallel),
        new ScalarPointwise(),
        new ScalarMsm(parallel),
        Warmup.NONE);
  }

  /** The vectorised kernels, with the scalar ones for small work and until they are ready. */
  static Engine vector(
      Parallel parallel,
      ArrayPool pool,
      BooleanSupplier ready,
      BooleanSupplier sumsReady,
      Warmup warmup) {
    VectorKernels fr = new VectorKernels(PrimeField.FR);
    return new Engine(
        "vectors of " + 64 * VectorKernels.LANES + " bits",
        new VectorFieldOps(PrimeField.FR, fr, ready, sumsReady),
        new VectorNtt(parallel, fr, ready, new ScalarNtt(parallel), pool),
        new VectorPointwise(fr, ready, new ScalarPointwise()),
        new VectorMsm(parallel, new VectorKernels(PrimeField.FQ), ready, new ScalarMsm(parallel)),
        warmup);
  }
}
