package dev.zkwasm.cuda;

/**
 * How scalars are cut into digits; see {@code msm.cuh}.
 *
 * @param bits every scalar is below {@code 2^bits}
 * @param width bits of a digit
 * @param windows digits of a scalar
 * @param sets windows that have buckets of their own; window w belongs to set {@code w mod sets}
 * @param buckets buckets of a set: the largest absolute value of a digit
 */
record MsmPlan(int bits, int width, int windows, int sets, int buckets) {
  /** Bits of a field element. */
  static final int FULL_BITS = 254;

  /** A bucket costs so many times as much as an entry: its weighing takes full additions. */
  private static final long BUCKET_COST = 5;

  private static final int MAX_WIDTH = 20;

  /** Levels of multiples that the bases must have. */
  int levels() {
    return (windows + sets - 1) / sets;
  }

  /** What the points of a level are multiplied by against the level before: {@code 2^this}. */
  int levelBits() {
    return width * sets;
  }

  /**
   * For full scalars.
   *
   * @param n number of points
   * @param maxLevels levels of multiples that there is memory for
   */
  static MsmPlan full(long n, int maxLevels) {
    MsmPlan best = null;
    for (int width = 2; width <= MAX_WIDTH; width++) {
      int windows = FULL_BITS / width + 1;
      int sets = (windows + maxLevels - 1) / Math.max(1, maxLevels);
      MsmPlan plan = new MsmPlan(FULL_BITS, width, windows, sets, 1 << (width - 1));
      if (best == null || plan.cost(n) < best.cost(n)) {
        best = plan;
      }
    }
    if (best == null) {
      throw new AssertionError();
    }
    return best;
  }

  /** For small scalars, which need no multiples. */
  static MsmPlan small(long n, int bits) {
    MsmPlan best = null;
    if (bits <= 16) {
      // One window and no signs.
      best = new MsmPlan(bits, bits, 1, 1, (1 << bits) - 1);
    }
    for (int width = 2; width <= Math.min(bits, MAX_WIDTH); width++) {
      int windows = bits / width + 1;
      MsmPlan plan = new MsmPlan(bits, width, windows, windows, 1 << (width - 1));
      if (best == null || plan.cost(n) < best.cost(n)) {
        best = plan;
      }
    }
    if (best == null) {
      throw new IllegalArgumentException("scalars of " + bits + " bits");
    }
    return best;
  }

  private long cost(long n) {
    return n * windows + BUCKET_COST * sets * buckets;
  }

  /** What is added to a scalar so that digits can be cut off without carries: eight words. */
  int[] bias() {
    int[] bias = new int[8];
    for (int w = 0; w < windows - 1; w++) {
      int bit = w * width + width - 1;
      bias[bit / 32] |= 1 << (bit % 32);
    }
    return bias;
  }
}
