package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.BackendConformanceTest;
import dev.zkwasm.compute.ComputeBackend;
import org.junit.jupiter.api.Assumptions;

/** The vector kernels from the first operation on, compiled or not. */
class VectorCpuConformanceTest extends BackendConformanceTest {
  @Override
  protected String backendName() {
    return "cpu";
  }

  @Override
  protected ComputeBackend open() {
    if (!VectorKernels.supported()) {
      String message = "vector kernels not tested: vectors of " + VectorKernels.LANES + " doubles";
      System.err.println("SKIPPED: " + message);
      Assumptions.abort(message);
    }
    return new CpuBackend(
        3,
        (parallel, pool) ->
            Engine.vector(parallel, pool, () -> true, () -> true, Engine.Warmup.NONE));
  }
}
