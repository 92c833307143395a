package dev.zkwasm.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Draws results as SVG, readable on light and dark pages: time against size on logarithmic scales,
 * or the stages of proofs as bars.
 */
public final class Plot {
  private static final int WIDTH = 760;
  private static final int LEFT = 72;
  private static final int RIGHT = 196;
  private static final int TOP = 64;
  private static final int CHART_HEIGHT = 320;
  private static final int BAR = 34;
  private static final int BAR_GAP = 30;

  /** Of lines and parts of bars; further ones use them again, dashed or paler. */
  private static final List<String> LIGHT =
      List.of(
          "#2563c9", "#d9480f", "#2b8a3e", "#9c36b5", "#b8860b", "#0b7285", "#c2255c", "#5f6b7a");

  /** The same for dark pages. */
  private static final List<String> DARK =
      List.of(
          "#74a9ff", "#ff9a66", "#69cf83", "#d78bea", "#e8c25a", "#5cc6d9", "#ff85ae", "#a4aebd");

  private static final int COLOURS = LIGHT.size();

  private static final String STYLE =
      "<style>\n"
          + "svg { font: 13px system-ui, 'DejaVu Sans', sans-serif; }\n"
          + ".title { font-size: 17px; font-weight: 600; } .soft { font-size: 12px; }\n"
          + ".line { fill: none; stroke-width: 2; } .grid { stroke-width: 1; }\n"
          + ".stored { stroke-dasharray: 5 4; opacity: .65; } .again { stroke-dasharray: 2 3; }\n"
          + ".pale { opacity: .55; } .end { text-anchor: end; } .middle { text-anchor: middle; }\n"
          + colours("#ffffff", "#1f2430", "#667085", "#e4e7ec", LIGHT)
          + "@media (prefers-color-scheme: dark) {\n"
          + colours("#14171d", "#e6e9ef", "#98a2b3", "#333a47", DARK)
          + "}\n</style>\n";

  /** Plain rules: not every viewer knows variables. */
  private static String colours(
      String ground, String text, String soft, String grid, List<String> series) {
    StringBuilder rules = new StringBuilder();
    rules.append(".ground { fill: %s; } text { fill: %s; }".formatted(ground, text));
    rules.append(" .soft { fill: %s; } .grid { stroke: %s; }\n".formatted(soft, grid));
    for (int i = 0; i < series.size(); i++) {
      rules.append(
          ".f%d { fill: %s; } .s%d { stroke: %s; }%s"
              .formatted(i, series.get(i), i, series.get(i), i % 4 == 3 ? "\n" : " "));
    }
    return rules.toString();
  }

  private final StringBuilder svg = new StringBuilder();

  private Plot() {}

  /** A point of a series. */
  private record Point(int log, double seconds) {}

  /** A line; stored ones come from a baseline. */
  private record Series(String name, boolean stored, List<Point> points) {}

  /** A bar with its parts. */
  private record Bar(String name, double total, Map<String, Double> parts) {}

  /**
   * Draws results: as bars if they have stages, else as lines.
   *
   * @param baseline drawn beside them where it has the same, or null
   */
  public static String draw(Report report, @Nullable Baseline baseline) {
    Plot plot = new Plot();
    if (staged(report)) {
      plot.bars(report, bars(report, baseline));
    } else {
      plot.lines(report, series(report, baseline));
    }
    return plot.svg.toString();
  }

  private static boolean staged(Report report) {
    return report.results().stream().anyMatch(result -> !result.stages().isEmpty());
  }

  // Lines.

  private static List<Series> series(Report report, @Nullable Baseline baseline) {
    Map<String, Series> all = new LinkedHashMap<>();
    Set<String> measured = new LinkedHashSet<>();
    for (Result r : report.results()) {
      String name = name(report, r.kernel(), r.scalars(), r.backend(), r.transfers());
      measured.add(r.key());
      all.computeIfAbsent(name, n -> new Series(n, false, new ArrayList<>()))
          .points()
          .add(new Point(r.logSize(), r.timing().median()));
    }
    if (baseline != null) {
      for (Baseline.Entry e : baseline.entries()) {
        if (measured.contains(e.key())) {
          String name = name(report, e.kernel(), e.scalars(), e.backend(), e.transfers());
          all.computeIfAbsent(
                  "stored " + name, n -> new Series("stored " + name, true, new ArrayList<>()))
              .points()
              .add(new Point(e.logSize(), e.median()));
        }
      }
    }
    return List.copyOf(all.values());
  }

