package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import dev.zkwasm.store.BlockStore;
import java.util.List;

/**
 * The blocks that a PostOp may have been processed at: the newest ones that the node was told of.
 * Without a window every block will do. Thread-safe.
 */
final class BlockWindow {
  private final BlockStore store;
  private final int size;
  private volatile List<ByteString> hashes;

  /**
   * @param size blocks in the window; 0 for none
   */
  BlockWindow(BlockStore store, int size) {
    this.store = store;
    this.size = size;
    this.hashes = read();
  }

  private List<ByteString> read() {
    return store.newest().stream().limit(size).map(BlockStore.Block::hash).toList();
  }

  /** Takes a block as the newest one. */
  synchronized List<ByteString> announce(long number, ByteString hash) {
    store.announce(new BlockStore.Block(number, hash), Math.max(size, 1));
    hashes = read();
    return hashes;
  }

  boolean holds(ByteString hash) {
    return size == 0 || hashes.contains(hash);
  }

  /** Why a block will not do. */
  String objection() {
    List<ByteString> now = hashes;
    return now.isEmpty()
        ? "is not known to be recent: this node holds PostOps to a window of "
            + size
            + " blocks and has not been told of any"
        : "is none of the last "
            + size
            + " blocks, of which the newest is "
            + Messages.hex(now.getFirst());
  }
}
