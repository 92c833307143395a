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
}
