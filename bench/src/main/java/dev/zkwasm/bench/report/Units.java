package dev.zkwasm.bench.report;

import java.util.Locale;

/** Figures as people read them: three digits and a prefix. */
public final class Units {
  private static final String[] SMALL = {"", "m", "µ", "n"};
  private static final String[] LARGE = {"", "k", "M", "G", "T"};

  private Units() {}

  /** A time: {@code 93.1 ms}. */
  public static String seconds(double seconds) {
    int prefix = 0;
    double value = seconds;
    while (value < 0.9995 && value > 0 && prefix < SMALL.length - 1) {
      value *= 1000;
      prefix++;
    }
    return digits(value) + " " + SMALL[prefix] + "s";
  }

  /** A count or rate: {@code 11.3 M}. */
  public static String count(double count) {
    int prefix = 0;
    double value = count;
    while (value >= 999.5 && prefix < LARGE.length - 1) {
      value /= 1000;
      prefix++;
    }
    return digits(value) + (prefix == 0 ? "" : " " + LARGE[prefix]);
  }

  private static String digits(double value) {
    int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
