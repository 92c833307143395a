package dev.zkwasm.cuda;

import static dev.zkwasm.cuda.Arguments.u32;
import static dev.zkwasm.cuda.Arguments.u64;

import dev.zkwasm.compute.BackendException;
import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Accumulator;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.Fq;
import dev.zkwasm.field.PrimeField;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Multi-scalar multiplication: the steps that {@code msm.cuh} lists, one launch each. */
final class Msm {
  private static final int POINT_BYTES = 8 * G1Vector.LIMBS;

  /** Bytes of a sum in XYZZ coordinates. */
  private static final int SUM_BYTES = 4 * 8 * PrimeField.LIMBS;

  /** Threads of a block that holds sums. */
  private static final int BLOCK = 128;

  /** Numbers per thread in running sums of counts. */
  private static final int SCAN_RUN = 8;

  /** Partial sums that one thread combines. */
  private static final int COMBINE_RUN = 8;

  /** Buckets that one thread weighs. */
  private static final int WEIGH_RUN = 16;

  /** Points that are multiplied at a time when levels are made. */
  private static final int LEVEL_CHUNK = 1 << 18;

  private final Gpu gpu;
  private final Device device;
  private final long maxEntries;

  /**
   * The multiplication of a device.
   *
   * @param maxEntries digits sorted at a time; more are done in parts
   */
  Msm(Gpu gpu, long maxEntries) {
    this.gpu = gpu;
    this.device = gpu.device();
    this.maxEntries = maxEntries;
  }

  // Bases.

  /** Levels of multiples for so many points that fit a quarter of the free memory. */
  int maxLevels(int n) {
    long byMemory = gpu.memory().available() / 4 / ((long) POINT_BYTES * n);
    long byIndex = Integer.MAX_VALUE / (long) n;
    return (int) Math.clamp(Math.min(byMemory, byIndex), 1, MsmPlan.FULL_BITS);
  }

  /** Uploads points, at least one, and makes their multiples. */
  DeviceMemory.Block uploadBases(G1Vector points, MsmPlan plan) {
    int n = points.size();
    DeviceMemory.Block all = gpu.memory().allocate((long) n * POINT_BYTES * plan.levels());
    boolean done = false;
    try {
      device.upload(MemorySegment.ofArray(points.limbs()), all.address());
      for (int level = 1; level < plan.levels(); level++) {
        Gpu.checkCancelled();
        long from = all.address() + (long) (level - 1) * n * POINT_BYTES;
        multiply(from, n, plan.levelBits(), from + (long) n * POINT_BYTES);
      }
      done = true;
    } finally {
      if (!done) {
        all.close();
      }
    }
    return all;
  }

  private void multiply(long from, int n, int doublings, long to) {
    int chunk = Math.min(n, LEVEL_CHUNK);
    try (DeviceMemory.Block sums = gpu.memory().allocate((long) chunk * SUM_BYTES);
        DeviceMemory.Block prefix = gpu.memory().allocate((long) chunk * Arguments.FIELD_BYTES)) {
      for (int start = 0; start < n; start += chunk) {
        int count = Math.min(chunk, n - start);
        long at = (long) start * POINT_BYTES;
        launch(
            Kernel.G1_DOUBLE,
            count,
            u64(from + at),
            u64(count),
            u32(doublings),
            u64(sums.address()));
        // One inversion serves 32 points.
        launch(
            Kernel.G1_NORMALIZE,
            (count + 31) / 32,
            u64(sums.address()),
            u64(count),
            u64(to + at),
            u64(prefix.address()));
      }
    }
  }

  /** One thread each for so many tasks. */
  private void launch(Kernel kernel, long tasks, byte[]... arguments) {
    device.launch(kernel, (int) ((tasks + BLOCK - 1) / BLOCK), BLOCK, 0, arguments);
  }

  // Sums.

  /** A sum that was asked for. */
  final class Sum implements AutoCloseable {
    private final MsmPlan plan;

    /** One sum per set of the plan, of each part. */
    private final List<DeviceMemory.Block> parts = new ArrayList<>();

