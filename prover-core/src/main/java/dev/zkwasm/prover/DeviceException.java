package dev.zkwasm.prover;

import dev.zkwasm.compute.BackendException;
import dev.zkwasm.compute.ComputeBackend;

/** A failure of one of the devices that share a proof. */
final class DeviceException extends BackendException {
  private static final long serialVersionUID = 1L;

  private final transient ComputeBackend device;

  DeviceException(ComputeBackend device, BackendException cause) {
    super(String.valueOf(cause.getMessage()), cause);
    this.device = device;
  }

  /** The device that failed. */
  ComputeBackend device() {
    return device;
  }
}
