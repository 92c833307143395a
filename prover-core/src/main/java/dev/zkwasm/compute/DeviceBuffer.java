package dev.zkwasm.compute;

/**
 * A vector of field elements that lives in a backend's memory.
 *
 * <p>Only the backend that made a buffer can read or write it. It is owned by whoever asked for it,
 * and is used by one operation at a time. Closing frees the memory; using a closed buffer throws
 * {@link IllegalStateException}.
 */
public interface DeviceBuffer extends AutoCloseable {
  /** Number of field elements. */
  int size();

  /** Frees the memory; closing again does nothing. */
  @Override
  void close();
}
