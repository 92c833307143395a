package dev.zkwasm.cuda;

import dev.zkwasm.compute.Availability;
import dev.zkwasm.compute.BackendException;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.ComputeBackend;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Says in one line of JSON whether this machine has a GPU that can be used, and what the program
 * brings for it; {@code device-check/check.sh} begins with it.
 */
final class DeviceProbe {
  private static final int NO_DEVICE = 3;

  private DeviceProbe() {}

  /** Ends with 0 if every device can be opened, with 3 if not or if there is none. */
  public static void main(String[] args) {
    Availability devices = devices();
    Map<String, ProgramKernel> programs = ProgramKernels.standard();
    long built =
        programs.values().stream().filter(p -> KernelImage.ofProgram(p).isPresent()).count();
    System.out.printf(
        "{\"available\": %s, \"detail\": \"%s\", \"kernelBytes\": %d,"
            + " \"programKernels\": \"%d of %d built\"}%n",
        devices.available(),
        devices.detail().replaceAll("[\"\\\\\\p{Cntrl}]", " "),
        KernelImage.load().length,
        built,
        programs.size());
    System.exit(devices.available() ? 0 : NO_DEVICE);
  }

  private static Availability devices() {
    CudaProvider provider = new CudaProvider();
    Availability availability = provider.probe();
    if (!availability.available()) {
      return availability;
    }
    try {
      List<ComputeBackend> backends = provider.openAll(BackendOptions.defaults());
      try {
        return Availability.yes(
            backends.stream().map(ComputeBackend::description).collect(Collectors.joining("; ")));
      } finally {
        backends.forEach(ComputeBackend::close);
      }
    } catch (BackendException e) {
      return Availability.no(String.valueOf(e.getMessage()));
    }
  }
}
