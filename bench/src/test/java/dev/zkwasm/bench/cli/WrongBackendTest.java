package dev.zkwasm.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.zkwasm.cli.Environment;
import dev.zkwasm.compute.Bases;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.compute.ForwardingBackend;
import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.compute.cpu.CpuBackend;
import dev.zkwasm.curve.G1;
import dev.zkwasm.field.Fr;
import dev.zkwasm.poly.TypedVector;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device that computes wrongly must not get away with a good time. */
class WrongBackendTest {
  /** Wrong now and then: in the given call, counted from one. */
  private static final class Wrong extends ForwardingBackend {
    private final int wrongCall;
    private int calls;

    Wrong(int wrongCall) {
      super(new CpuBackend(1));
      this.wrongCall = wrongCall;
    }

    @Override
    public String name() {
      return "cpu";
    }

    @Override
    public String description() {
      return "a broken one";
    }

    private boolean now() {
      return ++calls == wrongCall;
    }

    private void spoil(DeviceBuffer buffer) {
      int at = buffer.size() - 1;
      set(buffer, at, get(buffer, at).add(Fr.ONE));
    }

    @Override
    public G1 msm(Bases bases, TypedVector scalars) {
      G1 result = super.msm(bases, scalars);
      return now() ? result.add(G1.GENERATOR) : result;
    }

    @Override
    public G1 msm(Bases bases, DeviceBuffer scalars) {
      G1 result = super.msm(bases, scalars);
      return now() ? result.negate() : result;
    }

    @Override
    public void cosetNtt(DeviceBuffer coefficients, Fr shift, DeviceBuffer values) {
      super.cosetNtt(coefficients, shift, values);
      if (now()) {
        spoil(values);
      }
    }

    @Override
    public void cosetIntt(DeviceBuffer values, Fr shift, DeviceBuffer coefficients) {
      super.cosetIntt(values, shift, coefficients);
      if (now()) {
        spoil(coefficients);
      }
    }

    @Override
    public void evaluate(
        PointwiseProgram program,
        List<DeviceBuffer> columns,
        List<Fr> parameters,
        List<DeviceBuffer> outputs) {
      super.evaluate(program, columns, parameters, outputs);
      if (now()) {
        spoil(outputs.getFirst());
      }
    }

    @Override
    public boolean batchInvert(DeviceBuffer source, DeviceBuffer destination) {
      boolean result = super.batchInvert(source, destination);
      if (now()) {
        spoil(destination);
      }
      return result;
    }

    @Override
    public Fr prefixSum(DeviceBuffer source, DeviceBuffer destination) {
      Fr result = super.prefixSum(source, destination);
      if (now()) {
        spoil(destination);
      }
      return result;
    }
  }

  private String out = "";
  private String err = "";

  private int run(ComputeBackend backend, String... args) {
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    Environment environment =
        new Environment(
            new PrintStream(outBytes, true, StandardCharsets.UTF_8),
            new PrintStream(errBytes, true, StandardCharsets.UTF_8),
            InputStream.nullInputStream(),
            false,
            Map.of(),
            new NoEngines());
    // The second opening is for the measurement; both get the same.
    int code =
        BenchCommand.create(environment, (name, options) -> backend)
            .execute(
                Stream.concat(
                        Stream.of(args),
                        Stream.of("--warmup", "0", "--iterations", "3", "--json", "--quiet"))
                    .toArray(String[]::new));
    out = outBytes.toString(StandardCharsets.UTF_8);
    err = errBytes.toString(StandardCharsets.UTF_8);
    return code;
  }

  private List<Boolean> checked() {
    return JsonParser.parseString(out).getAsJsonObject().getAsJsonArray("results").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .map((JsonObject result) -> result.get("checked").getAsBoolean())
        .toList();
  }

  /** Whichever of the three timed runs is wrong. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void findsOneWrongRun(int call) {
    assertEquals(1, run(new Wrong(call), "msm", "--log", "5"));
    assertEquals(List.of(false), checked());
    assertTrue(err.contains("WRONG RESULT"), err);
    for (String direction : List.of("ntt", "intt", "coset-ntt")) {
      assertEquals(1, run(new Wrong(call), "ntt", "--log", "5", "--direction", direction));
      assertEquals(List.of(false), checked());
    }
  }

  @Test
  void findsItWithTransfersAndTypedScalars() {
    assertEquals(1, run(new Wrong(1), "msm", "--log", "5", "--scalars", "u16"));
    assertEquals(1, run(new Wrong(1), "msm", "--log", "5", "--transfers", "with"));
    assertEquals(1, run(new Wrong(1), "ntt", "--log", "5", "--transfers", "with"));
  }

  /** Four operations of three runs: each is wrong in turn, and only that one is said to be. */
  @ParameterizedTest
  @ValueSource(ints = {1, 5, 9, 10})
  void findsWrongColumns(int call) {
    assertEquals(1, run(new Wrong(call), "field", "--log", "5"));
    List<Boolean> checked = checked();
    int columns = checked.size() - 4;
    for (int i = 0; i < 4; i++) {
      assertEquals(i != (call - 1) / 3, checked.get(columns + i), checked::toString);
    }
  }

  @Test
  void acceptsARightOne() {
    assertEquals(0, run(new Wrong(-1), "ntt", "--log", "5"));
    assertEquals(List.of(true), checked());
    assertFalse(err.contains("WRONG"), err);
  }
}