  /** What tells the lines apart; what all have in common is left out. */
  private static String name(
      Report report, String kernel, String scalars, String backend, boolean transfers) {
    List<String> parts = new ArrayList<>();
    if (differ(report, Result::kernel)) {
      parts.add(kernel);
    }
    if (differ(report, Result::scalars)) {
      parts.add(scalars);
    }
    if (differ(report, Result::backend)) {
      parts.add(backend);
    }
    if (differ(report, Result::transfers)) {
      parts.add(transfers ? "with transfers" : "on the device");
    }
    return parts.isEmpty() ? kernel : String.join(", ", parts);
  }

  private static boolean differ(
      Report report, java.util.function.Function<Result, Object> property) {
    return report.results().stream().map(property).distinct().count() > 1;
  }

  private void lines(Report report, List<Series> series) {
    int minLog = Integer.MAX_VALUE;
    int maxLog = Integer.MIN_VALUE;
    double min = Double.MAX_VALUE;
    double max = 0;
    for (Series s : series) {
      for (Point p : s.points()) {
        minLog = Math.min(minLog, p.log());
        maxLog = Math.max(maxLog, p.log());
        min = Math.min(min, p.seconds());
        max = Math.max(max, p.seconds());
      }
    }
    double low = Math.floor(Math.log10(min) * 3) / 3 - 0.05;
    double high = Math.ceil(Math.log10(max) * 3) / 3 + 0.05;
    open(report, TOP + CHART_HEIGHT + 62, "median time against size");
    double bottom = TOP + CHART_HEIGHT;
    for (int decade = (int) Math.floor(low); decade <= high; decade++) {
      for (int digit : new int[] {1, 2, 5}) {
        double exponent = decade + Math.log10(digit);
        if (exponent >= low && exponent <= high) {
          double y = bottom - CHART_HEIGHT * (exponent - low) / (high - low);
          line(LEFT, y, WIDTH - RIGHT, y, "grid");
          text(LEFT - 8, y + 4, "soft end", tick(digit, decade));
        }
      }
    }
    int step = 1 + (maxLog - minLog) / 12;
    for (int log = minLog; log <= maxLog; log += step) {
      double x = x(log, minLog, maxLog);
      line(x, bottom, x, bottom + 5, "grid");
      svg.append("<text class=\"soft middle\" x=\"%s\" y=\"%s\">2".formatted(f(x), f(bottom + 22)))
          .append("<tspan dy=\"-5\" font-size=\"9\">%d</tspan></text>\n".formatted(log));
    }
    Map<String, Integer> colours = new LinkedHashMap<>();
    TreeMap<Double, String> labels = new TreeMap<>();
    for (Series s : series) {
      String base = s.stored() ? s.name().substring("stored ".length()) : s.name();
      int index = colours.computeIfAbsent(base, n -> colours.size());
      int colour = index % COLOURS;
      String kind = s.stored() ? " stored" : index >= COLOURS ? " again" : "";
      List<Point> points =
          s.points().stream().sorted(java.util.Comparator.comparingInt(Point::log)).toList();
      StringBuilder path = new StringBuilder();
      double lastY = 0;
      for (Point p : points) {
        double x = x(p.log(), minLog, maxLog);
        lastY = bottom - CHART_HEIGHT * (Math.log10(p.seconds()) - low) / (high - low);
        path.append(path.isEmpty() ? "M" : " L").append(f(x)).append(' ').append(f(lastY));
        if (!s.stored()) {
          svg.append(
              "<circle class=\"f%d\" cx=\"%s\" cy=\"%s\" r=\"3.2\"><title>%s, 2^%d: %s</title></circle>\n"
                  .formatted(
                      colour,
                      f(x),
                      f(lastY),
                      escape(s.name()),
                      p.log(),
                      Units.seconds(p.seconds())));
        }
      }
      svg.append("<path class=\"line s%d%s\" d=\"%s\"/>\n".formatted(colour, kind, path));
      // Labels that would lie on each other move apart.
      while (labels.floorKey(lastY + 15) != null && labels.floorKey(lastY + 15) > lastY - 15) {
        lastY += 1;
      }
      labels.put(lastY, s.name());
      svg.append(
          "<text class=\"f%d\" x=\"%s\" y=\"%s\">%s</text>\n"
              .formatted(colour, f(WIDTH - RIGHT + 12.0), f(lastY + 4), escape(s.name())));
    }
    text((LEFT + WIDTH - RIGHT) / 2.0, bottom + 46, "soft middle", "size");
    svg.append("</svg>\n");
  }

  private static double x(int log, int min, int max) {
    return max == min
        ? (LEFT + WIDTH - RIGHT) / 2.0
        : LEFT + 14 + (WIDTH - RIGHT - LEFT - 28.0) * (log - min) / (max - min);
  }

