package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.BackendConformanceTest;

class CpuConformanceTest extends BackendConformanceTest {
  @Override
  protected String backendName() {
    return "cpu";
  }
}
