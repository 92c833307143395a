package dev.zkwasm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.compute.BackendException;
import dev.zkwasm.compute.Bases;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.poly.TypedVector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Every operation fails, or is cancelled, at its calls of the device, one by one: no memory of it
 * stays in use, and the backend goes on.
 */
class LeakTest {
  private static final int N = 1 << 3;

  private InterruptedDevice device = open();
  private CudaBackend cuda = new CudaBackend(device, 1L << 27);

  private static InterruptedDevice open() {
    return new InterruptedDevice(new EmulatedDevice(1L << 28, EmulatedDevice.Order.FORWARDS));
  }

  private final G1Vector points = new G1Vector(N);
  private final FrVector values = new FrVector(N);

  @BeforeEach
  void fill() {
    for (int i = 0; i < N; i++) {
      points.set(i, i == 0 ? G1.GENERATOR : points.get(i - 1).twice());
      values.set(i, Fr.of(i + 1));
    }
  }

  @AfterEach
  void close() {
    cuda.close();
  }

  private Map<String, Consumer<CudaBackend>> operations() {
    TypedVector column = new TypedVector.U16(new char[N]);
    TypedVector field = new TypedVector.Field(values);
    Map<String, Consumer<CudaBackend>> all = new LinkedHashMap<>();
    all.put("allocate", b -> b.allocate(N).close());
    all.put("upload of a typed column", b -> b.upload(column).close());
    all.put("upload and download", on(field, (b, x) -> b.download(x)));
    all.put("bases", b -> b.uploadBases(points).close());
    all.put(
        "sums of points",
        on(
            field,
            (b, x) -> {
              try (Bases bases = b.uploadBases(points)) {
                b.msm(bases, x);
                b.msmOfEach(bases, List.of(column, field));
              }
            }));
    all.put("transform", on(field, (b, x) -> b.ntt(x, x)));
    // Shifts that no other operation has: their tables are made here.
    all.put("coset", on(field, (b, x) -> b.cosetNtt(x, Fr.of(calls(b) + 1000), x)));
    all.put("inverse coset", on(field, (b, x) -> b.cosetIntt(x, Fr.of(calls(b) + 5000), x)));
    all.put(
        "program",
        on(
            field,
            (b, x) -> b.evaluate(PointwiseProgram.ADD, List.of(x, x), List.of(), List.of(x))));
    all.put("inversion", on(field, (b, x) -> b.batchInvert(x, x)));
    all.put("running sums", on(field, (b, x) -> b.prefixSum(x, x)));
    all.put("powers", on(field, (b, x) -> b.powers(Fr.ONE, Fr.of(3), x)));
    all.put(
        "linear combination",
        on(field, (b, x) -> b.linearCombination(List.of(Fr.of(3)), List.of(x), x)));
    all.put("evaluation", on(field, (b, x) -> b.evaluateAt(x, Fr.of(9))));
    all.put("Lagrange basis", on(field, (b, x) -> b.lagrangeAt(Fr.of(9), x)));
    all.put("inner product", on(field, (b, x) -> b.innerProduct(x, x)));
    all.put("inner product with a column", on(field, (b, x) -> b.innerProduct(x, column)));
    all.put("division", on(field, (b, x) -> b.divideByLinear(x, Fr.of(9), x)));
    all.put("element", on(field, (b, x) -> b.set(x, 1, b.get(x, 0))));
    all.put("copy", on(field, (b, x) -> b.copy(x, 0, x, N / 2, N / 2)));
    return all;
  }

  private interface Operation {
    void run(CudaBackend backend, DeviceBuffer buffer);
  }

  private static Consumer<CudaBackend> on(TypedVector values, Operation operation) {
    return backend -> {
      try (DeviceBuffer buffer = backend.upload(values)) {
        operation.run(backend, buffer);
      }
    };
  }

  private int round;

  private int calls(CudaBackend backend) {
    assertTrue(backend == cuda);
    return round++;
  }

  /** A device with no memory that an earlier operation left, which would spare it calls. */
  private void renew() {
    cuda.close();
    device = open();
    cuda = new CudaBackend(device, 1L << 27);
  }

  /** Calls of the device that an operation makes. */
  private long calls(Consumer<CudaBackend> operation) {
    renew();
    device.expect(0, () -> {});
    operation.accept(cuda);
    return device.calls();
  }

  /** Every call, but of the many of a sum of points every fourth: the emulation takes its time. */
  private static long step(long calls) {
    return calls > 40 ? 4 : 1;
  }

  @Test
  void failuresLeaveNothing() {
    long failures = 0;
    for (Map.Entry<String, Consumer<CudaBackend>> entry : operations().entrySet()) {
      long calls = calls(entry.getValue());
      assertTrue(calls > 0, entry.getKey());
      for (long at = 1; at <= calls; at += step(calls)) {
        String where = entry.getKey() + ", call " + at + " of " + calls;
        renew();
        long before = cuda.usedMemory();
        device.expect(
            at,
            () -> {
              throw new BackendException("injected");
            });
        BackendException failure =
            assertThrows(BackendException.class, () -> entry.getValue().accept(cuda), where);
        assertEquals("injected", failure.getMessage(), where);
        assertEquals(before, cuda.usedMemory(), where);
        entry.getValue().accept(cuda);
        assertEquals(before, cuda.usedMemory(), where);
        failures++;
      }
    }
    System.out.println(failures + " failures injected, nothing left");
  }

  @Test
  void cancellationsLeaveNothing() {
    long cancelled = 0;
    for (Map.Entry<String, Consumer<CudaBackend>> entry : operations().entrySet()) {
      long calls = calls(entry.getValue());
      for (long at = 1; at <= calls; at += step(calls)) {
        String where = entry.getKey() + ", call " + at + " of " + calls;
        long before = cuda.usedMemory();
        device.expect(at, () -> Thread.currentThread().interrupt());
        try {
          entry.getValue().accept(cuda);
        } catch (CancellationException e) {
          cancelled++;
        } finally {
          Thread.interrupted();
        }
        assertEquals(before, cuda.usedMemory(), where);
      }
    }
    assertTrue(cancelled > 0, "nothing was cancelled");
  }
}
