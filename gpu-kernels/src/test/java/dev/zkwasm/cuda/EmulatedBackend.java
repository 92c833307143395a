package dev.zkwasm.cuda;

import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.PointwiseProgram;
import java.util.Collection;
import java.util.List;

/** Backends on emulated devices, for tests of what uses backends. */
public final class EmulatedBackend {
  private final InterruptedDevice device;
  private final EmulatedDevice emulated;
  private final CudaBackend backend;

  /**
   * A device; the test is skipped, aloud, where there is no g++.
   *
   * @param programs programs that it has kernels for
   */
  public EmulatedBackend(Collection<PointwiseProgram> programs) {
    List<ProgramKernel> kernels = programs.stream().map(ProgramKernel::of).toList();
    this.emulated = new EmulatedDevice(1L << 30, EmulatedDevice.Order.SHUFFLED, kernels);
    this.device = new InterruptedDevice(emulated);
    this.backend = new CudaBackend(device, 1L << 29);
  }

  /** Opens one that interprets programs. */
  public static ComputeBackend open() {
    return new EmulatedBackend(List.of()).backend();
  }

  /** The backend, which closes the device. */
  public ComputeBackend backend() {
    return backend;
  }

  /** Bytes of device memory in use by buffers and bases. */
  public long usedMemory() {
    return backend.usedMemory();
  }

  /** How often the kernel of a program was launched. */
  public long launches(PointwiseProgram program) {
    return emulated.launches(ProgramKernel.of(program));
  }

  /** How often the interpreter was launched. */
  public long interpretations() {
    return emulated.launches(Kernel.FR_PROGRAM);
  }

  /** Something that happens before call {@code at} of the device from now on; 0 for never. */
  public void expect(long at, Runnable event) {
    device.expect(at, event);
  }

  /** Calls of the device since then. */
  public long calls() {
    return device.calls();
  }
}
