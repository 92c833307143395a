package dev.zkwasm.cuda;

import dev.zkwasm.compute.ComputeBackend;

/** The backend on an emulated device, for tests of what uses backends. */
public final class EmulatedBackend {
  private EmulatedBackend() {}

  /** Opens one; the test is skipped, aloud, where there is no g++. */
  public static ComputeBackend open() {
    return new CudaBackend(new EmulatedDevice(1L << 30, false), 1L << 29);
  }
}
