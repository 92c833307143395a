package dev.zkwasm.compute;

import java.util.List;

/**
 * Finds and opens one kind of backend; discovered by {@link java.util.ServiceLoader}.
 *
 * <p>Loading and {@link #probe probing} a provider must be cheap and must not fail where the
 * hardware, a driver or a library is missing: that is what the reason in {@link Availability} is
 * for.
 */
public interface BackendProvider {
  /** The name it is selected by, lower case: {@code cpu}, {@code cuda}, {@code tornado}, ... */
  String name();

  /**
   * The order in which automatic selection tries backends, highest first; a negative one is only
   * used when asked for by name.
   */
  int priority();

  /** Whether the backend can run here, and on what, or why not. Never throws. */
  Availability probe();

  /**
   * Opens the backend.
   *
   * @throws BackendException if it cannot be opened after all
   */
  ComputeBackend open(BackendOptions options);

  /**
   * Opens every device that may be used, a backend each, for those who can spread work over
   * several.
   *
   * @return at least one; the first is the one that {@link #open} opens
   * @throws BackendException if one of them cannot be opened; then none is
   */
  default List<ComputeBackend> openAll(BackendOptions options) {
    return List.of(open(options));
  }
}
