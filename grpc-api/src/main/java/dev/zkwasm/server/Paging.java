package dev.zkwasm.server;

import dev.zkwasm.store.Page;
import java.util.function.BiFunction;

/** Page sizes and tokens of requests. */
final class Paging {
  static final int MAX = 1000;
  private static final int STANDARD = 50;

  private Paging() {}

  /**
   * @param list lists by page size and token; an IllegalArgumentException of it means the token
   */
  static <T> Page<T> page(int size, String token, BiFunction<Integer, String, Page<T>> list) {
    int items = size(size);
    try {
      return list.apply(items, token);
    } catch (IllegalArgumentException e) {
      throw Errors.invalid("page_token", Errors.message(e));
    }
  }

  /** The items that a page of this size in a request has at most. */
  static int size(int size) {
    new Violations().require(size >= 0, "page_size", "is negative").check();
    return size == 0 ? STANDARD : Math.min(size, MAX);
  }

  /** The number that a token stands for. */
  static long number(String field, String token) {
    try {
      return Page.number(token);
    } catch (IllegalArgumentException e) {
      throw Errors.invalid(field, Errors.message(e));
    }
  }
}
