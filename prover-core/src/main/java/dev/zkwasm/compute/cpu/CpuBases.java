package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.Bases;
import dev.zkwasm.curve.G1Vector;
import org.jspecify.annotations.Nullable;

/** Points on the heap, as they came: a view, not a copy. */
final class CpuBases implements Bases {
  private final CpuBackend owner;
  private final int size;
  private @Nullable G1Vector points;

  CpuBases(CpuBackend owner, G1Vector points) {
    this.owner = owner;
    this.size = points.size();
    this.points = points;
  }

  CpuBackend owner() {
    return owner;
  }

  @Override
  public int size() {
    return size;
  }

  G1Vector points() {
    G1Vector p = points;
    if (p == null) {
      throw new IllegalStateException("the bases are closed");
    }
    return p;
  }

  @Override
  public void close() {
    points = null;
  }
}
