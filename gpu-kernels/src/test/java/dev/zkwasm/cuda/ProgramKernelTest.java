package dev.zkwasm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.poly.TypedVector;
import dev.zkwasm.prover.ProverPrograms;
import dev.zkwasm.table.StandardSystem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The kernels generated from programs, compiled for the host, against the interpreter on the
 * emulated grid and against the CPU.
 */
class ProgramKernelTest {
  private static final long MEMORY = 1L << 28;

  private final Random random = new Random(5);

  private Fr randomFr() {
    return Fr.of(random.nextLong()).mul(Fr.GENERATOR.pow(random.nextLong() & Long.MAX_VALUE));
  }

  /** Random elements, among them 0, 1 and -1. */
  private FrVector randoms(int n) {
    FrVector vector = new FrVector(n);
    for (int i = 0; i < n; i++) {
      int kind = random.nextInt(16);
      vector.set(
          i, kind == 0 ? Fr.ZERO : kind == 1 ? Fr.ONE : kind == 2 ? Fr.ONE.negate() : randomFr());
    }
    return vector;
  }

  private record Inputs(List<FrVector> columns, List<Fr> parameters, List<FrVector> outputs) {}

  private Inputs inputs(PointwiseProgram program, int rows) {
    List<FrVector> columns = new ArrayList<>();
    for (int c = 0; c < program.columns(); c++) {
      columns.add(randoms(rows));
    }
    List<Fr> parameters = new ArrayList<>();
    for (int p = 0; p < program.parameters(); p++) {
      parameters.add(randomFr());
    }
    List<FrVector> outputs = new ArrayList<>();
    for (int o = 0; o < program.outputs(); o++) {
      outputs.add(randoms(rows));
    }
    return new Inputs(columns, parameters, outputs);
  }

  private static List<FrVector> run(
      ComputeBackend backend, PointwiseProgram program, Inputs inputs) {
    List<DeviceBuffer> buffers = new ArrayList<>();
    try {
      for (FrVector column : inputs.columns()) {
        buffers.add(backend.upload(new TypedVector.Field(column)));
      }
      for (FrVector output : inputs.outputs()) {
        buffers.add(backend.upload(new TypedVector.Field(output)));
      }
      List<DeviceBuffer> outputs = buffers.subList(program.columns(), buffers.size());
      backend.evaluate(
          program, buffers.subList(0, program.columns()), inputs.parameters(), outputs);
      return outputs.stream().map(backend::download).toList();
    } finally {
      buffers.forEach(DeviceBuffer::close);
    }
  }

  private void check(Map<String, PointwiseProgram> programs, EmulatedDevice.Order order, int rows) {
    List<ProgramKernel> kernels = programs.values().stream().map(ProgramKernel::of).toList();
    EmulatedDevice device = new EmulatedDevice(MEMORY, order, kernels);
    try (ComputeBackend cpu = Backends.open("cpu", new BackendOptions(1));
        ComputeBackend generated = new CudaBackend(device, MEMORY);
        ComputeBackend interpreting = new CudaBackend(new EmulatedDevice(MEMORY, order), MEMORY)) {
      programs.forEach(
          (name, program) -> {
            ProgramKernel kernel = ProgramKernel.of(program);
            assertTrue(device.load(kernel), name);
            long before = device.launches(kernel);
            Inputs inputs = inputs(program, rows);
            List<FrVector> expected = run(cpu, program, inputs);
            same(name, expected, run(generated, program, inputs));
            assertEquals(before + 1, device.launches(kernel), name + " was not run by its kernel");
            same(name + " interpreted", expected, run(interpreting, program, inputs));
          });
    }
  }

  private static void same(String name, List<FrVector> expected, List<FrVector> actual) {
    for (int o = 0; o < expected.size(); o++) {
      assertArrayEquals(expected.get(o).limbs(), actual.get(o).limbs(), name + ", output " + o);
    }
  }

  /** Helpers and constraints of every table of real proofs, on random columns. */
  @Test
  @Tag("long")
  void theStandardTables() {
    Map<String, PointwiseProgram> programs = ProverPrograms.of(StandardSystem.get());
    assertFalse(programs.isEmpty());
    check(programs, EmulatedDevice.Order.BACKWARDS, 37);
  }

  /** The same for the least of them: g++ takes its time for the rest. */
  @Test
  void theLeastOfTheStandardTables() {
    Map<String, PointwiseProgram> programs = new LinkedHashMap<>();
    ProverPrograms.of(StandardSystem.get()).entrySet().stream()
        .filter(entry -> entry.getValue().instructions().size() < 50)
        .forEach(entry -> programs.put(entry.getKey(), entry.getValue()));
    assertFalse(programs.isEmpty());
    check(programs, EmulatedDevice.Order.BACKWARDS, 37);
  }

  /**
   * What the tables do not use: rotations beyond the number of rows, sums into outputs, sharing.
   */
  @Test
  void everyInstruction() {
    PointwiseProgram.Builder builder = new PointwiseProgram.Builder(2, 1);
    int a = builder.load(0, 0);
    int next = builder.load(0, 3);
    int far = builder.load(1, 1000);
    int sum = builder.add(builder.mul(a, next), builder.parameter(0));
    builder.store(0, builder.sub(sum, far));
    builder.accumulate(1, builder.mul(sum, builder.constant(Fr.of(77))));
    builder.store(2, builder.constant(Fr.of(5)));
    for (int rows : new int[] {1, 2, 300}) {
      check(Map.of("rows " + rows, builder.build()), EmulatedDevice.Order.SHUFFLED, rows);
    }
  }

  /** The name tells programs apart, but not the values of their constants. */
  @Test
  void theNameIsThatOfTheProgram() {
    String name = ProgramKernel.of(scaled(Fr.of(3), 0)).symbol();
    assertEquals(name, ProgramKernel.of(scaled(Fr.of(4), 0)).symbol());
    assertNotEquals(name, ProgramKernel.of(scaled(Fr.of(3), 1)).symbol());
  }

  private static PointwiseProgram scaled(Fr factor, int rotation) {
    PointwiseProgram.Builder builder = new PointwiseProgram.Builder(1, 0);
    builder.store(0, builder.mul(builder.load(0, rotation), builder.constant(factor)));
    return builder.build();
  }
}
