package dev.zkwasm.cuda;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CancellationException;

/**
 * A device with its memory, and what all orchestration needs: shapes of grids, small transfers,
 * cancellation.
 */
final class Gpu implements AutoCloseable {
  /** Threads of a block where it does not matter. */
  static final int BLOCK = 256;

  private static final int BLOCKS_PER_MULTIPROCESSOR = 16;

  private final Device device;
  private final DeviceMemory memory;

  Gpu(Device device, long memoryBudget) {
    this.device = device;
    this.memory = new DeviceMemory(device, memoryBudget);
  }

  Device device() {
    return device;
  }

  DeviceMemory memory() {
    return memory;
  }

  /** Threads that keep the device busy. */
  int threads() {
    return device.multiprocessors() * 1024;
  }

  /** Runs a kernel whose threads stride over n elements. */
  void forEach(DeviceFunction kernel, long n, byte[]... arguments) {
    if (n > 0) {
      long grid =
          Math.min(
              (n + BLOCK - 1) / BLOCK, (long) device.multiprocessors() * BLOCKS_PER_MULTIPROCESSOR);
      device.launch(kernel, (int) grid, BLOCK, 0, arguments);
    }
  }

  /** New memory with these bytes. */
  DeviceMemory.Block upload(byte[] bytes) {
    DeviceMemory.Block block = memory.allocate(bytes.length);
    boolean done = false;
    try {
      device.upload(MemorySegment.ofArray(bytes), block.address());
      done = true;
    } finally {
      if (!done) {
        block.close();
      }
    }
    return block;
  }

  /** Waits for, and reads, an element. */
  Fr element(long address) {
    long[] limbs = new long[PrimeField.LIMBS];
    device.download(address, MemorySegment.ofArray(limbs));
    return Fr.load(limbs, 0);
  }

  /**
   * Ends an operation whose thread is interrupted; called between its steps.
   *
   * @throws CancellationException if it is
   */
  static void checkCancelled() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted");
    }
  }

  @Override
  public void close() {
    memory.close();
    device.close();
  }
}
