package dev.zkwasm.cuda;

import static dev.zkwasm.cuda.Arguments.u64;

import dev.zkwasm.field.Fr;
import java.util.ArrayList;
import java.util.List;

/**
 * Linear recurrences {@code x_0 = 0, x_(i+1) = z x_i + a_i}, upwards or downwards: running sums,
 * evaluation at a point, division by a linear factor. See {@code vector.cuh}.
 */
final class Recurrences {
  /** Elements per thread; the kernels' RUN. */
  private static final int RUN = 8;

  private static final int BLOCK = Gpu.BLOCK;
  private static final int PER_BLOCK = BLOCK * RUN;
  private static final int SHARED_BYTES = BLOCK * Arguments.FIELD_BYTES;

  private final Gpu gpu;
  private final Device device;

  Recurrences(Gpu gpu) {
    this.gpu = gpu;
    this.device = gpu.device();
  }

  /** One level: a vector, its recurrence and the grid that does it. */
  private record Level(long address, long n, boolean down, Fr z) {
    int grid() {
      return (int) ((n + PER_BLOCK - 1) / PER_BLOCK);
    }

    byte[] struct() {
      // The first block is filled up with zeros, so that every other begins at a known place.
      return Arguments.struct(32)
          .putLong(address)
          .putLong(n)
          .putLong((long) grid() * PER_BLOCK - n)
          .putInt(down ? 1 : 0)
          .array();
    }

    byte[] weights() {
      List<Fr> weights = new ArrayList<>();
      weights.add(z);
      Fr step = z.pow(RUN);
      for (int j = 0; j < 10; j++) {
        weights.add(step);
        step = step.square();
      }
      return Arguments.fields(weights);
    }
  }

  /** {@code x_n} of at least one element. */
  Fr total(long address, long n, boolean down, Fr z) {
    Level level = new Level(address, n, down, z);
    try (DeviceMemory.Block totals = totals(level)) {
      return level.grid() == 1
          ? gpu.element(totals.address())
          : total(totals.address(), level.grid(), false, z.pow(PER_BLOCK));
    }
  }

  /**
   * Replaces element {@code a_i} by {@code x_i}, in another vector or the same.
   *
   * @return {@code x_n}
   */
  Fr run(long address, long n, boolean down, Fr z, long destination) {
    Level level = new Level(address, n, down, z);
    try (DeviceMemory.Block totals = totals(level)) {
      Fr total;
      if (level.grid() == 1) {
        total = gpu.element(totals.address());
        device.clear(totals.address(), Arguments.FIELD_BYTES);
      } else {
        // The recurrence of the totals gives what comes into each block.
        total = run(totals.address(), level.grid(), false, z.pow(PER_BLOCK), totals.address());
      }
      device.launch(
          z.isOne() ? Kernel.FR_RUNNING_APPLY : Kernel.FR_RECURRENCE_APPLY,
          level.grid(),
          BLOCK,
          SHARED_BYTES,
          level.struct(),
          level.weights(),
          u64(totals.address()),
          u64(destination));
      return total;
    }
  }

  private DeviceMemory.Block totals(Level level) {
    DeviceMemory.Block totals = gpu.memory().allocate((long) level.grid() * Arguments.FIELD_BYTES);
    boolean done = false;
    try {
      device.launch(
          level.z().isOne() ? Kernel.FR_RUNNING_TOTALS : Kernel.FR_RECURRENCE_TOTALS,
          level.grid(),
          BLOCK,
          SHARED_BYTES,
          level.struct(),
          level.weights(),
          u64(totals.address()));
      done = true;
    } finally {
      if (!done) {
        totals.close();
      }
    }
    return totals;
  }
}
