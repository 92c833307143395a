package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.Availability;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.BackendProvider;
import dev.zkwasm.compute.ComputeBackend;

/** Provides {@link CpuBackend}. */
public final class CpuProvider implements BackendProvider {
  /** The name it is selected by. */
  public static final String NAME = "cpu";

  /** Called by the service loader. */
  public CpuProvider() {}

  /**
   * Begins, in the background, to have the vector kernels compiled, as {@link
   * ComputeBackend#warmUp} of a backend does. Returns at once. For a process that knows that it is
   * going to prove before it has opened a backend.
   */
  public static void warmUpKernels() {
    Engine.beginWarmup();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public Availability probe() {
    return Availability.yes("plain Java");
  }

  @Override
  public ComputeBackend open(BackendOptions options) {
    return new CpuBackend(options.threads());
  }
}
