package dev.zkwasm.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.Witness;
import dev.zkwasm.table.WitnessBuilder;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.WasmOpcode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
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
        new Call(export, List.of(new Value(ValueType.I32, argument)), new byte[0], new byte[0]),
        Exit.returned());
  }

  /** The verifier sends the arguments of a run however it ends, so the stub takes them first. */
  @Test
  void aRunThatEndsInTheStartFunctionHasTakenItsArguments() {
    ModuleBuilder module = new ModuleBuilder();
    int start =
        module.function(
            module.type(List.of(), List.of()),
            List.of(),
            ModuleBuilder.code().op(WasmOpcode.UNREACHABLE));
    module.start(start);
    module.exported("run", List.of(ValueType.I32), List.of(), List.of(), ModuleBuilder.code());
    check(
        module.build(),
        new Call("run", List.of(new Value(ValueType.I32, 7)), new byte[0], new byte[0]),
        Exit.trapped(TrapReason.UNREACHABLE));
  }

  private static void check(byte[] wasm, Call call, Exit exit) {
    LoweredModule lowered = Lowering.lower(wasm);
    ExecutionTrace trace = Executor.execute(lowered.program(), call, Limits.DEFAULT, Progress.NONE);
    assertEquals(exit, trace.exit());
    // Low instances, so that some tables need several.
    Witness witness = WitnessBuilder.build(TableSet.STANDARD, trace, 1 << 10);
    witness.check();
  }
}