  private static String tick(int digit, int decade) {
    int group = Math.floorDiv(decade, 3);
    int number = digit * (int) Math.pow(10, decade - 3 * group);
    String unit =
        switch (group) {
          case -4 -> "ps";
          case -3 -> "ns";
          case -2 -> "µs";
          case -1 -> "ms";
          case 0 -> "s";
          default -> "000 s";
        };
    return number + " " + unit;
  }

  // Bars.

  private static List<Bar> bars(Report report, @Nullable Baseline baseline) {
    List<Bar> bars = new ArrayList<>();
    for (Result r : report.results()) {
      if (r.stages().isEmpty()) {
        continue;
      }
      bars.add(new Bar(r.scalars() + ", " + r.backend(), r.timing().median(), r.stages()));
      if (baseline != null) {
        for (Baseline.Entry e : baseline.entries()) {
          if (e.key().equals(r.key()) && !e.stages().isEmpty()) {
            bars.add(new Bar("stored: " + e.scalars(), e.median(), e.stages()));
          }
        }
      }
    }
    return bars;
  }

  private void bars(Report report, List<Bar> bars) {
    Map<String, Integer> colours = new LinkedHashMap<>();
    double max = 0;
    for (Bar bar : bars) {
      max = Math.max(max, bar.total());
      bar.parts().keySet().forEach(part -> colours.putIfAbsent(part, colours.size()));
    }
    int legendRows = (colours.size() + 5) / 6;
    int chart = TOP + legendRows * 22 + 14;
    open(report, chart + bars.size() * (BAR + BAR_GAP) + 16, "stages of a proof");
    int position = 0;
    for (Map.Entry<String, Integer> part : colours.entrySet()) {
      double x = 24 + position % 6 * 118.0;
      int row = position / 6;
      double y = TOP + row * 22.0;
      svg.append(
          "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"12\" height=\"12\" rx=\"2\"/>\n"
              .formatted(colour(part.getValue()), f(x), f(y)));
      text(x + 18, y + 11, "soft", part.getKey());
      position++;
    }
    double scale = (WIDTH - 48.0 - 84) / max;
    double y = chart;
    for (Bar bar : bars) {
      text(24, y + 12, "soft", bar.name());
      double x = 24;
      for (Map.Entry<String, Double> part : bar.parts().entrySet()) {
        double width = part.getValue() * scale;
        svg.append(
            "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%d\"><title>%s: %s</title></rect>\n"
                .formatted(
                    colour(colours.getOrDefault(part.getKey(), 0)),
                    f(x),
                    f(y + 18),
                    f(Math.max(0, width - 1)),
                    BAR,
                    escape(part.getKey()),
                    Units.seconds(part.getValue())));
        x += width;
      }
      text(x + 8, y + 18 + BAR / 2.0 + 5, "", Units.seconds(bar.total()));
      y += BAR + BAR_GAP;
    }
    svg.append("</svg>\n");
  }

  private static String colour(int index) {
    return "f" + index % COLOURS + (index < COLOURS ? "" : " pale");
  }

  // Parts of a picture.

  private void open(Report report, int height, String what) {
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">
        """
            .formatted(WIDTH, height, WIDTH, height));
    String title =
        report.results().stream()
            .filter(result -> !staged(report) || !result.stages().isEmpty())
            .map(Result::kernel)
            .distinct()
            .limit(4)
            .reduce((a, b) -> a + ", " + b)
            .orElse("");
    svg.append("<title>").append(escape(title + ": " + what)).append("</title>\n");
    svg.append(STYLE);
    svg.append(
        "<rect class=\"ground\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n".formatted(WIDTH, height));
    text(24, 30, "title", title + ": " + what);
    Machine m = report.machine();
    int threads = report.results().stream().mapToInt(Result::threads).max().orElse(1);
    text(
        24,
        48,
        "soft",
        "%s, %d thread%s, Java %s, commit %s, %s"
            .formatted(
                m.cpu(),
                threads,
                threads == 1 ? "" : "s",
                m.jdk().split("[+,]", 2)[0],
                m.commit(),
                m.date().substring(0, 10)));
  }

  private void line(double x1, double y1, double x2, double y2, String type) {
    svg.append(
        "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n"
            .formatted(type, f(x1), f(y1), f(x2), f(y2)));
  }

  private void text(double x, double y, String type, String text) {
    svg.append(
        "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n"
            .formatted(type, f(x), f(y), escape(text)));
  }

  private static String f(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
