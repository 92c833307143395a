package dev.zkwasm.cuda;

import dev.zkwasm.compute.Availability;
import dev.zkwasm.compute.BackendConformanceTest;
import dev.zkwasm.compute.ComputeBackend;

/** The orchestration and every kernel, on the emulated grid. */
class EmulatedConformanceTest extends BackendConformanceTest {
  @Override
  protected String backendName() {
    return CudaProvider.NAME;
  }

  @Override
  protected Availability availability() {
    HostLibrary.get();
    return Availability.yes("emulated");
  }

  @Override
  protected ComputeBackend open() {
    return EmulatedBackend.open();
  }

  @Override
  protected int maxPoints() {
    return 257;
  }

  @Override
  protected int maxLogSize() {
    return 11;
  }
}
