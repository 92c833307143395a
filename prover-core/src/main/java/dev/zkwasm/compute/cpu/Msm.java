package dev.zkwasm.compute.cpu;

import dev.zkwasm.curve.G1Accumulator;
import dev.zkwasm.curve.G1Vector;

/** Multi-scalar multiplication over packed points. */
interface Msm {
  /**
   * {@code sum_i scalars_i points_i}; there may be more points than scalars.
   *
   * @param infinities whether any of the points may be infinite
   */
  G1Accumulator sum(G1Vector points, boolean infinities, Scalars scalars);
}
