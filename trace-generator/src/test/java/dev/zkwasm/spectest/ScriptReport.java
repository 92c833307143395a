package dev.zkwasm.spectest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What came out of a script, command by command; registrations are not counted. */
final class ScriptReport {
  private int passed;
  private int unsupported;
  private int notApplicable;
  private final Map<String, Integer> passedByKind = new TreeMap<>();
  private final Map<Integer, String> failures = new TreeMap<>();
  private final Map<String, Integer> reasons = new TreeMap<>();

  void pass(Command command) {
    passed++;
    passedByKind.merge(command.getClass().getSimpleName(), 1, Integer::sum);
  }

  void fail(int line, String message) {
    failures.merge(line, message, (first, second) -> first + "; " + second);
  }

  /** Counts a command that the engine does not support, by reason. */
  void unsupported(String reason) {
    unsupported++;
    reasons.merge(reason, 1, Integer::sum);
  }

  void notApplicable() {
    notApplicable++;
  }

  int passed() {
    return passed;
  }

  /** How many commands passed, by kind of command. */
  Map<String, Integer> passedByKind() {
    return passedByKind;
  }

  /** Wrong answers by line of the script. */
  Map<Integer, String> failures() {
    return failures;
  }

  /** How many commands were not supported, by reason. */
  Map<String, Integer> reasons() {
    return reasons;
  }

  ScriptCounts counts() {
    return new ScriptCounts(passed, failures.size(), unsupported, notApplicable);
  }

  List<String> failureLines(String script) {
    List<String> lines = new ArrayList<>();
    failures.forEach((line, message) -> lines.add(script + ".wast:" + line + ": " + message));
    return lines;
  }
}
