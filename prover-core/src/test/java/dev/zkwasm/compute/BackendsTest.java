package dev.zkwasm.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.compute.cpu.CpuProvider;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackendsTest {
  private static final BackendOptions ONE = new BackendOptions(1);

  private record Fake(String name, int priority, Availability probe, boolean opens)
      implements BackendProvider {
    @Override
    public ComputeBackend open(BackendOptions options) {
      if (!opens) {
        throw new BackendException("fake: out of order");
      }
      return new CpuProvider().open(options);
    }
  }

  @Test
  void theCpuIsAlwaysThere() {
    try (ComputeBackend b = Backends.open("cpu", ONE)) {
      assertEquals("cpu", b.name());
    }
    assertTrue(
        Backends.candidates().stream()
            .anyMatch(c -> c.provider().name().equals("cpu") && c.availability().available()));
  }

  @Test
  void autoTakesTheFirstThatWorks() {
    List<BackendProvider> providers =
        List.of(
            new Fake("absent", 3, Availability.no("no device"), true),
            new Fake("broken", 2, Availability.yes("here"), false),
            new Fake("secret", -1, Availability.yes("here"), false),
            new CpuProvider());
    try (ComputeBackend b = Backends.select("auto", ONE, providers)) {
      assertEquals("cpu", b.name());
    }
    String absent = message("absent", providers);
    assertTrue(absent.contains("absent: no device"), absent);
    String broken = message("broken", providers);
    assertTrue(broken.contains("out of order"), broken);
    String unknown = message("gpu", providers);
    assertTrue(unknown.contains("gpu") && unknown.contains("absent"), unknown);
    String secretOnly = message("auto", providers.subList(2, 3));
    assertTrue(secretOnly.contains("auto"), secretOnly);
  }

  private static String message(String name, List<BackendProvider> providers) {
    return String.valueOf(
        assertThrows(BackendException.class, () -> Backends.select(name, ONE, providers))
            .getMessage());
  }
}
