package dev.zkwasm.lower;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.runtime.Instance;
import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Oracle;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.testing.MachineState;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Modules that call {@code __multi3} as compilers make it: against exact products, and against the
 * interpreter, which runs the helper's own code.
 */
class WideMultiplicationTest {
  private static final int TO = 1 << 15;
  private static final long CONSTANT = 0x123456789abcdef0L;
  private static final long CONSTANT_HIGH = 7;
  private static final long[] EDGES = {
    0,
    1,
    2,
    0xffffffffL,
    1L << 32,
    (1L << 32) + 1,
    -1L << 32,
    Long.MIN_VALUE,
    Long.MAX_VALUE,
    -2,
    -1
  };

  private static byte[] module(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            WideMultiplicationTest.class.getResourceAsStream("/guests/" + name + ".wasm"), name)) {
      return in.readAllBytes();
    }
  }

  private static BigInteger wide(long low, long high) {
    BigInteger mask = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    return BigInteger.valueOf(high).shiftLeft(64).add(BigInteger.valueOf(low).and(mask));
  }

  /** Products of 64-bit registers: the helper has none, what replaces it has. */
  private static long replacements(LoweredModule lowered) {
    return lowered.program().code().stream()
        .filter(i -> i.opcode() == Opcode.MULHU64 && i.bRegister())
        .count();
  }

  private static MachineState run(LoweredModule lowered, String export, long... arguments) {
    MachineState state = new MachineState(lowered.program());
    Outcome outcome =
        Executor.run(
            lowered.program(),
            lowered.weights(),
            Oracle.call(types(arguments.length), export, arguments),
            Limits.DEFAULT,
            Progress.NONE,
            state);
    assertEquals(Exit.returned(), outcome.exit());
    return state;
  }

  private static List<ValueType> types(int count) {
    List<ValueType> types = new java.util.ArrayList<>(Collections.nCopies(count, ValueType.I64));
    types.set(0, ValueType.I32);
    return types;
  }

  private static void check(
      LoweredModule lowered,
      Instance instance,
      String export,
      BigInteger product,
      long... arguments) {
    MachineState state = run(lowered, export, arguments);
    instance.export(export).apply(arguments);
    for (int half = 0; half < 2; half++) {
      String message = export + Arrays.toString(arguments) + " half " + half;
      assertEquals(instance.memory().readLong(TO + 8 * half), state.word(TO / 8 + half), message);
      assertEquals(product.shiftRight(64 * half).longValue(), state.word(TO / 8 + half), message);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"wide", "wide_rust"})
  void productsAreExact(String name) throws IOException {
    byte[] wasm = module(name);
    LoweredModule lowered = Lowering.lower(wasm);
    // Calls in three exports with two unknown factors, and the function itself.
    assertTrue(replacements(lowered) >= 4, () -> "recognised: " + replacements(lowered));
    Instance instance = Oracle.instantiate(wasm);
    Random random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      long[] v = new long[4];
      for (int j = 0; j < 4; j++) {
        v[j] = random.nextInt(3) > 0 ? random.nextLong() : EDGES[random.nextInt(EDGES.length)];
      }
      if (i < EDGES.length * EDGES.length) {
        v[0] = EDGES[i / EDGES.length];
        v[2] = EDGES[i % EDGES.length];
      }
      BigInteger a = wide(v[0], v[1]);
      BigInteger b = wide(v[2], 0);
      check(lowered, instance, "full", a.multiply(wide(v[2], v[3])), TO, v[0], v[1], v[2], v[3]);
      check(lowered, instance, "half", wide(v[0], 0).multiply(b), TO, v[0], v[2]);
      check(lowered, instance, "mixed", a.multiply(b), TO, v[0], v[1], v[2]);
      BigInteger constant = wide(CONSTANT, CONSTANT_HIGH);
      check(lowered, instance, "constant", a.multiply(constant), TO, v[0], v[1]);
    }
  }

  /** Wherever one operation of the helper is another one, the module still does what it says. */
  @ParameterizedTest
  @ValueSource(strings = {"wide", "wide_rust"})
  void anAlteredHelperIsNotTakenForIt(String name) throws IOException {
    byte[] wasm = module(name);
    // The helper is the last function of both modules; nothing before the code uses its
    // multiplications.
    int mutants = 0;
    int equal = 0;
    Random random = new Random(2);
    for (int i = helperStart(wasm); i < wasm.length; i++) {
      int other =
          switch (wasm[i]) {
            case 0x7e -> 0x7c;
            case 0x7c -> 0x7e;
            case (byte) 0x83 -> 0x84;
            case (byte) 0x84 -> 0x83;
            case (byte) 0x86 -> 0x88;
            case (byte) 0x88 -> 0x86;
            case 0x54 -> 0x56;
            default -> -1;
          };
      if (other < 0) {
        continue;
      }
      byte[] mutant = wasm.clone();
      mutant[i] = (byte) other;
      Instance instance;
      try {
        instance = Oracle.instantiate(mutant);
      } catch (RuntimeException e) {
        // The byte was no operation.
        continue;
      }
      mutants++;
      LoweredModule lowered = Lowering.lower(mutant);
      if (replacements(lowered) > 0) {
        equal++;
      }
      for (int j = 0; j < 20; j++) {
        long[] arguments = {
          TO, random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()
        };
        MachineState state = run(lowered, "full", arguments);
        instance.export("full").apply(arguments);
        assertEquals(instance.memory().readLong(TO), state.word(TO / 8), "byte " + i);
        assertEquals(instance.memory().readLong(TO + 8), state.word(TO / 8 + 1), "byte " + i);
      }
    }
    assertTrue(mutants > 15, "mutants: " + mutants);
    assertEquals(0, equal, "mutants that were taken for the helper");
  }

  /** Offset after the last call, which is in the last function before the helper. */
  private static int helperStart(byte[] wasm) {
    LoweredModule lowered = Lowering.lower(wasm);
    return lowered.program().locations().stream()
        .filter(location -> location.opcode().equals("entry"))
        .mapToInt(location -> location.byteOffset())
        .max()
        .orElseThrow();
  }

  @Test
  void trapsAtTheEndOfTheMemory() throws IOException {
    LoweredModule lowered = Lowering.lower(module("wide"));
    long end = lowered.program().initialMemoryPages() * 65536L;
    for (long to : new long[] {end - 15, end - 8, end, 0xffffffffL}) {
      Outcome outcome =
          Executor.run(
              lowered.program(),
              null,
              Oracle.call(types(3), "half", to, 3, 5),
              Limits.DEFAULT,
              Progress.NONE,
              Executor.NO_TRACE);
      assertEquals(Exit.trapped(TrapReason.MEMORY_OUT_OF_BOUNDS), outcome.exit());
    }
    assertEquals(15, run(lowered, "half", end - 16, 3, 5).word(end / 8 - 2));
  }
}
