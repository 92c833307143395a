package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.BackendConformanceTest;

/** The backend as users get it, which changes its kernels while it runs. */
class CpuConformanceTest extends BackendConformanceTest {
  @Override
  protected String backendName() {
    return "cpu";
  }

  @Override
  protected int maxPoints() {
    return 1025;
  }
}
