package dev.zkwasm.bench.cli;

import dev.zkwasm.cli.CliException;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads lists of sizes: {@code 16}, {@code 16-20}, {@code 2^16..2^20}, {@code 12,16-18}. */
final class Sizes {
  static final int MIN = 4;
  static final int MAX = 26;

  private static final Pattern RANGE =
      Pattern.compile("(?:2\\^)?(\\d{1,3})(?:(?:-|\\.\\.)(?:2\\^)?(\\d{1,3}))?");

  private Sizes() {}

  /** Base-two logarithms, ascending. */
  static List<Integer> parse(String text) {
    TreeSet<Integer> logs = new TreeSet<>();
    for (String part : text.split(",", -1)) {
      Matcher range = RANGE.matcher(part.strip());
      if (!range.matches()) {
        throw CliException.badInput(
            "--log takes sizes as 16, 16-20, 2^16..2^20 or 12,16-18, not '" + text + "'");
      }
      int from = Integer.parseInt(range.group(1));
      int to = range.group(2) == null ? from : Integer.parseInt(range.group(2));
      if (from < MIN || to > MAX || from > to) {
        throw CliException.badInput(
            "--log takes sizes from 2^%d to 2^%d, the smaller one first, not '%s'"
                .formatted(MIN, MAX, part));
      }
      for (int log = from; log <= to; log++) {
        logs.add(log);
      }
    }
    return List.copyOf(logs);
  }
}