    private Sum(MsmPlan plan) {
      this.plan = plan;
    }

    /** Waits for it. */
    G1 get() {
      G1Accumulator total = new G1Accumulator();
      for (DeviceMemory.Block part : parts) {
        long[] limbs = new long[plan.sets() * SUM_BYTES / 8];
        device.download(part.address(), MemorySegment.ofArray(limbs));
        total.add(horner(plan, limbs));
      }
      return total.toAffine();
    }

    @Override
    public void close() {
      parts.forEach(DeviceMemory.Block::close);
    }
  }

  /**
   * Asks for {@code sum_i scalars[i] * bases[i]}.
   *
   * @param scalars address of the scalars
   * @param scalarBytes bytes of a scalar: 1, 2, 4 or 8 of plain numbers, 32 of elements
   * @param n number of scalars
   */
  Sum begin(CudaBases bases, MsmPlan plan, long scalars, int scalarBytes, int n) {
    Sum sum = new Sum(plan);
    boolean done = false;
    try {
      int part = n == 0 ? 1 : (int) Math.clamp(maxEntries / plan.windows(), 1, n);
      for (int from = 0; from < n; from += part) {
        Gpu.checkCancelled();
        int count = Math.min(part, n - from);
        sum.parts.add(
            part(
                bases.address() + (long) from * POINT_BYTES,
                bases.size(),
                plan,
                scalars + (long) from * scalarBytes,
                scalarBytes,
                count));
      }
      done = true;
      return sum;
    } finally {
      if (!done) {
        sum.close();
      }
    }
  }

  private DeviceMemory.Block part(
      long points, int stride, MsmPlan plan, long scalars, int scalarBytes, int n) {
    int buckets = plan.sets() * plan.buckets();
    long entries = (long) n * plan.windows();
    // Runs so long that there is about one per thread that the device can run.
    int run = (int) Math.clamp((entries + gpu.threads() - 1) / gpu.threads(), 8, 1 << 16);
    long threads = (entries + run - 1) / run;
    DeviceMemory memory = gpu.memory();
    byte[] digits = digits(plan, scalars, scalarBytes, n, stride);
    try (DeviceMemory.Block sums = memory.allocate((long) buckets * SUM_BYTES)) {
      device.clear(sums.address(), (long) buckets * SUM_BYTES);
      try (DeviceMemory.Block ends = memory.allocate(4L * buckets);
          DeviceMemory.Block sorted = memory.allocate(4 * entries);
          Partials partials = new Partials(2 * threads)) {
        device.clear(ends.address(), 4L * buckets);
        gpu.forEach(Kernel.MSM_COUNT, n, digits, u64(ends.address()));
        runningSums(ends.address(), buckets);
        gpu.forEach(Kernel.MSM_SCATTER, n, digits, u64(ends.address()), u64(sorted.address()));
        launch(
            Kernel.MSM_ACCUMULATE,
            threads,
            u64(points),
            u64(sorted.address()),
            u64(ends.address()),
            u32(buckets),
            u32(run),
            u64(threads),
            u64(sums.address()),
            partials.struct());
        combine(partials, sums.address());
      }
      return reduce(plan, sums.address());
    }
  }

  private static byte[] digits(MsmPlan plan, long scalars, int scalarBytes, int n, int stride) {
    ByteBuffer struct =
        Arguments.struct(80)
            .putLong(scalars)
            .putLong(n)
            .putLong(stride)
            .putInt(scalarBytes)
            .putInt(plan.width())
            .putInt(plan.windows())
            .putInt(plan.sets())
            .putInt(plan.buckets());
    for (int word : plan.bias()) {
      struct.putInt(word);
    }
    return struct.array();
  }

  /** Sums of parts of buckets: at most so many, in order of their buckets. */
  private final class Partials implements AutoCloseable {
    final long count;
    private final DeviceMemory.Block buckets;
    private final DeviceMemory.Block sums;

    Partials(long count) {
      this.count = count;
      this.buckets = gpu.memory().allocate(4 * count);
      boolean done = false;
      try {
        this.sums = gpu.memory().allocate(SUM_BYTES * count);
        done = true;
      } finally {
        if (!done) {
          buckets.close();
        }
      }
    }

