package dev.zkwasm.differential;

import java.util.Arrays;
import java.util.function.Predicate;

/** Makes the choices behind a failure fewer and smaller while it remains. */
final class Shrinker {
  private final Predicate<int[]> fails;

  /** Tries left: a module that takes long to run must not take the tests hostage. */
  private int tries = 3000;

  private int[] best;

  private Shrinker(int[] choices, Predicate<int[]> fails) {
    this.best = choices;
    this.fails = fails;
  }

  static int[] shrink(int[] choices, Predicate<int[]> fails) {
    Shrinker shrinker = new Shrinker(choices, fails);
    int before;
    do {
      before = shrinker.tries;
      shrinker.pass();
    } while (shrinker.tries > 0 && shrinker.improved && before > shrinker.tries);
    return shrinker.best;
  }

  private boolean improved;

  private void pass() {
    improved = false;
    for (int size = best.length; size >= 1; size /= 2) {
      for (int start = 0; start + size <= best.length; ) {
        if (!attempt(without(start, size))) {
          start += size;
        }
      }
    }
    for (int i = 0; i < best.length; i++) {
      while (i < best.length && best[i] > 0) {
        int[] smaller = best.clone();
        smaller[i] = 0;
        if (attempt(smaller)) {
          break;
        }
        smaller = best.clone();
        smaller[i] /= 2;
        if (!attempt(smaller)) {
          break;
        }
      }
    }
  }

  private int[] without(int start, int size) {
    int[] shorter = Arrays.copyOf(best, best.length - size);
    System.arraycopy(best, start + size, shorter, start, best.length - start - size);
    return shorter;
  }

  private boolean attempt(int[] choices) {
    if (tries-- <= 0 || !fails.test(choices)) {
      return false;
    }
    best = choices;
    improved = true;
    return true;
  }
}
