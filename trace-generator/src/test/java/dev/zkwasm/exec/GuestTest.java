package dev.zkwasm.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.lower.Lowering;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Real programs: results and numbers of steps. The ratios of the model are in {@code
 * ../shared/guests/README.md}.
 */
class GuestTest {
  private static final Path GUESTS = Path.of("../../shared/guests");

  @ParameterizedTest
  @CsvSource({
    "fib.wasm, run, 1000, 2.5",
    "fib.wasm, run_rec, 15, 2.8",
    "sha256.wasm, run, 64, 2.1",
    "sha256.wasm, run, 4096, 2.1",
    "keccak.wasm, run, 200, 2.3",
    "keccak.wasm, run, 4096, 2.3",
    "sortsieve.wasm, sort, 300, 3.2",
    "sortsieve.wasm, sieve, 1000, 2.7",
  })
  void agreesWithTheInterpreter(String file, String export, int argument, double model)
      throws IOException {
    Path path = GUESTS.resolve(file);
    assumeTrue(Files.exists(path), () -> "SKIPPED: no guest program " + path.toAbsolutePath());
    byte[] wasm = Files.readAllBytes(path);
    long[] count = new long[1];
    Instance instance =
        Instance.builder(Parser.parse(wasm))
            .withUnsafeExecutionListener(
                (instruction, stack) -> {
                  switch (instruction.opcode()) {
                    case BLOCK, LOOP, END, ELSE, NOP -> {}
                    default -> count[0]++;
                  }
                })
            .build();
    long expected = instance.export(export).apply(argument)[0];
    LoweredModule lowered = Lowering.lower(wasm);
    Call call =
        new Call(export, List.of(new Value(ValueType.I32, argument)), new byte[0], new byte[0]);
    long start = System.nanoTime();
    Outcome outcome =
        Executor.run(
            lowered.program(),
            lowered.weights(),
            call,
            Limits.DEFAULT,
            Progress.NONE,
            Executor.NO_TRACE);
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%s %s(%d): %d wasm steps (interpreter %d), %d lowered, ratio %.2f (model %.1f), %.1f M"
            + " steps/s%n",
        file,
        export,
        argument,
        outcome.wasmSteps(),
        count[0],
        outcome.steps(),
        (double) count[0] / outcome.steps(),
        model,
        outcome.steps() / seconds / 1e6);
    assertEquals(Exit.returned(), outcome.exit());
    Value result = outcome.results().getFirst();
    assertEquals(result.type().is32Bit() ? expected & 0xffffffffL : expected, result.bits());
    assertEquals(count[0], outcome.wasmSteps());
  }
}
