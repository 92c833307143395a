package dev.zkwasm.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Writes JSON: maps, lists, strings, booleans, integers, and numbers with six digits after the
 * point, small ones with six significant digits.
 */
public final class Json {
  private Json() {}

  /** One line of JSON. */
  public static String write(Object value) {
    StringBuilder out = new StringBuilder();
    write(out, value);
    return out.toString();
  }

  private static void write(StringBuilder out, Object value) {
    switch (value) {
      case Map<?, ?> map -> {
        out.append('{');
        Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
        while (entries.hasNext()) {
          Map.Entry<?, ?> entry = entries.next();
          string(out, String.valueOf(entry.getKey()));
          out.append(": ");
          write(out, entry.getValue());
          out.append(entries.hasNext() ? ", " : "");
        }
        out.append('}');
      }
      case List<?> list -> {
        out.append('[');
        Iterator<?> items = list.iterator();
        while (items.hasNext()) {
          write(out, items.next());
          out.append(items.hasNext() ? ", " : "");
        }
        out.append(']');
      }
      case String text -> string(out, text);
      case Boolean bool -> out.append(bool.booleanValue());
      case Double number -> out.append(decimal(number));
      case Long number -> out.append(number.longValue());
      case Integer number -> out.append(number.intValue());
      default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
    }
  }

  private static String decimal(double number) {
    if (!Double.isFinite(number)) {
      throw new IllegalArgumentException("no JSON for " + number);
    }
    BigDecimal decimal = BigDecimal.valueOf(number);
    // Above 0 for 0.0123: the zeros between the point and the first digit.
    int zeros = decimal.signum() == 0 ? 0 : Math.max(0, decimal.scale() - decimal.precision());
    return decimal.setScale(6 + zeros, RoundingMode.HALF_EVEN).toPlainString();
  }

  private static void string(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20 || c == 0x7f || Character.isSurrogate(c)) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
