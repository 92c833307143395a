package dev.zkwasm.prover;

import dev.zkwasm.compute.ComputeBackend;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/** One of something on each of some devices. */
final class PerDevice<T extends PerDevice.Freed> implements AutoCloseable {
  /** Memory of a device, to be given back. */
  interface Freed extends AutoCloseable {
    @Override
    void close();
  }

  private final Map<ComputeBackend, T> made = new HashMap<>();

  /** Makes it on each device. */
  PerDevice(DeviceTeam team, Set<ComputeBackend> devices, Function<ComputeBackend, T> make) {
    boolean done = false;
    try {
      team.run(
          devices.stream()
              .map(d -> new DeviceTeam.Task<>(d, () -> keep(d, make.apply(d))))
              .toList(),
          one -> {});
      done = true;
    } finally {
      if (!done) {
        close();
      }
    }
  }

  private synchronized T keep(ComputeBackend device, T one) {
    made.put(device, one);
    return one;
  }

  /** The one on a device. */
  synchronized T on(ComputeBackend device) {
    return Objects.requireNonNull(made.get(device));
  }

  @Override
  public synchronized void close() {
    made.values().forEach(Freed::close);
  }
}
