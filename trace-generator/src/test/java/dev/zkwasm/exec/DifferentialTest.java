package dev.zkwasm.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.lower.Lowering;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Random modules against Chicory's interpreter. A module that fails is kept as {@code
 * target/failures/SEED.wasm}. More seeds: {@code -Ddifferential.modules=N}, from {@code
 * -Ddifferential.seed=N}.
 */
class DifferentialTest {
  private static final long[][] ARGUMENTS = {{0, 0}, {1, -1}, {-5, 1L << 40}, {123456, 987654321}};

  @Test
  void randomModulesAgreeWithTheInterpreter() throws IOException {
    int modules = Integer.getInteger("differential.modules", 400);
    long first = Long.getLong("differential.seed", 1);
    List<ValueType> parameters = List.of(ValueType.I32, ValueType.I64);
    List<ValueType> results = List.of(ValueType.I64);
    Map<String, Integer> endings = new TreeMap<>();
    for (long seed = first; seed < first + modules; seed++) {
      byte[] wasm = RandomModule.generate(seed);
      Path kept = Path.of("target/failures/" + seed + ".wasm");
      try {
        LoweredModule lowered = Lowering.lower(wasm);
        for (long[] arguments : ARGUMENTS) {
          // An instance that trapped keeps its memory: each call gets its own.
          Oracle.Ending expected =
              Oracle.interpret(Oracle.instantiate(wasm), "run", results, arguments);
          Oracle.Ending actual = Oracle.execute(lowered, Oracle.call(parameters, "run", arguments));
          assertEquals(expected, actual, () -> "arguments " + Arrays.toString(arguments));
          endings.merge(actual.exit().toString(), 1, Integer::sum);
        }
      } catch (RuntimeException | AssertionError e) {
        Files.createDirectories(kept.getParent());
        Files.write(kept, wasm);
        throw new AssertionError("seed " + seed + ", module kept as " + kept, e);
      }
    }
    System.out.println("random modules ended: " + endings);
    assertTrue(
        endings.getOrDefault(Exit.returned().toString(), 0) > modules,
        () -> "most random runs should return: " + endings);
  }
}
