package dev.zkwasm.bench.report;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Results that were stored earlier.
 *
 * @param machine cpu, JDK, commit and date, in one line
 * @param entries what is compared, in order
 */
public record Baseline(String machine, List<Entry> entries) {
  /** A ratio from here on counts as a regression: less is what clocks and schedulers do. */
  public static final double NOISE = 1.10;

  /**
   * A stored result.
   *
   * @param key as {@link Result#key}
   */
  public record Entry(
      String key,
      String kernel,
      int logSize,
      String scalars,
      String backend,
      int threads,
      boolean transfers,
      double median,
      Map<String, Double> stages) {}

  /**
   * A result against a stored one.
   *
   * @param ratio of the medians, above 1 if it has become slower
   */
  public record Comparison(Result result, double baselineMedian, double ratio) {
    /** Whether it is slower by more than noise. */
    public boolean regression() {
      return ratio >= NOISE;
    }
  }

  /**
   * Reads what {@link Report#file} or {@code --json} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Baseline parse(String text) {
    Struct.Builder json = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(text, json);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("no JSON object: " + e.getMessage(), e);
    }
    Struct where = object(json.build(), "machine");
    List<Entry> entries = new ArrayList<>();
    for (Value entry :
        get(json.build(), "results", Value.KindCase.LIST_VALUE).getListValue().getValuesList()) {
      entries.add(entry(entry.getStructValue()));
    }
    return new Baseline(
        "%s, %s, commit %s, %s"
            .formatted(
                text(where, "cpu"), text(where, "jdk"), text(where, "commit"), text(where, "date")),
        entries);
  }

  private static Entry entry(Struct json) {
    Map<String, Double> stages = new LinkedHashMap<>();
    if (json.containsFields("seconds")) {
      Struct seconds = object(json, "seconds");
      seconds.getFieldsMap().keySet().forEach(stage -> stages.put(stage, number(seconds, stage)));
    }
    String kernel = text(json, "kernel");
    int logSize = (int) number(json, "logSize");
    String scalars = text(json, "scalars");
    String backend = text(json, "backend");
    int threads = (int) number(json, "threads");
    boolean transfers = get(json, "transfers", Value.KindCase.BOOL_VALUE).getBoolValue();
    return new Entry(
        Result.key(kernel, logSize, scalars, backend, threads, transfers),
        kernel,
        logSize,
        scalars,
        backend,
        threads,
        transfers,
        number(json, "medianSeconds"),
        stages);
  }

  private static Value get(Struct json, String key, Value.KindCase kind) {
    Value value = json.getFieldsOrDefault(key, Value.getDefaultInstance());
    if (value.getKindCase() != kind) {
      throw new IllegalArgumentException("not stored by zkprover bench: '" + key + "' is missing");
    }
    return value;
  }

  private static Struct object(Struct json, String key) {
    return get(json, key, Value.KindCase.STRUCT_VALUE).getStructValue();
  }

  private static String text(Struct json, String key) {
    return get(json, key, Value.KindCase.STRING_VALUE).getStringValue();
  }

  private static double number(Struct json, String key) {
    return get(json, key, Value.KindCase.NUMBER_VALUE).getNumberValue();
  }

  /** The results that are in the baseline too. */
  public List<Comparison> compare(List<Result> results) {
    List<Comparison> comparisons = new ArrayList<>();
    for (Result result : results) {
      for (Entry entry : entries) {
        if (entry.key().equals(result.key())) {
          comparisons.add(
              new Comparison(result, entry.median(), result.timing().median() / entry.median()));
        }
      }
    }
    return comparisons;
  }
}
