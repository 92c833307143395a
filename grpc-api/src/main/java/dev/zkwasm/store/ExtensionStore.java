package dev.zkwasm.store;

import com.google.protobuf.ByteString;
import dev.zkwasm.proto.v1.Extension;
import java.util.Optional;

/** Keeps Extensions with their binaries. Thread-safe; each method is atomic. */
public interface ExtensionStore {

  /**
   * Adds an Extension, or returns the one that has its id.
   *
   * @throws StoreFullException if there is no room
   */
  Extension register(Extension extension);

  Optional<Extension> get(ByteString extensionId);

  /**
   * Extensions in order of registration.
   *
   * @param token from the page before; empty for the first
   * @throws IllegalArgumentException if the token is none of this store
   */
  Page<Extension> list(int size, String token);
}
