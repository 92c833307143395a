package dev.zkwasm.compute;

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
}
