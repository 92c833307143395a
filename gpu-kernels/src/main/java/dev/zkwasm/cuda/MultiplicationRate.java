package dev.zkwasm.cuda;

import static dev.zkwasm.cuda.Arguments.u32;
import static dev.zkwasm.cuda.Arguments.u64;

import dev.zkwasm.compute.BackendException;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Bare Montgomery multiplication on a device, in both styles: the ceiling that every other kernel
 * is held against, and the first figure to look at on a new device.
 */
public final class MultiplicationRate {
  private static final int REPETITIONS = 7;

  private MultiplicationRate() {}

  /**
   * What was measured.
   *
   * @param kernel which style
   * @param multiplications of one run
   * @param seconds the median run
   */
  record Result(Kernel kernel, long multiplications, double seconds) {
    double perSecond() {
      return multiplications / seconds;
    }
  }

  /**
   * Prints one line of JSON per style, for the device that {@link CudaProvider} opens.
   *
   * @param args threads per multiprocessor, and pairs of products of each; 2048 and 2000 if not
   *     given
   */
  public static void main(String[] args) {
    int threads = args.length > 0 ? Integer.parseInt(args[0]) : 2048;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 2000;
    try (Device device = CudaProvider.openDevice()) {
      for (Result result : measure(device, device.multiprocessors() * threads, rounds)) {
        System.out.printf(
            "{\"device\":\"%s\",\"kernel\":\"%s\",\"multiplications\":%d,"
                + "\"medianSeconds\":%.6f,\"perSecond\":%.4e}%n",
            device.description(),
            result.kernel().symbol(),
            result.multiplications(),
            result.seconds(),
            result.perSecond());
      }
    } catch (BackendException e) {
      System.err.println("cuda: " + e.getMessage());
      System.exit(2);
    }
  }

  /**
   * Times n chains of {@code 2 rounds} products each, and checks one of them.
   *
   * @throws BackendException if a product is wrong
   */
  static List<Result> measure(Device device, int n, int rounds) {
    return List.of(
        measure(device, Kernel.BENCH_MULTIPLY_CHAIN, n, rounds),
        measure(device, Kernel.BENCH_MULTIPLY_WIDE, n, rounds));
  }

  private static Result measure(Device device, Kernel kernel, int n, int rounds) {
    FrVector start = new FrVector(n);
    for (int i = 0; i < n; i++) {
      start.set(i, Fr.of(i + 2));
    }
    long bytes = (long) n * Arguments.FIELD_BYTES;
    long address = device.allocate(bytes);
    if (address == 0) {
      throw new BackendException("no device memory for " + bytes + " bytes");
    }
    try {
      double[] seconds = new double[REPETITIONS];
      FrVector one = new FrVector(1);
      for (int r = 0; r < REPETITIONS; r++) {
        device.upload(MemorySegment.ofArray(start.limbs()), address);
        device.download(address, MemorySegment.ofArray(one.limbs()));
        long began = System.nanoTime();
        device.launch(
            kernel,
            (n + Gpu.BLOCK - 1) / Gpu.BLOCK,
            Gpu.BLOCK,
            0,
            u64(address),
            u64(n),
            u32(rounds));
        device.download(address, MemorySegment.ofArray(one.limbs()));
        seconds[r] = (System.nanoTime() - began) / 1e9;
      }
      FrVector last = new FrVector(1);
      long at = address + bytes - Arguments.FIELD_BYTES;
      device.download(at, MemorySegment.ofArray(last.limbs()));
      if (!last.get(0).equals(expected(start.get(n - 1), rounds))) {
        throw new BackendException(kernel.symbol() + " gives a wrong product");
      }
      Arrays.sort(seconds);
      return new Result(kernel, 2L * rounds * n, seconds[REPETITIONS / 2]);
    } finally {
      device.free(address);
    }
  }

  private static Fr expected(Fr start, int rounds) {
    Fr x = start;
    Fr y = start;
    for (int k = 0; k < rounds; k++) {
      x = x.mul(y);
      y = y.mul(x);
    }
    return x;
  }
}
