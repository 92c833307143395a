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
    new Violations().require(size >= 0, "page_size", "is negative").check();
    try {
      return list.apply(size == 0 ? STANDARD : Math.min(size, MAX), token);
    } catch (IllegalArgumentException e) {
      throw Errors.invalid("page_token", Errors.message(e));
    }
  }
}
