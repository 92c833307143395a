package dev.zkwasm.exec;

import static dev.zkwasm.isa.ValueType.I32;
import static dev.zkwasm.isa.ValueType.I64;

import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.keys.ProgramKey;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.testing.TestProver;
import dev.zkwasm.testing.TestProver.Claim;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * Runs of the project's own guests, proven, and verified as the statement that is known to be true:
 * floats and C with stdio through wasi-libc, Rust, AssemblyScript.
 */
class GuestProofTest {
  private static void prove(String guest, Claim claim) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(GuestProofTest.class.getResourceAsStream(guest), guest)) {
      ProgramKey program = TestProver.get().key(Lowering.lower(in.readAllBytes()).program());
      TestProver.get().prove(program, claim, guest);
    }
  }

  private static Call call(String export, Value... arguments) {
    return new Call(export, List.of(arguments), new byte[0], new byte[0]);
  }

  private static Value i32(int value) {
    return new Value(I32, Integer.toUnsignedLong(value));
  }

  private static Claim returns(Call call, int result) {
    return new Claim(call, Exit.returned(), List.of(i32(result)));
  }

  @Test
  void queensAndAnAbortInAssemblyScript() throws IOException {
    prove("/guests/queens.wasm", returns(call("queens", i32(4)), 2));
    prove(
        "/guests/queens.wasm",
        new Claim(call("square", i32(4)), Exit.trapped(TrapReason.ABORT), List.of()));
  }

  @Test
  void aPrimeInRust() throws IOException {
    prove("/guests/primes.wasm", returns(call("is_prime", new Value(I64, 1_000_003)), 1));
  }

  /** Floats, malloc, printf and both inputs: the readings stay private. */
  @Test
  void statisticsInC() throws IOException {
    Call call =
        new Call(
            "_start",
            List.of(),
            "V".getBytes(StandardCharsets.UTF_8),
            "2.5 -1".getBytes(StandardCharsets.UTF_8));
    String lines =
        """
        readings 2
        mean     0.750000 V
        standard deviation 2.474874 V
        range    -1 to 2.5 V
        """;
    prove(
        "/dev/zkwasm/guests/statistics.wasm",
        new Claim(call, Exit.returned(), List.of(), lines.getBytes(StandardCharsets.UTF_8)));
  }
}
