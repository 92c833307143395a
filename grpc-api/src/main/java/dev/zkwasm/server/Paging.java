package dev.zkwasm.server;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Page sizes and tokens of requests. A token is a letter for the list that it is of, so that one of
 * another list is refused instead of misread, and the number of the last item seen.
 */
enum Paging {
  EXTENSIONS('e'),
  JOBS('j'),
  POST_OPS('p');

  static final int MAX = 1000;
  private static final int STANDARD = 50;
  private static final Pattern TOKEN = Pattern.compile("([a-z])([1-9][0-9]{0,17})");

  private final char letter;

  Paging(char letter) {
    this.letter = letter;
  }

  /** The items that a page of this size in a request has at most. */
  static int size(int size) {
    new Violations().require(size >= 0, "page_size", "is negative").check();
    return size == 0 ? STANDARD : Math.min(size, MAX);
  }

  /**
   * The token for what comes after an item.
   *
   * @param last number of the last item seen
   * @return empty for 0: there is no more
   */
  String token(long last) {
    return last == 0 ? "" : letter + Long.toString(last);
  }

  /**
   * The number of the last item seen; 0 if the token is empty: none yet.
   *
   * @param field the request's field that has the token
   * @throws io.grpc.StatusRuntimeException INVALID_ARGUMENT if it is no token of this list
   */
  long last(String field, String token) {
    if (token.isEmpty()) {
      return 0;
    }
    Matcher matcher = TOKEN.matcher(token);
    if (!matcher.matches() || matcher.group(1).charAt(0) != letter) {
      throw Errors.invalid(field, "is no token of this list");
    }
    return Long.parseLong(matcher.group(2));
  }
}
