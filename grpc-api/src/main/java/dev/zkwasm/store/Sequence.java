package dev.zkwasm.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.Predicate;

/** Pages of what is kept by a growing number; a page token is the last number seen. */
final class Sequence {
  private Sequence() {}

  static <T> Page<T> page(
      NavigableMap<Long, T> bySequence, Predicate<T> filter, int size, String token) {
    if (size < 1) {
      throw new IllegalArgumentException("a page of " + size);
    }
    List<T> items = new ArrayList<>();
    long last = parse(token);
    for (Map.Entry<Long, T> entry : bySequence.tailMap(last, false).entrySet()) {
      if (!filter.test(entry.getValue())) {
        continue;
      }
      if (items.size() == size) {
        return new Page<>(items, Long.toString(last));
      }
      items.add(entry.getValue());
      last = entry.getKey();
    }
    return new Page<>(items, "");
  }

  private static long parse(String token) {
    if (token.isEmpty()) {
      return 0;
    }
    try {
      return Long.parseLong(token);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not a page token: " + token, e);
    }
  }
}
