package dev.zkwasm.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.Witness;
import dev.zkwasm.table.WitnessBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Traces of real programs fill the tables, satisfy every constraint and balance every bus. */
class WitnessTest {
  private static final Path GUESTS = Path.of("../../shared/guests");

  @ParameterizedTest
  @CsvSource({
    "fib.wasm, run, 100",
    "fib.wasm, run_rec, 8",
    "sha256.wasm, run, 70",
    "keccak.wasm, run, 10",
    "sortsieve.wasm, sort, 50",
    "sortsieve.wasm, sieve, 100",
  })
  void holds(String file, String export, int argument) throws IOException {
    Path path = GUESTS.resolve(file);
    assumeTrue(Files.exists(path), () -> "SKIPPED: no guest program " + path.toAbsolutePath());
    check(
        Files.readAllBytes(path),
        new Call(export, List.of(new Value(ValueType.I32, argument)), new byte[0], new byte[0]));
  }

  private static void check(byte[] wasm, Call call) {
    LoweredModule lowered = Lowering.lower(wasm);
    ExecutionTrace trace = Executor.execute(lowered.program(), call, Limits.DEFAULT, Progress.NONE);
    assertEquals(Exit.returned(), trace.exit());
    // Low instances, so that some tables need several.
    Witness witness = WitnessBuilder.build(TableSet.STANDARD, trace, 1 << 10);
    witness.check();
  }
}
