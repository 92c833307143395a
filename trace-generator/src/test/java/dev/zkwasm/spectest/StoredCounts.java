package dev.zkwasm.spectest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The outcome per script that an engine must reproduce: a text file with the lines {@code script
 * passed failed unsupported text-format} and, where something fails, the reason why that is
 * accepted. Other lines start with {@code #}.
 */
final class StoredCounts {
  private final Path file;
  private final List<String> comments = new ArrayList<>();
  private final Map<String, ScriptCounts> counts = new TreeMap<>();
  private final Map<String, String> reasons = new TreeMap<>();

  private StoredCounts(Path file) {
    this.file = file;
  }

  static StoredCounts ofEngine(String engine) throws IOException {
    StoredCounts stored =
        new StoredCounts(Path.of("src", "test", "resources", "spectest", engine + ".txt"));
    for (String line : Files.readAllLines(stored.file)) {
      if (line.startsWith("#")) {
        stored.comments.add(line);
        continue;
      }
      String[] words = line.split(" +", 6);
      stored.counts.put(
          words[0],
          new ScriptCounts(
              Integer.parseInt(words[1]),
              Integer.parseInt(words[2]),
              Integer.parseInt(words[3]),
              Integer.parseInt(words[4])));
      stored.reasons.put(words[0], words.length > 5 ? words[5] : "");
    }
    return stored;
  }

  ScriptCounts of(String script) {
    return counts.getOrDefault(script, ScriptCounts.NONE);
  }

  /** Why the failures of a script are accepted; empty if they are not. */
  String reason(String script) {
    return reasons.getOrDefault(script, "");
  }

  /** Replaces the counts, keeps comments and reasons. */
  void write(Map<String, ScriptCounts> actual) throws IOException {
    List<String> lines = new ArrayList<>(comments);
    actual.forEach(
        (script, c) ->
            lines.add(
                String.format(
                        "%-24s %5d %5d %5d %5d  %s",
                        script,
                        c.passed(),
                        c.failed(),
                        c.unsupported(),
                        c.notApplicable(),
                        reason(script))
                    .stripTrailing()));
    Files.write(file, lines);
  }
}
