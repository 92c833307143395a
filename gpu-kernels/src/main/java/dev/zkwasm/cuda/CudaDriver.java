package dev.zkwasm.cuda;

import dev.zkwasm.compute.Availability;
import dev.zkwasm.compute.BackendException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** The driver of this machine: looked for once, the reason for its absence kept. */
final class CudaDriver {
  private static final String LIBRARY = "libcuda.so.1";

  /** The CUDA version of the oldest driver that loads what nvcc 13 makes. */
  private static final int OLDEST_VERSION = 13000;

  /** Looked up when first asked for; class initialisation makes that once. */
  private static final class Found {
    static final Availability AVAILABILITY = look();
  }

  private CudaDriver() {}

  /** Whether there is a driver with a device, and which; or why not. */
  static Availability probe() {
    return Found.AVAILABILITY;
  }

  private static Availability look() {
    String os = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!os.equals("Linux amd64")) {
      return Availability.no("needs Linux on x86-64, this is " + os);
    }
    // JCuda's own attempt ends in a page of stack traces, and spoils its class for good.
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup.libraryLookup(LIBRARY, arena);
    } catch (IllegalArgumentException e) {
      return Availability.no("no NVIDIA driver: " + LIBRARY + " cannot be loaded");
    }
    try {
      JcudaLibrary.prepare();
      JCudaDriver.setExceptionsEnabled(false);
      int result = JCudaDriver.cuInit(0);
      if (result == CUresult.CUDA_ERROR_NO_DEVICE) {
        return Availability.no("the NVIDIA driver finds no device (cuInit gives 100)");
      }
      JcudaDevice.check(result, "cuInit");
      int[] version = new int[1];
      JcudaDevice.check(JCudaDriver.cuDriverGetVersion(version), "reading the driver's version");
      if (version[0] < OLDEST_VERSION) {
        return Availability.no(
            "the NVIDIA driver is of CUDA %d.%d, the kernels need 13.0: driver 580 or newer"
                .formatted(version[0] / 1000, version[0] % 1000 / 10));
      }
      List<String> names = new ArrayList<>();
      for (int i = 0; i < deviceCount(); i++) {
        CUdevice device = new CUdevice();
        JcudaDevice.check(JCudaDriver.cuDeviceGet(device, i), "device " + i);
        names.add(i + ": " + JcudaDevice.name(device));
      }
      return names.isEmpty()
          ? Availability.no("the NVIDIA driver has no device")
          : Availability.yes(String.join(", ", names));
    } catch (IOException e) {
      return Availability.no("JCuda's native library cannot be unpacked: " + e);
    } catch (LinkageError e) {
      return Availability.no("JCuda cannot be loaded: " + firstLine(e));
    } catch (BackendException e) {
      return Availability.no(String.valueOf(e.getMessage()));
    }
  }

  private static String firstLine(Throwable e) {
    return e.toString().lines().findFirst().orElse("");
  }

  /** Number of devices; the driver must be there. */
  static int deviceCount() {
    int[] count = new int[1];
    JcudaDevice.check(JCudaDriver.cuDeviceGetCount(count), "counting devices");
    return count[0];
  }
}
