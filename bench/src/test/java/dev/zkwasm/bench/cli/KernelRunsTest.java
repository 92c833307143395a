package dev.zkwasm.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class KernelRunsTest {
  /** The mean power comes from the energy counted, not from the moment. */
  @Test
  void sensors() {
    Map<String, Double> before = Map.of("energyJoules", 1000.0, "smClockMhz", 345.0);
    Map<String, Double> after =
        Map.of("energyJoules", 1900.0, "powerWatts", 80.0, "smClockMhz", 1980.0);
    assertEquals(
        Map.of("powerWatts", 450.0, "smClockMhz", 1980.0), KernelRuns.sensors(before, after, 2));
    assertEquals(
        Map.of("powerWatts", 80.0), KernelRuns.sensors(Map.of(), Map.of("powerWatts", 80.0), 2));
    assertEquals(Map.of(), KernelRuns.sensors(Map.of(), Map.of(), 2));
  }
}
