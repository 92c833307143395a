package dev.zkwasm.table;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Constraint;
import dev.zkwasm.air.Expr;
import dev.zkwasm.air.Interaction;
import dev.zkwasm.air.Table;
import dev.zkwasm.air.TextAlgebra;
import dev.zkwasm.bus.Bus;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The normative text of the constraint system, {@code docs/spec/constraints.txt}: all buses and,
 * table by table, columns, constraints and interactions. The grammar is in {@code
 * docs/spec/tables.md}. Its keccak256 is part of the universal key.
 *
 * <p>Every process that proves or verifies writes the text once, in code that has not run before:
 * plain loops, since setting up patterns and streams would take longer than all the rest.
 */
public final class ConstraintText {
  private static final TextAlgebra TEXT = new TextAlgebra();

  private ConstraintText() {}

  /** The text, ASCII, each line ended by a line feed. */
  public static String of(TableSet tables) {
    StringBuilder text = new StringBuilder();
    text.append("# The constraint system, format version 1. Grammar: tables.md.\n\n");
    for (Bus bus : Bus.values()) {
      line(text, "bus", name(bus), bus.code(), bus.arity());
    }
    for (Air air : tables.airs()) {
      text.append('\n');
      table(text, air);
    }
    return text.toString();
  }

  /** The bytes that the key's digest is computed over. */
  public static byte[] bytes(TableSet tables) {
    return of(tables).getBytes(StandardCharsets.US_ASCII);
  }

  private static void table(StringBuilder text, Air air) {
    Table table = air.table();
    if (table instanceof FixedTable fixed) {
      int log = Integer.numberOfTrailingZeros(fixed.fixedHeight());
      line(text, "table", table.name(), table.role(), log);
    } else {
      line(text, "table", table.name(), table.role());
    }
    for (Column column : table.columns()) {
      line(text, "column", lower(column.kind()), lower(column.width()), column.name());
      if (table instanceof FixedTable fixed && column.kind() == Column.Kind.FIXED) {
        line(text, "#", column.name(), "=", fixed.rules().get(column.index()));
      }
    }
    Set<String> labels = new HashSet<>();
    for (Constraint constraint : air.constraints()) {
      String label = word(labels, constraint.label());
      line(text, "constraint", lower(constraint.selector()), label, expr(constraint.expr()));
    }
    labels.clear();
    for (Interaction interaction : air.interactions()) {
      line(
          text,
          "interaction",
          word(labels, interaction.label()),
          name(interaction.bus()),
          interaction.sign() > 0 ? "send" : "receive",
          expr(interaction.multiplicity()),
          tuple(interaction));
    }
  }

  private static String tuple(Interaction interaction) {
    StringBuilder text = new StringBuilder();
    for (Expr element : interaction.tuple()) {
      text.append(text.isEmpty() ? "" : " ").append(expr(element));
    }
    return text.toString();
  }

  private static String expr(Expr expr) {
    return expr.in(TEXT);
  }

  private static String name(Bus bus) {
    return lower(bus);
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** A label as one word. */
  private static String word(Set<String> labels, String label) {
    StringBuilder plain = new StringBuilder(label.length());
    boolean inGap = false;
    for (int i = 0; i < label.length(); i++) {
      char c = label.charAt(i);
      boolean inWord =
          c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_';
      if (inWord) {
        plain.append(c);
      } else if (!inGap) {
        plain.append('-');
      }
      inGap = !inWord;
    }
    String word = plain.toString();
    if (!labels.add(word)) {
      throw new IllegalStateException("two labels are '" + word + "'");
    }
    return word;
  }

  private static void line(StringBuilder text, Object... words) {
    String separator = "";
    for (Object word : words) {
      text.append(separator).append(word);
      separator = " ";
    }
    text.append('\n');
  }
}
