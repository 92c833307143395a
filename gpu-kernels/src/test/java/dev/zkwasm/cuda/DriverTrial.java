package dev.zkwasm.cuda;

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
}
