package dev.zkwasm.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Keeps how long the steps of a command take. */
final class Stopwatch {
  private final long start = System.nanoTime();
  private final Map<String, Object> seconds = new LinkedHashMap<>();

  <T> T time(String step, Supplier<T> work) {
    long before = System.nanoTime();
    T result = work.get();
    seconds.put(step, (System.nanoTime() - before) * 1e-9);
    return result;
  }

  void add(Map<String, Double> stages) {
    stages.forEach(seconds::putIfAbsent);
  }

  /** Seconds by step, and in all. */
  Map<String, Object> seconds() {
    Map<String, Object> all = new LinkedHashMap<>(seconds);
    all.put("total", total());
    return all;
  }

  double total() {
    return (System.nanoTime() - start) * 1e-9;
  }
}
