package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.field.FrVector;
import org.jspecify.annotations.Nullable;

/** A buffer on the heap. */
final class CpuBuffer implements DeviceBuffer {
  private final CpuBackend owner;
  private final int size;
  private @Nullable FrVector vector;

  CpuBuffer(CpuBackend owner, FrVector vector) {
    this.owner = owner;
    this.size = vector.size();
    this.vector = vector;
  }

  CpuBackend owner() {
    return owner;
  }

  @Override
  public int size() {
    return size;
  }

  /** The packed elements. */
  long[] limbs() {
    FrVector v = vector;
    if (v == null) {
      throw new IllegalStateException("the buffer is closed");
    }
    return v.limbs();
  }

  @Override
  public void close() {
    vector = null;
  }
}
