package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.Bases;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.PrimeField;
import org.jspecify.annotations.Nullable;

/** Points on the heap, as they came: a view, not a copy. */
final class CpuBases implements Bases {
  private final CpuBackend owner;
  private final int size;
  private final boolean infinities;
  private @Nullable G1Vector points;

  CpuBases(CpuBackend owner, G1Vector points) {
    this.owner = owner;
    this.size = points.size();
    this.points = points;
    this.infinities = hasInfinity(points.limbs());
  }

  private static boolean hasInfinity(long[] limbs) {
    for (int i = 0; i < limbs.length; i += G1Vector.LIMBS) {
      // A y of zero is that of infinity only.
      if (limbs[i + 4] == 0 && PrimeField.FQ.isZero(limbs, i + 4)) {
        return true;
      }
    }
    return false;
  }

  /** Whether one of the points is infinite. */
  boolean infinities() {
    return infinities;
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
