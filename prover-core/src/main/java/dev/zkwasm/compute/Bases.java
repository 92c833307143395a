package dev.zkwasm.compute;

/**
 * Fixed points of a multi-scalar multiplication, in whatever form a backend keeps them. Uploaded
 * once, used often, and by several threads at a time if need be.
 */
public interface Bases extends AutoCloseable {
  /** Number of points. */
  int size();

  /** Frees the memory; closing again does nothing. */
  @Override
  void close();
}
