package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.BackendConformanceTest;
import dev.zkwasm.compute.ComputeBackend;

/** The scalar kernels, which also run where there are no suitable vectors. */
class ScalarCpuConformanceTest extends BackendConformanceTest {
  @Override
  protected String backendName() {
    return "cpu";
  }

  @Override
  protected ComputeBackend open() {
    return new CpuBackend(2, (parallel, pool) -> Engine.scalar(parallel, "this is a test"));
  }

  @Override
  protected int maxPoints() {
    return 1025;
  }

  @Override
  protected int maxLogSize() {
    return 11;
  }
}
