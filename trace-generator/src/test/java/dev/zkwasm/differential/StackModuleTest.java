package dev.zkwasm.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Value;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.WitnessBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Modules of {@link StackModule}. One that differs is made small and kept in {@code
 * target/differential}; move it to {@code src/test/resources/differential} to have it tested from
 * then on. Other seeds: {@code -Ddifferential.seed=N}.
 */
class StackModuleTest {
  private static final Path KEPT = Path.of("target", "differential");
  private static final Path REGRESSIONS = Path.of("src", "test", "resources", "differential");

  @Test
  void randomModulesAgreeWithTheInterpreter() throws IOException {
    compare(300, false);
    compare(300, true);
  }

  @Test
  @Tag("long")
  void manyRandomModulesAgreeWithTheInterpreter() throws IOException {
    compare(10_000, false);
  }

  @Test
  @Tag("long")
  void manyRandomFloatModulesAgreeWithTheInterpreter() throws IOException {
    compare(3_000, true);
  }

  private static void compare(int modules, boolean floats) throws IOException {
    long first = Long.getLong("differential.seed", 1);
    Map<String, Integer> endings = new TreeMap<>();
    for (long seed = first; seed < first + modules; seed++) {
      Choices choices = Choices.ofSeed(seed);
      byte[] wasm = StackModule.generate(choices, floats);
      if (difference(wasm, endings).isPresent()) {
        int[] small =
            Shrinker.shrink(
                choices.drawn(),
                list ->
                    difference(StackModule.generate(Choices.of(list), floats), new TreeMap<>())
                        .isPresent());
        byte[] reduced = StackModule.generate(Choices.of(small), floats);
        Files.createDirectories(KEPT);
        Path file = Files.write(KEPT.resolve("seed-" + seed + ".wasm"), reduced);
        throw new AssertionError(
            "seed "
                + seed
                + ", made small and kept as "
                + file
                + ": "
                + difference(reduced, new TreeMap<>()).orElseThrow());
      }
    }
    System.out.println(modules + " stack modules, calls: " + endings);
    int returned = endings.getOrDefault(Exit.returned().toString(), 0);
    int all = endings.values().stream().mapToInt(Integer::intValue).sum();
    assertTrue(returned > all / 4, () -> "too many calls trap to test much: " + endings);
  }

  /** What differs; an engine that breaks off differs too. */
  private static Optional<String> difference(byte[] wasm, Map<String, Integer> endings) {
    try {
      return Comparison.differenceOf(wasm, endings);
    } catch (RuntimeException e) {
      return Optional.of(e.toString());
    }
  }

  @TestFactory
  Stream<DynamicTest> regressions() throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(REGRESSIONS)) {
      files = list.filter(f -> f.toString().endsWith(".wasm")).sorted().toList();
    }
    return files.stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    String.valueOf(file.getFileName()),
                    () ->
                        assertEquals(
                            Optional.empty(),
                            Comparison.differenceOf(Files.readAllBytes(file), new TreeMap<>()))));
  }

  /**
   * The tables hold for the traces of random modules: what the executor records is what they
   * define.
   */
  @Test
  void tablesAcceptTheTraces() {
    for (long seed = 1; seed <= 5; seed++) {
      checkTables(seed, false);
      checkTables(seed, true);
    }
  }

  @Test
  @Tag("long")
  void tablesAcceptManyTraces() {
    for (long seed = 1; seed <= 200; seed++) {
      checkTables(seed, false);
      checkTables(seed, true);
    }
  }

  private static void checkTables(long seed, boolean floats) {
    Program program = Lowering.lower(StackModule.generate(Choices.ofSeed(seed), floats)).program();
    Program.Export export = program.exports().getFirst();
    List<Value> arguments = export.parameters().stream().map(t -> new Value(t, 5)).toList();
    Call call = new Call(export.name(), arguments, new byte[0], new byte[0]);
    ExecutionTrace trace = Executor.execute(program, call, Limits.DEFAULT, Progress.NONE);
    WitnessBuilder.build(TableSet.STANDARD, trace).check();
  }
}
