package dev.zkwasm.store;

import com.google.protobuf.ByteString;
import dev.zkwasm.proto.v1.Extension;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Extensions in memory, lost when the process ends. */
public final class MemoryExtensionStore implements ExtensionStore {
  private final long maxBytes;
  private final TreeMap<Long, Extension> bySequence = new TreeMap<>();
  private final Map<ByteString, Extension> byId = new HashMap<>();
  private long bytes;
  private long sequence;

  /**
   * @param maxBytes room for all Extensions together, in encoded bytes
   */
  public MemoryExtensionStore(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  public synchronized Extension register(Extension extension) {
    Extension present = byId.get(extension.getExtensionId());
    if (present != null) {
      return present;
    }
    int size = extension.getSerializedSize();
    if (bytes + size > maxBytes) {
      throw new StoreFullException(
          "no room for an Extension of %d bytes: %d of %d are taken"
              .formatted(size, bytes, maxBytes));
    }
    bytes += size;
    byId.put(extension.getExtensionId(), extension);
    bySequence.put(++sequence, extension);
    return extension;
  }

  @Override
  public synchronized Optional<Extension> get(ByteString extensionId) {
    return Optional.ofNullable(byId.get(extensionId));
  }

  @Override
  public synchronized Page<Extension> list(int size, String token) {
    return Sequence.page(bySequence, extension -> true, size, token);
  }
}
