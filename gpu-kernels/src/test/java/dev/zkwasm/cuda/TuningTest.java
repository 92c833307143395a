package dev.zkwasm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Paths that only large inputs take, with small limits instead: three and four passes, sums in
 * parts, few levels of multiples. On a grid whose threads run from the last to the first, so that
 * what depends on their order shows; against the processor's backend.
 */
class TuningTest {
  private final Random random = new Random(1);
  private final ComputeBackend cpu = Backends.open("cpu", new BackendOptions(2));

  @AfterEach
  void close() {
    cpu.close();
  }

  private Fr randomFr() {
    return Fr.of(new BigInteger(256, random));
  }

  private FrVector randoms(int n) {
    FrVector v = new FrVector(n);
    for (int i = 0; i < n; i++) {
      v.set(i, randomFr());
    }
    return v;
  }

  private CudaBackend cuda(CudaBackend.Tuning tuning) {
    return new CudaBackend(
        new EmulatedDevice(1L << 30, EmulatedDevice.Order.BACKWARDS), 1L << 29, tuning);
  }

  @Test
  void transformsOfManyPasses() {
    try (CudaBackend cuda = cuda(new CudaBackend.Tuning(4, 3, 1 << 20, 1))) {
      for (int log = 5; log <= 12; log++) {
        for (int given : new int[] {1 << log, (1 << log) - 3, (1 << log) + 2}) {
          check(cuda, log, given, log % 2 == 0 ? Fr.ONE : randomFr());
        }
      }
    }
  }

  /** Three passes of the default size. */
  @Test
  void aLargeTransform() {
    try (CudaBackend cuda = cuda(CudaBackend.Tuning.DEFAULT)) {
      check(cuda, 17, 1 << 17, Fr.GENERATOR);
    }
  }

  private void check(CudaBackend cuda, int log, int given, Fr shift) {
    TypedVector c = new TypedVector.Field(randoms(given));
    try (DeviceBuffer a = cuda.upload(c);
        DeviceBuffer v = cuda.allocate(1 << log);
        DeviceBuffer expectedA = cpu.upload(c);
        DeviceBuffer expectedV = cpu.allocate(1 << log)) {
      cpu.cosetNtt(expectedA, shift, expectedV);
      cuda.cosetNtt(a, shift, v);
      same(cuda, expectedV, v);
      same(cuda, expectedA, a);
      if (given == 1 << log) {
        cuda.cosetNtt(a, shift, a);
        same(cuda, expectedV, a);
        cuda.cosetIntt(a, shift, a);
        same(cuda, expectedA, a);
        cuda.cosetIntt(v, shift, a);
        same(cuda, expectedA, a);
        same(cuda, expectedV, v);
      }
    }
  }

  private void same(CudaBackend cuda, DeviceBuffer expected, DeviceBuffer actual) {
    assertArrayEquals(cpu.download(expected).limbs(), cuda.download(actual).limbs());
  }

  @Test
  void sumsInPartsAndOfFewLevels() {
    int n = 600;
    G1Vector points = new G1Vector(n);
    for (int i = 0; i < n; i++) {
      points.set(i, i < 8 ? G1.GENERATOR.mul(randomFr()) : points.get(i - 8).twice());
    }
    byte[] skewed = new byte[n];
    for (int i = 0; i < n; i += 50) {
      skewed[i] = 1;
    }
    long[] longs = random.longs(n).toArray();
    List<TypedVector> scalars =
        List.of(
            new TypedVector.Field(randoms(n)),
            new TypedVector.U64(longs),
            TypedVector.Bits.checked(skewed));
    for (int levels : new int[] {1, 2, 5}) {
      try (CudaBackend cuda = cuda(new CudaBackend.Tuning(10, 8, 5000, levels))) {
        long before = cuda.usedMemory();
        try (Bases bases = cuda.uploadBases(points);
            Bases expected = cpu.uploadBases(points)) {
          for (TypedVector s : scalars) {
            assertEquals(cpu.msm(expected, s), cuda.msm(bases, s), levels + " levels, " + s);
          }
        }
        assertEquals(before, cuda.usedMemory(), "memory is given back");
      }
    }
  }

  @Test
  void bothStylesOfMultiplicationAreTimed() {
    try (Device device = new EmulatedDevice(1L << 20, EmulatedDevice.Order.BACKWARDS)) {
      for (MultiplicationRate.Result result : MultiplicationRate.measure(device, 300, 5)) {
        assertEquals(3000, result.multiplications(), result.toString());
      }
    }
  }

  /** The balance of a plan: no digit is beyond its buckets, and the digits give the scalar. */
  @Test
  void plansCoverTheirScalars() {
    for (int bits : new int[] {1, 8, 16, 32, 64, 254}) {
      for (long n : new long[] {1, 100, 1 << 12, 1 << 20, 1 << 26}) {
        MsmPlan plan = bits == 254 ? MsmPlan.full(n, 100) : MsmPlan.small(n, bits);
        for (BigInteger s :
            List.of(
                BigInteger.ZERO,
                BigInteger.ONE,
                BigInteger.TWO.pow(bits).subtract(BigInteger.ONE),
                new BigInteger(bits, random))) {
          BigInteger biased = s;
          int[] bias = plan.bias();
          for (int w = 0; w < 8; w++) {
            BigInteger word = BigInteger.valueOf(Integer.toUnsignedLong(bias[w]));
            biased = biased.add(word.shiftLeft(32 * w));
          }
          BigInteger sum = BigInteger.ZERO;
          for (int w = 0; w < plan.windows(); w++) {
            BigInteger digit = biased.shiftRight(w * plan.width());
            if (w < plan.windows() - 1) {
              BigInteger size = BigInteger.ONE.shiftLeft(plan.width());
              digit = digit.mod(size).subtract(size.shiftRight(1));
            }
            assertEquals(
                -1,
                digit.abs().compareTo(BigInteger.valueOf(plan.buckets() + 1L)),
                s + " by " + plan);
            sum = sum.add(digit.shiftLeft(w * plan.width()));
          }
          assertEquals(s, sum, plan.toString());
        }
      }
    }
  }
}
