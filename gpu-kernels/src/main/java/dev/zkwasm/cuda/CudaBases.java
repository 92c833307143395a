package dev.zkwasm.cuda;

import dev.zkwasm.compute.Bases;
import java.util.List;

/**
 * Points in device memory, affine, with multiples of them: level l holds {@code 2^(l levelBits)}
 * times each point.
 */
final class CudaBases implements Bases {
  private final CudaBackend owner;
  private final int size;
  private final MsmPlan fullPlan;
  private final List<DeviceMemory.Block> blocks;
  private boolean open = true;

  /**
   * Points on the device.
   *
   * @param fullPlan how full scalars are cut: what the levels were made for
   * @param blocks the memory to free: one block, or none if there are no points
   */
  CudaBases(CudaBackend owner, int size, MsmPlan fullPlan, List<DeviceMemory.Block> blocks) {
    this.owner = owner;
    this.size = size;
    this.fullPlan = fullPlan;
    this.blocks = blocks;
  }

  CudaBackend owner() {
    return owner;
  }

  @Override
  public int size() {
    return size;
  }

  MsmPlan fullPlan() {
    return fullPlan;
  }

  void requireOpen() {
    if (!open) {
      throw new IllegalStateException("the bases are closed");
    }
  }

  /** Where the points begin; there must be some. */
  long address() {
    requireOpen();
    return blocks.getFirst().address();
  }

  @Override
  public void close() {
    open = false;
    blocks.forEach(DeviceMemory.Block::close);
  }
}