    byte[] struct() {
      return Arguments.struct(16).putLong(buckets.address()).putLong(sums.address()).array();
    }

    @Override
    public void close() {
      buckets.close();
      sums.close();
    }
  }

  /** Combines partial sums until every bucket is whole. */
  private void combine(Partials in, long sums) {
    long threads = (in.count + COMBINE_RUN - 1) / COMBINE_RUN;
    try (Partials out = new Partials(2 * threads)) {
      launch(
          Kernel.MSM_COMBINE,
          threads,
          in.struct(),
          u64(in.count),
          u32(COMBINE_RUN),
          u64(threads),
          u64(sums),
          out.struct());
      if (threads > 1) {
        combine(out, sums);
      }
    }
  }

  /** Replaces 32-bit numbers by the sums of those before them. */
  private void runningSums(long address, long n) {
    int grid = (int) ((n + Gpu.BLOCK * SCAN_RUN - 1) / (Gpu.BLOCK * SCAN_RUN));
    try (DeviceMemory.Block before = gpu.memory().allocate(4L * grid)) {
      if (grid == 1) {
        device.clear(before.address(), 4);
      } else {
        device.launch(
            Kernel.SCAN_TOTALS,
            grid,
            Gpu.BLOCK,
            4 * Gpu.BLOCK,
            u64(address),
            u64(n),
            u64(before.address()));
        runningSums(before.address(), grid);
      }
      device.launch(
          Kernel.SCAN_APPLY,
          grid,
          Gpu.BLOCK,
          4 * Gpu.BLOCK,
          u64(address),
          u64(n),
          u64(before.address()));
    }
  }

  /** Weighs the buckets: one sum per set. */
  private DeviceMemory.Block reduce(MsmPlan plan, long sums) {
    int sets = plan.sets();
    long groups = (plan.buckets() + WEIGH_RUN - 1) / WEIGH_RUN;
    DeviceMemory.Block in = gpu.memory().allocate(sets * groups * SUM_BYTES);
    boolean done = false;
    try {
      launch(
          Kernel.MSM_WEIGH,
          sets * groups,
          u64(sums),
          u32(plan.buckets()),
          u32(WEIGH_RUN),
          u32((int) groups),
          u32(sets),
          u64(in.address()));
      long count = groups;
      do {
        // Eight to a thread.
        long parts = (count + 8 * BLOCK - 1) / (8 * BLOCK);
        DeviceMemory.Block out = gpu.memory().allocate(sets * parts * SUM_BYTES);
        try (DeviceMemory.Block last = in) {
          in = out;
          device.launch(
              Kernel.MSM_SUM,
              (int) (sets * parts),
              BLOCK,
              BLOCK * SUM_BYTES,
              u64(last.address()),
              u64(count),
              u32((int) parts),
              u64(out.address()));
        }
        count = parts;
      } while (count > 1);
      done = true;
      return in;
    } finally {
      if (!done) {
        in.close();
      }
    }
  }

  /** {@code sum_s 2^(s width) set_s}. */
  private static G1Accumulator horner(MsmPlan plan, long[] limbs) {
    G1Accumulator total = new G1Accumulator();
    for (int set = plan.sets() - 1; set >= 0; set--) {
      for (int i = 0; i < plan.width(); i++) {
        total.twice();
      }
      total.add(affine(limbs, set * SUM_BYTES / 8));
    }
    return total;
  }

  private static G1 affine(long[] limbs, int at) {
    Fq x = Fq.load(limbs, at);
    Fq y = Fq.load(limbs, at + 4);
    Fq zz = Fq.load(limbs, at + 8);
    Fq zzz = Fq.load(limbs, at + 12);
    if (zz.isZero()) {
      return G1.INFINITY;
    }
    Fq inverse = zzz.inverse();
    try {
      return G1.of(x.mul(zz.mul(inverse).square()), y.mul(inverse));
    } catch (IllegalArgumentException e) {
      throw new BackendException("cuda: the device returned a point that is not on the curve", e);
    }
  }
}
