package dev.zkwasm.cuda;

import dev.zkwasm.compute.Availability;
import dev.zkwasm.compute.BackendException;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.BackendProvider;
import dev.zkwasm.compute.ComputeBackend;

/**
 * Provides the backend on NVIDIA GPUs.
 *
 * <p>System properties: {@code zkwasm.cuda.device} is the device's number, 0 if not given; {@code
 * zkwasm.cuda.memory} is how many MiB of its memory may be used, all but a tenth of what is free if
 * not given.
 */
public final class CudaProvider implements BackendProvider {
  /** The name it is selected by. */
  public static final String NAME = "cuda";

  private static final String DEVICE = "zkwasm.cuda.device";
  private static final String MEMORY = "zkwasm.cuda.memory";

  /** Called by the service loader. */
  public CudaProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int priority() {
    return 100;
  }

  @Override
  public Availability probe() {
    return CudaDriver.probe();
  }

  @Override
  public ComputeBackend open(BackendOptions options) {
    Device device = openDevice();
    boolean done = false;
    try {
      long available = device.availableMemory();
      long megabytes = number(MEMORY, 1, Long.MAX_VALUE >> 20, (available - available / 10) >> 20);
      ComputeBackend backend = new CudaBackend(device, megabytes << 20);
      done = true;
      return backend;
    } finally {
      if (!done) {
        device.close();
      }
    }
  }

  /** The device that the system properties choose. */
  static Device openDevice() {
    Availability availability = CudaDriver.probe();
    if (!availability.available()) {
      throw new BackendException(availability.detail());
    }
    long ordinal = number(DEVICE, 0, CudaDriver.deviceCount() - 1L, 0);
    return new JcudaDevice((int) ordinal, KernelImage.load());
  }

  private static long number(String property, long least, long most, long otherwise) {
    String text = System.getProperty(property);
    if (text == null) {
      return otherwise;
    }
    try {
      long value = Long.parseLong(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new BackendException(
        "%s must be a number from %d to %d, not %s".formatted(property, least, most, text));
  }
}
