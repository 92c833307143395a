package dev.zkwasm.compute.cpu;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arrays of closed buffers, for new ones of the same length. Memory that the collector hands
 * out has to be mapped and cleared by the system page by page, and until it runs, what was let go
 * counts: a proof would touch several times the memory that it needs at a time.
 *
 * <p>Safe for use by several threads.
 */
final class ArrayPool {
  /**
   * Longs, free or in use, up to which nothing is dropped: enough for short proofs, one after the
   * other.
   */
  private static final long KEPT = 1 << 25;

  /** Free arrays by length, the lengths that were asked for longest ago first. */
  private final Map<Integer, ArrayDeque<long[]>> free = new LinkedHashMap<>(16, 0.75f, true);

  private long freeLongs;
  private long usedLongs;

  /** An array of undefined content; to be given back. */
  long[] take(int length) {
    long[] array = reuse(length);
    return array == null ? new long[length] : array;
  }

  private synchronized long @Nullable [] reuse(int length) {
    usedLongs += length;
    ArrayDeque<long[]> stack = free.get(length);
    if (stack != null && !stack.isEmpty()) {
      freeLongs -= length;
      return stack.pop();
    }
    // A new array takes the place of free ones, so that the most ever held is not exceeded by much.
    shrink(Math.max(KEPT - usedLongs, freeLongs - length));
    return null;
  }

  /** Takes an array back; nobody may use it any more. */
  synchronized void give(long[] array) {
    free.computeIfAbsent(array.length, length -> new ArrayDeque<>()).push(array);
    freeLongs += array.length;
    usedLongs -= array.length;
    if (usedLongs == 0) {
      shrink(KEPT);
    }
  }

  /** Drops free arrays until at most so many longs are free; all of them if that is negative. */
  private void shrink(long longs) {
    Iterator<ArrayDeque<long[]>> stacks = free.values().iterator();
    while (freeLongs > longs && stacks.hasNext()) {
      ArrayDeque<long[]> stack = stacks.next();
      while (freeLongs > longs && !stack.isEmpty()) {
        freeLongs -= stack.pop().length;
      }
      if (stack.isEmpty()) {
        stacks.remove();
      }
    }
  }
}
