package dev.zkwasm.cuda;

import dev.zkwasm.compute.Availability;
import dev.zkwasm.compute.BackendException;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.BackendProvider;
import dev.zkwasm.compute.ComputeBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Provides the backend on NVIDIA GPUs.
 *
 * <p>System properties: {@code zkwasm.cuda.device} has the numbers of the devices that may be used,
 * such as {@code 0,2}, all of them if not given; {@code zkwasm.cuda.memory} is how many MiB of the
 * memory of each may be used, all but a tenth of what is free if not given.
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
    return open(ordinals().getFirst());
  }

  @Override
  public List<ComputeBackend> openAll(BackendOptions options) {
    List<ComputeBackend> backends = new ArrayList<>();
    boolean done = false;
    try {
      for (int ordinal : ordinals()) {
        backends.add(open(ordinal));
      }
      done = true;
      return backends;
    } finally {
      if (!done) {
        backends.forEach(ComputeBackend::close);
      }
    }
  }

  private static ComputeBackend open(int ordinal) {
    Device device = new JcudaDevice(ordinal, KernelImage.load());
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

  /** The first of the devices that may be used. */
  static Device openDevice() {
    return new JcudaDevice(ordinals().getFirst(), KernelImage.load());
  }

  /** The devices that may be used, at least one. */
  private static List<Integer> ordinals() {
    Availability availability = CudaDriver.probe();
    if (!availability.available()) {
      throw new BackendException(availability.detail());
    }
    int count = CudaDriver.deviceCount();
    String text = System.getProperty(DEVICE);
    if (text == null) {
      return IntStream.range(0, count).boxed().toList();
    }
    List<Integer> ordinals = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      if (!part.matches("[0-9]{1,4}")
          || Integer.parseInt(part) >= count
          || ordinals.contains(Integer.parseInt(part))) {
        throw new BackendException(
            "%s must be different numbers from 0 to %d, such as 0 or 0,2, not %s"
                .formatted(DEVICE, count - 1, text));
      }
      ordinals.add(Integer.parseInt(part));
    }
    return ordinals;
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
