package dev.zkwasm.store;

import org.jspecify.annotations.Nullable;

/** The store does not work: a fault of this node or its disk, not of who asked. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreException(String message) {
    super(message);
  }

  public StoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
