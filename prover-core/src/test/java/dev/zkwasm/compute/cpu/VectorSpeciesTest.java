package dev.zkwasm.compute.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.compute.Bases;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.poly.TypedVector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import jdk.incubator.vector.DoubleVector;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The kernels with each width of vectors that this machine has, and without any: the width is fixed
 * when a JVM starts, so each gets one of its own. The conformance tests run with the widest.
 */
class VectorSpeciesTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 256, 512})
  void everyWidthComputesTheSame(int bits) throws IOException, InterruptedException {
    int widest = DoubleVector.SPECIES_PREFERRED.vectorBitSize();
    if (bits > widest) {
      System.err.println("SKIPPED: no vectors of " + bits + " bits here, but of " + widest);
      return;
    }
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules=jdk.incubator.vector",
            "-D" + VectorKernels.BITS_PROPERTY + "=" + bits,
            "-Xmx512m",
            "-cp",
            System.getProperty("java.class.path"),
            Check.class.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(0, process.waitFor(), output);
    String kernels = bits == 0 ? "scalar kernels" : "vectors of " + bits + " bits";
    assertTrue(output.contains("agreed: " + kernels), output);
  }

  /** What runs in the other JVM: the best kernels against the scalar ones. */
  static final class Check {
    private Check() {}

    /** Fails with an exception. */
    public static void main(String[] arguments) {
      // What a backend uses as soon as the kernels are compiled.
      try (ComputeBackend best =
              new CpuBackend(
                  2,
                  (parallel, pool) ->
                      VectorKernels.supported()
                          ? Engine.vector(
                              parallel, pool, () -> true, () -> true, Engine.Warmup.NONE)
                          : Engine.best(parallel, pool));
          ComputeBackend scalar =
              new CpuBackend(2, (parallel, pool) -> Engine.scalar(parallel, "to compare with"))) {
        if (!results(best).equals(results(scalar))) {
          throw new AssertionError("differs from the scalar kernels: " + best.description());
        }
        System.out.println("agreed: " + best.description());
      }
    }

    private static List<Object> results(ComputeBackend backend) {
      Random random = new Random(17);
      List<Object> results = new ArrayList<>();
      int n = 256;
      FrVector values = new FrVector(n);
      G1Vector points = new G1Vector(n);
      G1 point = G1.GENERATOR;
      char[] small = new char[n];
      for (int i = 0; i < n; i++) {
        values.set(i, i < 3 ? Fr.of(i - 1) : Fr.of(random.nextLong()).pow(5));
        points.set(i, i % 50 == 7 ? G1.INFINITY : i % 50 == 8 ? G1.GENERATOR : point);
        point = point.add(G1.GENERATOR);
        small[i] = (char) (i % 5 == 0 ? 1 : random.nextInt(1 << 16));
      }
      try (DeviceBuffer a = backend.upload(new TypedVector.Field(values));
          DeviceBuffer b = backend.allocate(n);
          Bases bases = backend.uploadBases(points)) {
        results.add(backend.msm(bases, a));
        results.add(backend.msm(bases, new TypedVector.U16(small)));
        backend.cosetNtt(a, Fr.of(5), b);
        results.add(elements(backend, b));
        backend.cosetIntt(b, Fr.of(7), b);
        results.add(elements(backend, b));
        backend.batchInvert(b, b);
        backend.multiply(a, b, b);
        backend.subtract(b, a, b);
        results.add(elements(backend, b));
        results.add(backend.innerProduct(a, b));
        results.add(backend.prefixSum(a, b));
        results.add(elements(backend, b));
      }
      return results;
    }

    private static List<Fr> elements(ComputeBackend backend, DeviceBuffer buffer) {
      FrVector v = backend.download(buffer);
      List<Fr> elements = new ArrayList<>();
      for (int i = 0; i < v.size(); i++) {
        elements.add(v.get(i));
      }
      return elements;
    }
  }
}
