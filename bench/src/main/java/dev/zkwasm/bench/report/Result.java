package dev.zkwasm.bench.report;

import dev.zkwasm.bench.kernel.Check;
import dev.zkwasm.bench.kernel.Timing;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One measured figure and what it belongs to.
 *
 * @param kernel what was timed
 * @param logSize base-two logarithm of its size
 * @param scalars the kind of scalars or elements, or the guest and call that was run
 * @param backend name of the backend
 * @param device what the backend says of itself
 * @param threads host threads
 * @param transfers whether the time of a kernel includes moving bulk data to and from the device;
 *     false for other work, which moves what it needs
 * @param timing seconds of one go
 * @param items what one go processes
 * @param unit what the items are: points, elements, steps
 * @param multiplications field multiplications of one go after the model, 0 if there is none
 * @param roofline the device's field multiplications per second, 0 if not measured
 * @param more further figures by name
 * @param stages seconds by stage, which add up to the median; empty if there are none
 */
public record Result(
    String kernel,
    int logSize,
    String scalars,
    String backend,
    String device,
    int threads,
    boolean transfers,
    Timing timing,
    double items,
    String unit,
    double multiplications,
    double roofline,
    Map<String, Object> more,
    Map<String, Double> stages) {

  /**
   * A figure of a guest's run, which no model of field multiplications goes with.
   *
   * @param wasmSteps WebAssembly instructions executed: the size
   */
  public static Result ofRun(
      String kernel,
      long wasmSteps,
      String guest,
      String backend,
      String device,
      int threads,
      Timing timing,
      double items,
      String unit,
      Map<String, Object> more,
      Map<String, Double> stages) {
    int log = 63 - Long.numberOfLeadingZeros(Math.max(1, wasmSteps));
    return new Result(
        kernel, log, guest, backend, device, threads, false, timing, items, unit, 0, 0, more,
        stages);
  }

  /** What makes two results comparable. */
  public String key() {
    return key(kernel, logSize, scalars, backend, threads, transfers);
  }

  static String key(
      String kernel, int logSize, String scalars, String backend, int threads, boolean transfers) {
    return "%s 2^%d %s %s, %d thread%s%s"
        .formatted(
            kernel,
            logSize,
            scalars,
            backend,
            threads,
            threads == 1 ? "" : "s",
            transfers ? ", with transfers" : "");
  }

  /** Items per second at the median. */
  public double perSecond() {
    return items / timing.median();
  }

  /** Field multiplications per second at the median, after the model. */
  public double multiplicationsPerSecond() {
    return multiplications / timing.median();
  }

  /** Part of the roofline that is reached, in per cent; 0 if there is none. */
  public double rooflinePercent() {
    return roofline > 0 ? 100 * multiplicationsPerSecond() / roofline : 0;
  }

  /** For reports. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kernel", kernel);
    json.put("logSize", logSize);
    json.put("scalars", scalars);
    json.put("backend", backend);
    json.put("device", device);
    json.put("threads", threads);
    json.put("transfers", transfers);
    json.put("iterations", timing.seconds().length);
    json.put("medianSeconds", timing.median());
    json.put("p95Seconds", timing.p95());
    json.put("minSeconds", timing.min());
    json.put("perSecond", perSecond());
    json.put("unit", unit);
    if (multiplications > 0) {
      json.put("multiplicationsPerSecond", multiplicationsPerSecond());
    }
    if (multiplications > 0 && roofline > 0) {
      json.put("rooflinePercent", rooflinePercent());
    }
    json.put("checked", timing.check() == Check.RIGHT);
    json.putAll(more);
    if (!stages.isEmpty()) {
      json.put("seconds", stages);
    }
    return json;
  }
}
