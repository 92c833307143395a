package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;

/**
 * The number-theoretic transform as a matrix of short ones (Gentleman and Sande 1966; Bailey 1990),
 * every lane of a vector working on a transform of its own.
 *
 * <p>With {@code N = N1 N2}, {@code n = N2 n1 + n2} and {@code k = k1 + N1 k2}: the columns {@code
 * n2} of the matrix of {@code N1} rows are transformed over {@code n1}, a lane for each column; the
 * results are multiplied by the twiddles {@code (shift w^k1)^n2}; the rows {@code k1} are
 * transformed over {@code n2}, a lane for each row, and so end up as columns, in natural order. In
 * between, the columns that were transformed together lie together, row by row: rows far apart in
 * memory would all want the same lines of the cache.
 *
 * <p>A short transform reduces the polynomial modulo {@code X^m - z^2 = (X^(m/2) - z) (X^(m/2) +
 * z)}, then modulo both factors, and so on. All butterflies of a block share one constant z, the
 * results come in bit-reversed order, and a coset costs nothing: it only changes the constants. The
 * inverse transform is the forward one with the inverse root, scaled.
 */
final class VectorNtt implements Ntt {
  /** Below this size a transform is not worth the tables. */
  private static final int MIN_LOG = 6;

  /** Below this size it is not worth a second thread. */
  private static final int MIN_PARALLEL_LOG = 11;

  /**
   * How many sets of tables are kept: a proof needs seven for each height, or ten where a next row
   * is used. A set for {@code 2^20} takes two megabytes, one for half the size 0.7 times as much.
   */
  private static final int CACHED_PLANS = 160;

  private static final Fr HALF = Fr.of(2).inverse();
  private static final int LANES = VectorKernels.LANES;
  private static final int GROUP = VectorKernels.GROUP;
  private static final int LIMBS = VectorKernels.LIMBS;
  private static final long[] NO_HEAD = {};

  /** Log of the groups that fit the first-level cache: {@code 2^6} of 320 bytes. */
  private static final int CACHED_LOG = 6;

  /**
   * Neighbouring tiles that are read or written together, some rows at a time: the processor
   * fetches lines ahead, but not beyond the few in a row that are in one tile.
   */
  private static final int TOGETHER = 2;

  /** Rows of a tile that are read or written at a time, then the same rows of the next tile. */
  private static final int CHUNK = 16;

  /** Runs of neighbouring columns per thread. */
  private static final int RUNS = 2;

