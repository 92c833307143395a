package dev.zkwasm.bench.cli;

import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.ComputeBackend;

/** Opens backends by name; tests put faulty ones in their place. */
interface BackendOpener {
  /**
   * Opens one.
   *
   * @throws dev.zkwasm.compute.BackendException if it cannot be had; the message says why
   */
  ComputeBackend open(String name, BackendOptions options);
}
