package dev.zkwasm.compute.cpu;

import dev.zkwasm.curve.G1Accumulator;
import dev.zkwasm.curve.G1Vector;

/** Multi-scalar multiplication over packed points. */
interface Msm {
  /** The window width that costs least for {@code n} scalars of so many bits. */
  int width(int n, int bits);

  /** {@code sum_i scalar_i points_i}; there may be more points than scalars. */
  G1Accumulator sum(G1Vector points, Digits digits);
}
