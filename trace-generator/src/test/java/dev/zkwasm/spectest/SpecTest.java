package dev.zkwasm.spectest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * Runs the scripts on an engine, one test per script. A wrong answer fails, unless the stored
 * counts accept it with a reason; so does any difference from the stored counts, to the better as
 * well, so that what was reached once is kept. {@code -Dspectest.update=true} stores the counts
 * instead of comparing them. The report, printed and in {@code target/spectest-ENGINE.txt}, has the
 * counts, what failed and what the engine did not support.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SpecTest {
  private final Engine engine;
  private final Map<String, ScriptReport> reports = new TreeMap<>();

  SpecTest(Engine engine) {
    this.engine = engine;
  }

  @TestFactory
  Stream<DynamicTest> scripts() throws IOException {
    Path archive = SpecArchive.location();
    if (!Files.exists(archive)) {
      String skip =
          "SKIPPED: specification tests on "
              + engine.name()
              + ": there is no "
              + archive.toAbsolutePath().normalize();
      System.out.println(skip);
      return Stream.of(DynamicTest.dynamicTest("absent", () -> Assumptions.abort(skip)));
    }
    StoredCounts stored = StoredCounts.ofEngine(engine.name());
    return SpecArchive.scripts(archive).stream()
        .map(script -> DynamicTest.dynamicTest(script.name(), () -> check(script, stored)));
  }

  private void check(Script script, StoredCounts stored) {
    ScriptReport report = ScriptRunner.run(script, engine);
    reports.put(script.name(), report);
    ScriptCounts counts = report.counts();
    if (stored.reason(script.name()).isEmpty() && counts.failed() > 0) {
      fail(String.join("\n", report.failureLines(script.name())));
    }
    assertTrue(
        counts.passed() + counts.unsupported() + counts.notApplicable() > 0,
        "script without commands");
    if (!update()) {
      assertEquals(
          stored.of(script.name()),
          counts,
          "not the stored counts. To store what is better now, run with -Dspectest.update=true");
    }
  }

  private static boolean update() {
    return Boolean.getBoolean("spectest.update");
  }

  @AfterAll
  void report() throws IOException {
    if (reports.isEmpty()) {
      return;
    }
    List<String> lines = new ArrayList<>();
    Map<String, Integer> reasons = new TreeMap<>();
    Map<String, ScriptCounts> counts = new TreeMap<>();
    reports.forEach(
        (script, report) -> {
          counts.put(script, report.counts());
          lines.add(script + ": " + report.counts());
          report.failureLines(script).forEach(line -> lines.add("  " + line));
          report
              .reasons()
              .forEach((reason, n) -> lines.add("  unsupported " + n + " times: " + reason));
          report
              .reasons()
              .forEach((reason, n) -> reasons.merge(featureOf(reason), n, Integer::sum));
        });
    String total =
        counts.values().stream().reduce(ScriptCounts.NONE, ScriptCounts::plus).toString();
    lines.add("all " + counts.size() + " scripts: " + total);
    Map<String, Integer> passed = new TreeMap<>();
    reports
        .values()
        .forEach(r -> r.passedByKind().forEach((kind, n) -> passed.merge(kind, n, Integer::sum)));
    lines.add("passed by kind of command: " + passed);
    reasons.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .forEach(e -> lines.add(String.format("%7d unsupported: %s", e.getValue(), e.getKey())));
    System.out.println(engine.name() + ", specification tests:");
    lines.forEach(System.out::println);
    Path file = Path.of("target", "spectest-" + engine.name() + ".txt");
    Files.createDirectories(file.getParent());
    Files.write(file, lines);
    if (update()) {
      StoredCounts.ofEngine(engine.name()).write(counts);
    }
  }

  /** A reason without the places it names, to add up what is the same. */
  private static String featureOf(String reason) {
    return reason
        .replaceAll("\"[^\"]*\"|\\([^)]*\\)", "..")
        .replaceAll("\\b(0x[0-9a-f]+|\\d+)\\b", "N");
  }
}
