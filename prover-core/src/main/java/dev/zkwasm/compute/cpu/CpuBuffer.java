package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.field.PrimeField;
import org.jspecify.annotations.Nullable;

/** A buffer on the heap: an array of its backend's pool. */
final class CpuBuffer implements DeviceBuffer {
  private final CpuBackend owner;
  private final ArrayPool pool;
  private final int size;
  private long @Nullable [] limbs;

  /**
   * A buffer of undefined content.
   *
   * @throws IllegalArgumentException if the size is negative or more than an array can hold
   */
  CpuBuffer(CpuBackend owner, ArrayPool pool, int size) {
    if (size < 0 || size > Integer.MAX_VALUE / PrimeField.LIMBS) {
      throw new IllegalArgumentException("buffer size " + size);
    }
    this.owner = owner;
    this.pool = pool;
    this.size = size;
    this.limbs = pool.take(PrimeField.LIMBS * size);
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
    long[] l = limbs;
    if (l == null) {
      throw new IllegalStateException("the buffer is closed");
    }
    return l;
  }

  @Override
  public void close() {
    long[] l = limbs;
    limbs = null;
    if (l != null) {
      pool.give(l);
    }
  }
}
