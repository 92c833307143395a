package dev.zkwasm.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds {@code docs/spec/attacks.md} to the tests: every class of attacks names tests, every test
 * named there exists in some module and is run, and every attack is named.
 */
class AttackPageTest {
  private static final Path ROOT = Path.of("..");
  private static final Path PAGE = ROOT.resolve("docs/spec/attacks.md");
  private static final Pattern NAME = Pattern.compile("`([A-Z]\\w+Test)\\.(\\w+)`");

  /** A method that JUnit runs: an annotation of a test, maybe others, and the method's name. */
  private static final Pattern TEST =
      Pattern.compile(
          "@(?:Test|ParameterizedTest|TestFactory)\\b(?:\\s*@\\w+(?:\\([^)]*\\))?|\\s*//[^\\n]*)*"
              + "\\s+(?:void|\\S+(?:<[^>]*>)?) (\\w+)\\(");

  private static final List<String> CLASSES =
      List.of(
          "Unconstrained result or high part",
          "Free multiplicity or flag",
          "Operand aliasing",
          "Division",
          "Range-check slips",
          "Calls and returns conflated",
          "Missing boundary",
          "Padding rows",
          "Program binding",
          "Fiat-Shamir",
          "Error cancellation",
          "Non-canonical inputs",
          "Verifier resource use",
          "Replay",
          "By kind of forgery");

  /** Tests by class of attacks. */
  private static Map<String, Set<String>> page() throws IOException {
    Map<String, Set<String>> classes = new LinkedHashMap<>();
    Set<String> current = new HashSet<>();
    for (String line : Files.readAllLines(PAGE)) {
      if (line.startsWith("## ")) {
        current = new HashSet<>();
        classes.put(line.substring(3), current);
      }
      Matcher names = NAME.matcher(line);
      while (names.find()) {
        current.add(names.group(1) + "." + names.group(2));
      }
    }
    return classes;
  }

  private static Map<String, Set<String>> tests() throws IOException {
    Map<String, Set<String>> tests = new HashMap<>();
    List<Path> modules;
    try (Stream<Path> folders = Files.list(ROOT)) {
      modules = folders.map(m -> m.resolve("src/test/java")).filter(Files::isDirectory).toList();
    }
    for (Path module : modules) {
      try (Stream<Path> files = Files.walk(module)) {
        files
            .filter(f -> f.toString().endsWith("Test.java"))
            .forEach(
                file -> {
                  String name = String.valueOf(file.getFileName()).replace(".java", "");
                  tests.computeIfAbsent(name, n -> new HashSet<>()).addAll(methods(file));
                });
      }
    }
    return tests;
  }

  private static Set<String> methods(Path file) {
    try {
      return TEST.matcher(Files.readString(file))
          .results()
          .map(r -> r.group(1))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyClassNamesTestsThatAreRun() throws IOException {
    Map<String, Set<String>> page = page();
    assertEquals(CLASSES, List.copyOf(page.keySet()));
    Map<String, Set<String>> tests = tests();
    List<String> missing = new ArrayList<>();
    page.forEach(
        (attacks, names) -> {
          assertFalse(names.isEmpty(), "no test for: " + attacks);
          for (String name : names) {
            int dot = name.indexOf('.');
            if (!tests
                .getOrDefault(name.substring(0, dot), Set.of())
                .contains(name.substring(dot + 1))) {
              missing.add(name);
            }
          }
          System.out.printf("assurance: attacks, %-34s %3d tests%n", attacks, names.size());
        });
    assertEquals(List.of(), missing, "named on the page, but not run");
  }

  @Test
  void everyKindOfForgeryHasATest() throws IOException {
    List<String> lines = Files.readAllLines(PAGE);
    List<String> rows =
        lines.subList(lines.indexOf("## By kind of forgery"), lines.size()).stream()
            .filter(l -> l.startsWith("| ") && !l.startsWith("| forged"))
            .toList();
    assertEquals(11, rows.size());
    rows.forEach(row -> assertTrue(NAME.matcher(row).find(), row));
  }

  @Test
  void everyAttackIsOnThePage() throws IOException {
    Map<String, Set<String>> tests = tests();
    Set<String> named = page().values().stream().flatMap(Set::stream).collect(Collectors.toSet());
    List<String> unnamed = new ArrayList<>();
    for (String of : List.of("AttackTest", "ForgedRunTest", "FiatShamirTest")) {
      Set<String> methods = tests.getOrDefault(of, Set.of());
      assertTrue(methods.size() > 3, of + " has tests: " + methods);
      methods.stream().map(m -> of + "." + m).filter(m -> !named.contains(m)).forEach(unnamed::add);
    }
    assertEquals(List.of(), unnamed);
  }

  /** A method of a test class without annotation is a test that somebody forgot to switch on. */
  @Test
  void noTestIsForgotten() throws IOException {
    Pattern method = Pattern.compile("\\n  void (\\w+)\\(\\)");
    List<String> forgotten = new ArrayList<>();
    for (String name : List.of("AttackTest", "ForgedRunTest", "ForgingTest", "AdversaryTest")) {
      Path file = Path.of("src/test/java/dev/zkwasm/table", name + ".java");
      Set<String> run = methods(file);
      method
          .matcher(Files.readString(file))
          .results()
          .map(r -> r.group(1))
          .filter(m -> !run.contains(m))
          .forEach(m -> forgotten.add(name + "." + m));
    }
    assertEquals(List.of(), forgotten);
  }
}
