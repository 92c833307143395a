package dev.zkwasm.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A device's sensors, by NVIDIA's management library, which comes with most drivers. What it does
 * not know, or may not tell, is left out.
 */
final class Nvml {
  private static final String LIBRARY = "libnvidia-ml.so.1";
  private static final int SUCCESS = 0;
  private static final int CLOCK_SM = 1;
  private static final int CLOCK_MEMORY = 2;
  private static final int SENSOR_GPU = 0;

  private final SymbolLookup symbols;
  private final MemorySegment device;

  private Nvml(SymbolLookup symbols, MemorySegment device) {
    this.symbols = symbols;
    this.device = device;
  }

  /**
   * The sensors of a device, if there are any.
   *
   * @param busId its place on the PCI bus, as the driver has it
   */
  static Optional<Nvml> of(String busId) {
    SymbolLookup symbols;
    try {
      symbols = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle = arena.allocate(ADDRESS);
      // Initialised once more for each device, and never shut down: the library counts.
      return call(symbols, "nvmlInit_v2")
              && call(
                  symbols, "nvmlDeviceGetHandleByPciBusId_v2", arena.allocateFrom(busId), handle)
          ? Optional.of(new Nvml(symbols, handle.get(ADDRESS, 0)))
          : Optional.empty();
    }
  }

  /**
   * What the sensors say now: {@code energyJoules} since the driver was loaded, {@code powerWatts},
   * {@code smClockMhz}, {@code memoryClockMhz}, {@code temperatureCelsius}.
   */
  Map<String, Double> readings() {
    Map<String, Double> readings = new LinkedHashMap<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_LONG);
      if (call(symbols, "nvmlDeviceGetTotalEnergyConsumption", device, value)) {
        readings.put("energyJoules", value.get(JAVA_LONG, 0) / 1e3);
      }
      if (call(symbols, "nvmlDeviceGetPowerUsage", device, value)) {
        readings.put("powerWatts", value.get(JAVA_INT, 0) / 1e3);
      }
      if (call(symbols, "nvmlDeviceGetClockInfo", device, CLOCK_SM, value)) {
        readings.put("smClockMhz", (double) value.get(JAVA_INT, 0));
      }
      if (call(symbols, "nvmlDeviceGetClockInfo", device, CLOCK_MEMORY, value)) {
        readings.put("memoryClockMhz", (double) value.get(JAVA_INT, 0));
      }
      if (call(symbols, "nvmlDeviceGetTemperature", device, SENSOR_GPU, value)) {
        readings.put("temperatureCelsius", (double) value.get(JAVA_INT, 0));
      }
    }
    return readings;
  }

  /** Whether there is a function, and it succeeds; arguments are addresses and 32-bit numbers. */
  private static boolean call(SymbolLookup symbols, String name, Object... arguments) {
    MemoryLayout[] layouts = new MemoryLayout[arguments.length];
    for (int i = 0; i < layouts.length; i++) {
      layouts[i] = arguments[i] instanceof Integer ? JAVA_INT : ADDRESS;
    }
    Optional<MemorySegment> symbol = symbols.find(name);
    if (symbol.isEmpty()) {
      return false;
    }
    MethodHandle function =
        Linker.nativeLinker()
            .downcallHandle(symbol.get(), FunctionDescriptor.of(JAVA_INT, layouts));
    try {
      return (int) function.invokeWithArguments(arguments) == SUCCESS;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
