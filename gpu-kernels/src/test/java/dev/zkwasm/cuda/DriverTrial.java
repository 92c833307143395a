package dev.zkwasm.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.zkwasm.compute.BackendException;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.compute.Bases;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.poly.TypedVector;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What {@link JcudaDeviceTest} runs in a program of its own, whose {@code libcuda.so.1} is the
 * emulated driver. Prints one line per finding.
 */
final class DriverTrial {
  private DriverTrial() {}

  /** {@code args[0]} says what to try. */
  public static void main(String[] args) throws InterruptedException {
    try {
      switch (args[0]) {
        case "agree" -> agree();
        case "budget" -> budget();
        case "failure" -> failure();
        case "leaks" -> leaks();
        default -> throw new IllegalArgumentException(args[0]);
      }
    } catch (BackendException e) {
      System.out.println("refused: " + e.getMessage());
    }
  }

  private static ComputeBackend open(String name) {
    return Backends.open(name, new BackendOptions(2));
  }

  /** Both backends do the same, from several threads; more is uploaded than staging holds. */
  private static void agree() throws InterruptedException {
    try (ComputeBackend cuda = open("cuda");
        ComputeBackend cpu = open("cpu")) {
      System.out.println("opened: " + cuda.description());
      System.out.println("sensors: " + cuda.readings());
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        int seed = t;
        threads.add(
            Thread.ofPlatform()
                .start(
                    () ->
                        System.out.println(
                            work(cuda, seed).equals(work(cpu, seed)) ? "agreed" : "differed")));
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private static List<Object> work(ComputeBackend backend, int seed) {
    List<Object> results = new ArrayList<>();
    int n = 1 << 15;
    char[] column = new char[n];
    for (int i = 0; i < n; i++) {
      column[i] = (char) (i * (seed + 3));
    }
    G1Vector points = new G1Vector(300);
    for (int i = 0; i < 300; i++) {
      points.set(i, i < 4 ? G1.GENERATOR.mul(Fr.of(i + seed)) : points.get(i - 4).twice());
    }
    try (DeviceBuffer a = backend.upload(new TypedVector.U16(column));
        DeviceBuffer b = backend.allocate(n);
        Bases bases = backend.uploadBases(points)) {
      backend.powers(Fr.ONE, Fr.of(7 + seed), b);
      backend.multiply(a, b, b);
      // Goes up again by way of the host: 1 MiB.
      FrVector host = backend.download(b);
      try (DeviceBuffer again = backend.upload(new TypedVector.Field(host))) {
        Arrays.fill(host.limbs(), 0);
        results.add(backend.prefixSum(again, again));
        results.add(backend.evaluateAt(again, Fr.of(5)));
      }
      try (DeviceBuffer small = backend.allocate(1 << 11)) {
        backend.copy(b, 17, small, 0, 1 << 11);
        backend.cosetNtt(small, Fr.GENERATOR, small);
        results.add(Arrays.hashCode(backend.download(small).limbs()));
      }
      char[] scalars = Arrays.copyOf(column, 300);
      results.add(backend.msm(bases, new TypedVector.U16(scalars)));
      results.add(backend.msm(bases, new TypedVector.Field(backend.download(b).slice(0, 300))));
    }
    return results;
  }

  /** More memory than there may be is refused, and what is freed can be had again. */
  private static void budget() {
    try (ComputeBackend cuda = open("cuda")) {
      for (int round = 0; round < 3; round++) {
        List<DeviceBuffer> buffers = new ArrayList<>();
        try {
          while (true) {
            buffers.add(cuda.allocate(1 << 16));
          }
        } catch (BackendException e) {
          System.out.println("refused after " + buffers.size() + ": " + e.getMessage());
        } finally {
          buffers.forEach(DeviceBuffer::close);
        }
      }
      cuda.allocate(1 << 17).close();
      System.out.println("used: " + ((CudaBackend) cuda).usedMemory());
    }
  }

  /** A launch fails on the device: the operation, and every later one, says so. */
  private static void failure() {
    try (ComputeBackend cuda = open("cuda");
        DeviceBuffer a = cuda.allocate(64)) {
      for (int round = 0; round < 2; round++) {
        try {
          cuda.ntt(a, a);
          cuda.download(a);
          System.out.println("not noticed");
        } catch (BackendException e) {
          System.out.println("failed: " + e.getMessage());
        }
      }
    }
    System.out.println("closed");
  }

  /** An error that passes, and one after which the device does nothing any more. */
  private static final int[] ERRORS = {1, 719};

  /** Makes each call of the driver fail in turn, and looks for what is not given back. */
  private static void leaks() {
    CudaProvider provider = new CudaProvider();
    if (!provider.probe().available()) {
      throw new AssertionError(provider.probe().detail());
    }
    SymbolLookup driver = SymbolLookup.libraryLookup("libcuda.so.1", Arena.global());
    MethodHandle fail =
        function(driver, "emulated_cuda_fail", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT));
    MethodHandle calls = function(driver, "emulated_cuda_calls", FunctionDescriptor.of(JAVA_LONG));
    MethodHandle live = function(driver, "emulated_cuda_live", FunctionDescriptor.of(JAVA_LONG));
    for (int error : ERRORS) {
      // The second kind shows where the first does, and more slowly.
      for (long at = 1; ; at += error == ERRORS[0] ? 1 : 7) {
        call(fail, at, error);
        boolean failed = false;
        try (ComputeBackend cuda = provider.open(new BackendOptions(1))) {
          little(cuda);
        } catch (BackendException e) {
          failed = true;
        }
        long left = (long) call(live);
        if (left != 0) {
          System.out.println(left + " left after error " + error + " in call " + at);
        }
        if (!failed && (long) call(calls) < at) {
          System.out.println(at - 1 + " calls failed or fewer, with error " + error);
          break;
        }
      }
    }
  }

  /** A little of every kind. */
  private static void little(ComputeBackend cuda) {
    G1Vector points = new G1Vector(2);
    points.set(0, G1.GENERATOR);
    points.set(1, G1.GENERATOR.twice());
    try (DeviceBuffer a = cuda.upload(TypedVector.Bits.checked(new byte[] {1, 0}));
        DeviceBuffer b = cuda.allocate(2);
        Bases bases = cuda.uploadBases(points)) {
      cuda.copy(a, 0, b, 1, 1);
      cuda.ntt(a, b);
      cuda.msm(bases, a);
      cuda.download(b);
    }
  }

  private static MethodHandle function(
      SymbolLookup library, String name, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(library.find(name).orElseThrow(), descriptor);
  }

  private static Object call(MethodHandle function, Object... arguments) {
    try {
      return function.invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
