package dev.zkwasm.bench.report;

import dev.zkwasm.bench.kernel.Check;
import dev.zkwasm.cli.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The results of one run of {@code zkprover bench}.
 *
 * @param machine where
 * @param command as typed
 * @param model what the per cent of the roofline mean; empty if there are none
 * @param results in the order measured
 */
public record Report(Machine machine, String command, String model, List<Result> results) {
  /** Copies the list. */
  public Report {
    results = List.copyOf(results);
  }

  /** Whether a result was compared with what it should be and differs. */
  public boolean hasWrongResult() {
    return results.stream().anyMatch(result -> result.timing().check() == Check.WRONG);
  }

  /** All of it. */
  public Map<String, Object> json() {
    Map<String, Object> json = head();
    json.put("results", results.stream().map(result -> (Object) result.json()).toList());
    return json;
  }

  private Map<String, Object> head() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("machine", machine.json());
    json.put("command", command);
    if (!model.isEmpty()) {
      json.put("roofline", model);
    }
    return json;
  }

  /** The same as {@link #json} with a line for each result, so that versions can be compared. */
  public String file() {
    StringBuilder text = new StringBuilder("{\n");
    head()
        .forEach(
            (key, value) ->
                text.append(Json.write(key)).append(": ").append(Json.write(value)).append(",\n"));
    text.append("\"results\": [\n");
    for (int i = 0; i < results.size(); i++) {
      text.append(Json.write(results.get(i).json()));
      text.append(i + 1 < results.size() ? ",\n" : "\n");
    }
    return text.append("]}\n").toString();
  }

  /** A table with a header, RFC 4180. */
  public String csv() {
    StringBuilder text =
        new StringBuilder(
            "kernel,logSize,scalars,backend,device,threads,transfers,iterations,medianSeconds,"
                + "p95Seconds,minSeconds,perSecond,unit,multiplicationsPerSecond,rooflinePercent,"
                + "checked,cpu,jdk,commit,date\r\n");
    for (Result result : results) {
      Map<String, Object> json = result.json();
      json.putAll(machine.json());
      String[] columns = text.substring(0, text.indexOf("\r\n")).split(",", -1);
      for (int i = 0; i < columns.length; i++) {
        Object value = json.get(columns[i]);
        String cell =
            value == null ? "" : value instanceof String s ? quoted(s) : Json.write(value);
        text.append(i == 0 ? "" : ",").append(cell);
      }
      text.append("\r\n");
    }
    return text.toString();
  }

  private static String quoted(String text) {
    return text.matches("[^,\"\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
