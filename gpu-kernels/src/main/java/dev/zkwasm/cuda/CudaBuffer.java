package dev.zkwasm.cuda;

import dev.zkwasm.compute.DeviceBuffer;

/** Field elements in device memory, 32 bytes each, canonical, in Montgomery form. */
final class CudaBuffer implements DeviceBuffer {
  private final CudaBackend owner;
  private final int size;
  private final DeviceMemory.Block block;
  private boolean open = true;

  CudaBuffer(CudaBackend owner, int size, DeviceMemory.Block block) {
    this.owner = owner;
    this.size = size;
    this.block = block;
  }

  CudaBackend owner() {
    return owner;
  }

  @Override
  public int size() {
    return size;
  }

  long address() {
    if (!open) {
      throw new IllegalStateException("the buffer is closed");
    }
    return block.address();
  }

  @Override
  public void close() {
    open = false;
    block.close();
  }
}
