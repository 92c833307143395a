package dev.zkwasm.cuda;

import static dev.zkwasm.cuda.Arguments.field;
import static dev.zkwasm.cuda.Arguments.u32;
import static dev.zkwasm.cuda.Arguments.u64;

import dev.zkwasm.field.Fr;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Transforms: passes of {@code ntt.cuh}, with tables of roots and of the powers of shifts. */
final class Transforms implements AutoCloseable {
  private static final int ROOT_BITS = Fr.TWO_ADICITY;
  private static final int ROOT_SPLIT = 14;

  /** Shifts whose tables are kept. */
  private static final int COSETS = 16;

  private final Gpu gpu;
  private final Device device;

  /** Logarithm of the elements that a block has in shared memory. */
  private final int tile;

  /** Logarithm of the largest radix of a pass where there are several. */
  private final int maxRadix;

  private final DeviceMemory.Block roots;
  private final Map<CosetKey, DeviceMemory.Block> cosets =
      new LinkedHashMap<>(2 * COSETS, 0.75f, true);

  private record CosetKey(Fr shift, int log) {}

  /**
   * The transforms of a device.
   *
   * @param tile logarithm of the elements that a block has in shared memory, at most 10
   * @param maxRadix logarithm of the largest radix of a pass where there are several, below tile
   */
  Transforms(Gpu gpu, int tile, int maxRadix) {
    this.gpu = gpu;
    this.device = gpu.device();
    this.tile = tile;
    this.maxRadix = maxRadix;
    long tableBytes = (long) Arguments.FIELD_BYTES << ROOT_SPLIT;
    this.roots = gpu.memory().allocate(2 * tableBytes);
    Fr root = Fr.rootOfUnity(ROOT_BITS);
    powers(Fr.ONE, root, roots.address(), 1 << ROOT_SPLIT);
    powers(Fr.ONE, root.pow(1L << ROOT_SPLIT), roots.address() + tableBytes, 1 << ROOT_SPLIT);
  }

  /** {@code first * ratio^i} for i below n, to device memory. */
  void powers(Fr first, Fr ratio, long address, long n) {
    int run = 16;
    gpu.forEach(
        Kernel.FR_POWERS,
        (n + run - 1) / run,
        field(first),
        Arguments.squares(ratio),
        u64(address),
        u64(n),
        u32(run));
  }

  /**
   * A transform; source and destination may be the same if no more elements are given than there
   * are values.
   *
   * @param given elements of the source
   * @param log of the number of values
   * @param shift of the coset, not zero
   */
  synchronized void run(
      long source, long given, long destination, int log, Fr shift, boolean inverse) {
    Fr factor = inverse ? shift.inverse() : shift;
    byte[] coset = coset(factor, log);
    byte[] wrap = field(shift.pow(1L << log));
    byte[] scale = field(Fr.of(1L << log).inverse());
    byte[] rootTables =
        Arguments.struct(16)
            .putLong(roots.address())
            .putLong(roots.address() + ((long) Arguments.FIELD_BYTES << ROOT_SPLIT))
            .array();
    int[] radices = radices(log);
    long bytes = (long) Arguments.FIELD_BYTES << log;
    // No pass of several works in place; the last writes to the destination, the one before it to
    // other memory, and so on in turn.
    int last = radices.length - 1;
    boolean firstIntoOther = last > 0 && last % 2 == 0 && source == destination;
    try (DeviceMemory.Block other = last > 0 ? gpu.memory().allocate(bytes) : null;
        DeviceMemory.Block third = firstIntoOther ? gpu.memory().allocate(bytes) : null) {
      long from = source;
      int done = 0;
      for (int pass = 0; pass <= last; pass++) {
        long to = destination;
        if (pass == 0 && third != null) {
          to = third.address();
        } else if (other != null && (last - pass) % 2 == 1) {
          to = other.address();
        }
        int radix = radices[pass];
        int columns = Math.min(tile - radix, log - radix);
        byte[] struct =
            Arguments.struct(56)
                .putLong(from)
                .putLong(to)
                .putLong(pass == 0 ? given : 1L << log)
                .putInt(log)
                .putInt(radix)
                .putInt(done)
                .putInt(columns)
                .putInt(inverse ? 1 : 0)
                .putInt(pass == 0 ? 1 : 0)
                .putInt(pass == last ? 1 : 0)
                .array();
        int elements = 1 << (radix + columns);
        device.launch(
            Kernel.NTT_PASS,
            1 << (log - radix - columns),
            Math.max(1, elements / 2),
            elements * Arguments.FIELD_BYTES,
            struct,
            rootTables,
            coset,
            wrap,
            scale);
        from = to;
        done += radix;
      }
    }
  }

  /** The logarithms of the passes' radices. */
  private int[] radices(int log) {
    if (log <= tile) {
      return new int[] {log};
    }
    int passes = (log + maxRadix - 1) / maxRadix;
    int[] radices = new int[passes];
    for (int p = 0; p < passes; p++) {
      radices[p] = (log + p) / passes;
    }
    return radices;
  }

  /** Bytes of the tables that are kept. */
  synchronized long tableBytes() {
    return roots.size() + cosets.values().stream().mapToLong(DeviceMemory.Block::size).sum();
  }

  /** The tables of a shift's powers, as the kernel takes them. */
  private byte[] coset(Fr shift, int log) {
    if (shift.isOne()) {
      return Arguments.struct(24).array();
    }
    int split = (log + 1) / 2;
    long low = 1L << split;
    long high = 1L << (log - split);
    CosetKey key = new CosetKey(shift, log);
    DeviceMemory.Block block = cosets.get(key);
    if (block == null) {
      if (cosets.size() >= COSETS) {
        Iterator<DeviceMemory.Block> eldest = cosets.values().iterator();
        eldest.next().close();
        eldest.remove();
      }
      block = gpu.memory().allocate((low + high) * Arguments.FIELD_BYTES);
      boolean done = false;
      try {
        powers(Fr.ONE, shift, block.address(), low);
        powers(Fr.ONE, shift.pow(low), block.address() + low * Arguments.FIELD_BYTES, high);
        done = true;
      } finally {
        if (!done) {
          block.close();
        }
      }
      cosets.put(key, block);
    }
    return Arguments.struct(24)
        .putLong(block.address())
        .putLong(block.address() + low * Arguments.FIELD_BYTES)
        .putInt(split)
        .putInt(1)
        .array();
  }

  @Override
  public synchronized void close() {
    cosets.values().forEach(DeviceMemory.Block::close);
    cosets.clear();
    roots.close();
  }
}
