package dev.zkwasm.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.bench.kernel.Check;
import dev.zkwasm.bench.kernel.Timing;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportTest {
  private static Result result(String kernel, int log, double seconds, Map<String, Double> stages) {
    return new Result(
        kernel,
        log,
        "uniform",
        "cpu",
        "a \"quoted\" device, with a comma & <signs>",
        2,
        false,
        new Timing(new double[] {seconds, 3 * seconds, 0.5 * seconds}, Check.RIGHT),
        100,
        "points",
        500,
        1e6,
        Map.of(),
        stages);
  }

  private static Report report(Result... results) {
    return new Report(Machine.here(), "zkprover bench", "a model", List.of(results));
  }

  private static NodeList elements(String svg, String name) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)))
        .getElementsByTagName(name);
  }

  @Test
  void medianPercentileAndRates() {
    double[] seconds = new double[40];
    for (int i = 0; i < seconds.length; i++) {
      seconds[i] = 40 - i;
    }
    Timing timing = new Timing(seconds, Check.RIGHT);
    assertEquals(20.5, timing.median());
    assertEquals(38, timing.p95());
    assertEquals(1, timing.min());
    Result result = result("msm", 10, 2, Map.of());
    assertEquals(50, result.perSecond());
    assertEquals(250, result.multiplicationsPerSecond());
    assertEquals(0.025, result.rooflinePercent(), 1e-12);
  }

  @Test
  void comparesByKey() {
    Report stored = report(result("msm", 10, 0.010, Map.of()), result("msm", 11, 0.020, Map.of()));
    Baseline baseline = Baseline.parse(stored.file());
    List<Baseline.Comparison> comparisons =
        baseline.compare(
            List.of(
                result("msm", 10, 0.015, Map.of()),
                result("msm", 11, 0.010, Map.of()),
                result("msm", 12, 0.010, Map.of()),
                result("ntt", 10, 0.010, Map.of())));
    assertEquals(2, comparisons.size());
    assertEquals(1.5, comparisons.get(0).ratio(), 1e-9);
    assertTrue(comparisons.get(0).regression());
    assertEquals(0.5, comparisons.get(1).ratio(), 1e-9);
    assertFalse(comparisons.get(1).regression());
  }

  @Test
  void refusesOtherFiles() {
    for (String text : List.of("", "{}", "[]", "{\"machine\": {}, \"results\": [{}]}", "\u0000")) {
      assertThrows(IllegalArgumentException.class, () -> Baseline.parse(text), text);
    }
  }

  @Test
  void tableQuotesWhatNeedsIt() {
    String csv = report(result("msm", 10, 0.010, Map.of())).csv();
    assertTrue(csv.contains("\"a \"\"quoted\"\" device, with a comma & <signs>\""), csv);
    assertEquals(2, csv.lines().count());
  }

  @Test
  void drawsALineForEachSeriesAndAPointForEachResult() throws Exception {
    List<Result> results = new ArrayList<>();
    for (int log = 10; log < 15; log++) {
      results.add(result("ntt", log, Math.scalb(1e-7, log), Map.of()));
      results.add(result("a < b & c", log, Math.scalb(3e-7, log), Map.of()));
    }
    Report report = report(results.toArray(Result[]::new));
    Baseline baseline = Baseline.parse(report(results.getFirst()).file());
    String svg = Plot.draw(report, baseline);
    assertEquals(10, elements(svg, "circle").getLength());
    // Two series and the stored one.
    assertEquals(3, elements(svg, "path").getLength());
    assertTrue(svg.contains("a &lt; b &amp; c"));
    // A single size, and times a billion apart.
    elements(Plot.draw(report(results.getFirst()), null), "path");
    elements(
        Plot.draw(report(result("a", 4, 1e-9, Map.of()), result("b", 26, 1e3, Map.of())), null),
        "path");
  }

  @Test
  void drawsStagesAsBarsThatAddUp() throws Exception {
    Map<String, Double> stages = new LinkedHashMap<>();
    stages.put("commit", 0.25);
    stages.put("quotient", 0.5);
    stages.put("open", 0.25);
    Report report = report(result("prove", 10, 1, stages), result("verify", 10, 0.01, Map.of()));
    String svg = Plot.draw(report, Baseline.parse(report.file()));
    // The ground, the legend, and two bars of three parts.
    assertEquals(1 + 3 + 2 * 3, elements(svg, "rect").getLength());
    assertTrue(svg.contains("quotient: 500 ms"), svg);
  }

  @Test
  void unitsAsPeopleReadThem() {
    assertEquals("93.1 ms", Units.seconds(0.0931));
    assertEquals("6.70 ns", Units.seconds(6.7e-9));
    assertEquals("1.00 s", Units.seconds(0.99999));
    assertEquals("150 s", Units.seconds(150));
    assertEquals("11.3 M", Units.count(11.3e6));
    assertEquals("999", Units.count(999));
  }

  @Test
  void oneWrongRunSpoilsAll() {
    assertEquals(Check.WRONG, Check.RIGHT.and(Check.WRONG));
    assertEquals(Check.WRONG, Check.WRONG.and(Check.NOT_MADE));
    assertEquals(Check.NOT_MADE, Check.NOT_MADE.and(Check.RIGHT));
    assertEquals(Check.RIGHT, Check.RIGHT.and(Check.RIGHT));
  }
}
