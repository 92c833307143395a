package dev.zkwasm.differential;

import java.util.Arrays;
import java.util.Random;

/**
 * The random numbers that a generator draws, kept as a list. A shorter or smaller list gives a
 * simpler module, since every draw beyond its end is 0: so failures are made small without knowing
 * what was generated.
 */
final class Choices {
  private final Random random;

  /** Draws to repeat; then 0, or new ones if {@code fresh}. */
  private final int[] given;

  private final boolean fresh;
  private int[] drawn = new int[256];
  private int count;

  private Choices(long seed, int[] given, boolean fresh) {
    this.random = new Random(seed);
    this.given = given;
    this.fresh = fresh;
  }

  static Choices ofSeed(long seed) {
    return new Choices(seed, new int[0], true);
  }

  static Choices of(int[] list) {
    return new Choices(0, list, false);
  }

  /** A number below {@code bound}. */
  int next(int bound) {
    int value = count < given.length ? given[count] % bound : fresh ? random.nextInt(bound) : 0;
    if (count == drawn.length) {
      drawn = Arrays.copyOf(drawn, 2 * count);
    }
    drawn[count++] = value;
    return value;
  }

  /** True once in {@code n} draws. */
  boolean oneIn(int n) {
    return next(n) == n - 1;
  }

  /** What was drawn so far. */
  int[] drawn() {
    return Arrays.copyOf(drawn, count);
  }
}