  private final Parallel parallel;
  private final VectorKernels kernels;
  private final BooleanSupplier ready;
  private final Ntt small;
  private final Map<Key, Plan> plans =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Plan> eldest) {
          return size() > CACHED_PLANS;
        }
      };
  private final ConcurrentLinkedQueue<double[]> tiles = new ConcurrentLinkedQueue<>();
  private final ArrayPool pool;

  VectorNtt(
      Parallel parallel, VectorKernels kernels, BooleanSupplier ready, Ntt small, ArrayPool pool) {
    this.parallel = parallel;
    this.ready = ready;
    this.kernels = kernels;
    this.small = small;
    this.pool = pool;
  }

  @Override
  public void forward(long[] coefficients, long[] head, long[] x, int log, Fr shift) {
    if (log < MIN_LOG || !ready.getAsBoolean()) {
      small.forward(coefficients, head, x, log, shift);
    } else {
      plan(new Key(log, false, shift)).run(coefficients, head, x);
    }
  }

  @Override
  public void inverse(long[] values, long[] x, int log, Fr shift) {
    if (log < MIN_LOG || !ready.getAsBoolean()) {
      small.inverse(values, x, log, shift);
    } else {
      plan(new Key(log, true, shift)).run(values, NO_HEAD, x);
    }
  }

  private record Key(int log, boolean inverse, Fr shift) {}

  private Plan plan(Key key) {
    synchronized (plans) {
      return plans.computeIfAbsent(key, Plan::new);
    }
  }

  /** The tables of one size, direction and coset. */
  private final class Plan {
    private final int log1;
    private final int log2;
    private final boolean trivial;
    private final double[] columnConstants;
    private final double[] rowConstants;
    private final int[] columnOrder;
    private final int[] rowOrder;

    /**
     * The twiddles of the columns that each run of neighbouring ones begins with, rows in the order
     * that a transform leaves.
     */
    private final double[][] twiddles;

    /** What takes the twiddles to the next columns. */
    private final double[] steps;

    /** Factors of the results, in the order that a transform leaves; empty if there are none. */
    private final double[] scales;

    private final long[] element = new long[PrimeField.LIMBS];

    Plan(Key key) {
      log1 = key.log / 2;
      log2 = key.log - log1;
      Fr root = Fr.rootOfUnity(key.log);
      Fr omega = key.inverse ? root.inverse() : root;
      Fr inner = key.inverse ? Fr.ONE : key.shift;
      trivial = inner.isOne();
      columnConstants = constants(log1, omega.pow(1L << log2), inner.pow(1L << log2));
      rowConstants = constants(log2, omega.pow(1L << log1), Fr.ONE);
      columnOrder = bitReversal(log1);
      rowOrder = bitReversal(log2);
      double[] first = new double[GROUP << log1];
      steps = new double[GROUP << log1];
      Fr unshift = key.inverse ? key.shift.inverse() : Fr.ONE;
      Fr scale = key.inverse ? HALF.mul(Fr.of(1L << key.log).inverse()) : HALF;
      Fr point = inner;
      for (int k1 = 0; k1 < 1 << log1; k1++) {
        Fr power = scale;
        for (int i = 0; i < LANES; i++) {
          power.store(element, 0);
          kernels.setCentred(element, 0, first, columnOrder[k1], VectorKernels.laneOfElement(i));
          power = power.mul(point);
        }
        HALF.mul(point.pow(LANES)).store(element, 0);
        kernels.fillCentred(element, 0, steps, columnOrder[k1]);
        point = point.mul(omega);
        scale = scale.mul(unshift);
      }
      scales = new double[unshift.isOne() ? 0 : GROUP << log2];
      if (scales.length > 0) {
        Fr step = unshift.pow(1L << log1);
        Fr factor = HALF;
        for (int k2 = 0; k2 < 1 << log2; k2++) {
          factor.store(element, 0);
          kernels.fillCentred(element, 0, scales, rowOrder[k2]);
          factor = factor.mul(step);
        }
      }
      int columnTiles = (1 << log2) / LANES;
      boolean alone = key.log < MIN_PARALLEL_LOG;
      int runs = alone ? 1 : Math.min(columnTiles, RUNS * parallel.threads());
      twiddles = new double[runs][];
      twiddles[0] = first;
      for (int r = 1; r < runs; r++) {
        twiddles[r] = twiddles[r - 1].clone();
        advance(twiddles[r], columnTiles * r / runs - columnTiles * (r - 1) / runs);
      }
    }

    /**
     * The constants z of the blocks of a short transform, level after level: level l has {@code
     * 2^l}, from index {@code 2^l - 1} on. The root of the tree is {@code X^n - shift^n}.
     */
    private double[] constants(int log, Fr omega, Fr shift) {
      int n = 1 << log;
      Fr[] powers = new Fr[n / 2];
      powers[0] = HALF;
      for (int i = 1; i < n / 2; i++) {
        powers[i] = powers[i - 1].mul(omega);
      }
      double[] table = new double[(n - 1) * LIMBS];
      for (int level = 0; level < log; level++) {
        Fr factor = shift.pow(n >> (level + 1));
        for (int block = 0; block < 1 << level; block++) {
          // shift^(n/2^(l+1)) exp(pi i f), f the bits of the block's number reversed behind the
          // point.
          int index = Integer.reverse(block) >>> (33 - log);
          powers[index].mul(factor).store(element, 0);
          kernels.setConstant(element, 0, table, ((1 << level) - 1 + block) * LIMBS);
        }
      }
      return table;
    }

    void run(long[] source, long[] head, long[] x) {
      int columnTiles = (1 << log2) / LANES;
      int rowTiles = (1 << log1) / LANES;
      long[] matrix = pool.take(PrimeField.LIMBS << (log1 + log2));
      try {
        // Neighbouring columns go to one thread, which carries their twiddles on.
        int runs = twiddles.length;
        parallel.run(
            runs,
            () ->
                r ->
                    columns(
                        source,
                        head,
                        matrix,
                        twiddles[r],
                        columnTiles * r / runs,
                        columnTiles * (r + 1) / runs));
        int tasks = log1 + log2 < MIN_PARALLEL_LOG ? 1 : Math.ceilDiv(rowTiles, TOGETHER);
        int count = Math.ceilDiv(rowTiles, tasks);
        parallel.run(
            tasks, () -> t -> rows(matrix, x, t * count, Math.min(rowTiles, (t + 1) * count)));
      } finally {
        pool.give(matrix);
      }
    }

    /** Transforms columns, {@link #LANES} at a time. */
    private void columns(
        long[] source, long[] head, long[] matrix, double[] start, int fromTile, int toTile) {
      int rows = 1 << log1;
      int together = Math.min(TOGETHER, toTile - fromTile);
      double[] tile = take(together * rows);
      double[] twiddle = take(together * rows);
      double[] step = take(rows);
      System.arraycopy(start, 0, twiddle, 0, rows * GROUP);
      System.arraycopy(steps, 0, step, 0, rows * GROUP);
      for (int i = 1; i < together; i++) {
        kernels.mul(twiddle, (i - 1) * rows, steps, 0, twiddle, i * rows, rows);
        kernels.mul(step, 0, steps, 0, step, 0, rows);
      }
      for (int t = fromTile; t < toTile; t += together) {
        int count = Math.min(together, toTile - t);
        for (int row = 0; row < rows; row += CHUNK) {
          int chunk = Math.min(CHUNK, rows - row);
          for (int i = 0; i < count; i++) {
            int at = (t + i) * LANES + (row << log2);
            kernels.unpack(source, at, 1 << log2, tile, i * rows + row, chunk);
          }
        }
        for (int i = 0; i < count; i++) {
          int column = (t + i) * LANES;
          for (int k = 0; PrimeField.LIMBS * (column + (k << log2)) < head.length; k++) {
            kernels.unpack(head, column + (k << log2), LANES, tile, i * rows + k, 1);
          }
          transform(tile, i * rows, log1, columnConstants, trivial);
          kernels.mul(tile, i * rows, twiddle, i * rows, tile, i * rows, rows);
          kernels.pack(tile, i * rows, columnOrder, 0, matrix, column << log1, LANES, rows);
          if (t + together + i < toTile) {
            kernels.mul(twiddle, i * rows, step, 0, twiddle, i * rows, rows);
          }
        }
      }
      tiles.add(tile);
      tiles.add(twiddle);
      tiles.add(step);
    }

    /** Takes twiddles on by so many tiles. */
    private void advance(double[] twiddle, int count) {
      if (count == 0) {
        return;
      }
      int rows = 1 << log1;
      double[] power = take(rows);
      System.arraycopy(steps, 0, power, 0, rows * GROUP);
      for (int rest = count; ; rest >>= 1) {
        if ((rest & 1) != 0) {
          kernels.mul(twiddle, 0, power, 0, twiddle, 0, rows);
        }
        if (rest == 1) {
          break;
        }
        kernels.mul(power, 0, power, 0, power, 0, rows);
      }
      tiles.add(power);
    }

    /** Transforms rows, {@link #LANES} at a time; they become columns. */
    private void rows(long[] matrix, long[] x, int fromTile, int toTile) {
      int length = 1 << log2;
      int together = Math.min(TOGETHER, toTile - fromTile);
      double[] tile = take(together * length);
      long[] block = new long[PrimeField.LIMBS * LANES * LANES];
      for (int t = fromTile; t < toTile; t += together) {
        int count = Math.min(together, toTile - t);
        for (int i = 0; i < count; i++) {
          for (int column = 0; column < length; column += LANES) {
            int at = (column << log1) + (t + i) * LANES * LANES;
            VectorKernels.reorder(matrix, at, LANES, 1, block, 0, 1, LANES, LANES);
            kernels.unpack(block, 0, LANES, tile, i * length + column, LANES);
          }
          transform(tile, i * length, log2, rowConstants, true);
          if (scales.length > 0) {
            kernels.mul(tile, i * length, scales, 0, tile, i * length, length);
          }
        }
        for (int k = 0; k < length; k += CHUNK) {
          int chunk = Math.min(CHUNK, length - k);
          for (int i = 0; i < count; i++) {
            int at = (t + i) * LANES + (k << log1);
            kernels.pack(tile, i * length, rowOrder, k, x, at, 1 << log1, chunk);
          }
        }
      }
      tiles.add(tile);
    }
  }

  /**
   * One short transform per lane, of floored elements; the results are centred.
   *
   * <p>In units of {@code 2^50} the limbs of all groups are at most 2, as unpacked, and a level,
   * which adds or subtracts a product, adds 1; {@link VectorKernels#butterflies} takes 4. So before
   * every third level what is only added to, the first halves of the blocks, is centred, and the
   * limbs are at most 2 again behind that level. Values: with v the bound before a level, in units
   * of p, a product with a constant of {@code p/2} is at most {@code v' = 0.19 v + 0.628}, and the
   * result {@code v + v'}, or {@code 1/2 + v'} where first halves have been centred; from 1 on this
   * stays below 4.1, which {@link VectorKernels#centre} takes.
   *
   * @param at the first group
   * @param trivial whether the first block's constants are one; its limbs are at most twice what
   *     they were, and are centred at once
   */
  private void transform(double[] x, int at, int log, double[] constants, boolean trivial) {
    int upper = Math.max(0, log - CACHED_LOG);
    levels(x, at, 0, 1 << log, 0, upper, constants, trivial);
    // The lower levels in pieces that stay in the cache.
    int size = 1 << (log - upper);
    for (int piece = 0; piece < 1 << upper; piece++) {
      levels(x, at, piece * size, size, upper, log, constants, trivial);
    }
    kernels.centre(x, at, 1 << log);
  }

  /**
   * The levels {@code from..to-1} of {@code size} groups, which are whole blocks.
   *
   * @param origin where the transform begins
   * @param at where in it these groups do
   */
  private void levels(
      double[] x,
      int origin,
      int at,
      int size,
      int from,
      int to,
      double[] constants,
      boolean trivial) {
    for (int level = from, length = size; level < to; level++, length /= 2) {
      int half = length / 2;
      int blocks = size / length;
      int block = at / length;
      int skip = trivial && block == 0 ? 1 : 0;
      if (skip > 0) {
        kernels.sumsAndDifferences(x, origin, half);
        kernels.centre(x, origin, length);
      }
      int start = origin + at + skip * length;
      if (level % 3 == 2) {
        kernels.centreRows(x, start, length, blocks - skip, half);
      }
      kernels.butterflies(
          x, start, blocks - skip, half, constants, (1 << level) - 1 + block + skip);
    }
  }

  private double[] take(int groups) {
    // Of the arrays given back, any that is long enough will do; short ones are dropped.
    for (double[] d = tiles.poll(); d != null; d = tiles.poll()) {
      if (d.length >= groups * GROUP) {
        return d;
      }
    }
    return new double[groups * GROUP];
  }

  private static int[] bitReversal(int log) {
    int[] order = new int[1 << log];
    for (int i = 0; i < order.length; i++) {
      order[i] = Integer.reverse(i) >>> (32 - log);
    }
    return order;
  }
}
