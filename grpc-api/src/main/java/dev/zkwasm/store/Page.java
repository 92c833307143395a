package dev.zkwasm.store;

import java.util.List;

/**
 * A part of a list.
 *
 * @param items the part
 * @param last number of the last item, after which the next part begins; 0 at the end of the list
 */
public record Page<T>(List<T> items, long last) {
  public Page {
    items = List.copyOf(items);
  }
}
