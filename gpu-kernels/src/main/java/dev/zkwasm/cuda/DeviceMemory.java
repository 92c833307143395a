package dev.zkwasm.cuda;

import dev.zkwasm.compute.BackendException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;

/**
 * The memory of a device, within a budget. Freed blocks are kept for the next that asks for the
 * size: the device's own allocator would wait for all running work. That is safe because work is
 * done in order: whoever gets a block writes it after the last user's work on it.
 */
final class DeviceMemory implements AutoCloseable {
  private static final long SMALLEST = 256;

  private final Device device;
  private final long budget;
  private final Map<Long, Deque<Long>> idle = new TreeMap<>();
  private long used;
  private long held;
  private boolean closed;

  /**
   * The memory of a device.
   *
   * @param budget bytes that may be in use or kept at a time
   */
  DeviceMemory(Device device, long budget) {
    this.device = device;
    this.budget = budget;
  }

  /** A piece of device memory; its contents are undefined at first. */
  final class Block implements AutoCloseable {
    private final long address;
    private final long size;
    private boolean open = true;

    private Block(long address, long size) {
      this.address = address;
      this.size = size;
    }

    /** Its address on the device. */
    long address() {
      if (!open) {
        throw new IllegalStateException("the memory is freed");
      }
      return address;
    }

    /** Bytes that it takes of the budget. */
    long size() {
      return size;
    }

    /** Gives it back; again does nothing. */
    @Override
    public void close() {
      synchronized (DeviceMemory.this) {
        if (open) {
          open = false;
          release(this);
        }
      }
    }
  }

  /**
   * Memory of at least so many bytes.
   *
   * @throws BackendException if the budget or the device does not have them
   */
  synchronized Block allocate(long bytes) {
    if (closed) {
      throw new IllegalStateException("the backend is closed");
    }
    long size = rounded(bytes);
    Deque<Long> same = idle.get(size);
    Long address = same == null ? null : same.pollFirst();
    if (address == null) {
      if (held + size > budget) {
        dropIdle();
      }
      long fresh = held + size > budget ? 0 : device.allocate(size);
      if (fresh == 0 && held > used) {
        dropIdle();
        fresh = held + size > budget ? 0 : device.allocate(size);
      }
      if (fresh == 0) {
        throw new BackendException(
            "cuda: no device memory for %d bytes: %d in use, budget %d, device has %d left"
                .formatted(size, used, budget, device.availableMemory()));
      }
      held += size;
      address = fresh;
    }
    used += size;
    return new Block(address, size);
  }

  /** Bytes of blocks that are not given back. */
  synchronized long used() {
    return used;
  }

  /** Bytes that may be in use at a time. */
  long budget() {
    return budget;
  }

  /** Bytes that could still be allocated. */
  synchronized long available() {
    return budget - used;
  }

  /** To one of eight sizes per power of two, so that a few sizes serve all. */
  static long rounded(long bytes) {
    if (bytes <= SMALLEST) {
      return SMALLEST;
    }
    long step = Math.max(SMALLEST, Long.highestOneBit(bytes) / 8);
    return (bytes + step - 1) / step * step;
  }

  private void release(Block block) {
    used -= block.size;
    if (!closed) {
      idle.computeIfAbsent(block.size, s -> new ArrayDeque<>()).addFirst(block.address);
    }
  }

  private void dropIdle() {
    idle.forEach(
        (size, addresses) -> {
          for (long address : addresses) {
            device.free(address);
            held -= size;
          }
        });
    idle.clear();
  }

  /** Frees what is idle; blocks in use go with the device. */
  @Override
  public synchronized void close() {
    if (!closed) {
      dropIdle();
      closed = true;
    }
  }
}
