package dev.zkwasm.store;

import java.util.List;

/**
 * A part of a list.
 *
 * @param items the part
 * @param nextToken where the next part begins; empty at the end
 */
public record Page<T>(List<T> items, String nextToken) {
  public Page {
    items = List.copyOf(items);
  }

  /**
   * The number that a token stands for: that of the last item seen.
   *
   * @throws IllegalArgumentException if it is no token
   */
  public static long number(String token) {
    if (token.isEmpty()) {
      return 0;
    }
    try {
      long number = Long.parseLong(token);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The same as for a negative number.
    }
    throw new IllegalArgumentException("not a page token: " + token);
  }
}
