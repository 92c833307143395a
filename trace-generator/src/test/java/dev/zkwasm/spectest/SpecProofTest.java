package dev.zkwasm.spectest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.keys.ProgramKey;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.testing.TestProver;
import dev.zkwasm.testing.TestProver.Claim;
import dev.zkwasm.verifier.Verdict;
import dev.zkwasm.wasm.WasmOpcode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Assertions of the specification, proven and verified: runs of {@link BatchModule}s, drawn by
 * {@link Drawing}. What the verifier is asked is the statement that the assertions make, not the
 * one that came out.
 */
class SpecProofTest {
  private static final int ENOUGH = 3_000;

  /** Steps of a run are kept below, by leaving out assertions: heights that are small. */
  private static final int MAX_STEPS = 1 << 15;

  private static List<Script> scripts() throws IOException {
    Path archive = SpecArchive.location();
    if (!Files.exists(archive)) {
      String skip =
          "SKIPPED: proofs of specification tests: there is no "
              + archive.toAbsolutePath().normalize();
      System.out.println(skip);
      Assumptions.abort(skip);
    }
    return SpecArchive.scripts(archive);
  }

  /** What was proven. */
  private static final class Count {
    private final Drawing drawing;
    private final Map<String, Integer> byScript = new TreeMap<>();
    private final Map<WasmOpcode, Integer> byOpcode = new EnumMap<>(WasmOpcode.class);
    private final Map<TrapReason, Integer> byTrap = new EnumMap<>(TrapReason.class);
    private int proofs;
    private int assertions;
    private long steps;

    Count(Drawing drawing) {
      this.drawing = drawing;
    }

    void proof(long length) {
      proofs++;
      steps += length;
    }

    void batch(BatchModule batch) {
      for (Command command : batch.sequence().commands()) {
        if (!(command instanceof Command.Perform)) {
          assertion(batch.sequence(), command);
        }
      }
    }

    void assertion(Sequence of, Command command) {
      assertions++;
      byScript.merge(of.script(), 1, Integer::sum);
      drawing.opcodes(command).forEach(opcode -> byOpcode.merge(opcode, 1, Integer::sum));
      Exit exit = Drawing.exit(command);
      if (exit.kind() == Exit.Kind.TRAPPED) {
        byTrap.merge(TrapReason.ofCode(exit.code()), 1, Integer::sum);
      }
    }

    List<WasmOpcode> missing() {
      return List.of(WasmOpcode.values()).stream().filter(o -> !byOpcode.containsKey(o)).toList();
    }

    /** Enough assertions, every instruction, and every trap but those that only imports have. */
    void isEnough() {
      assertTrue(assertions >= ENOUGH, () -> "only " + assertions);
      assertEquals(List.of(), missing(), "instructions that no assertion executes");
      assertEquals(
          Set.of(TrapReason.INPUT_OUT_OF_BOUNDS, TrapReason.ABORT),
          EnumSet.complementOf(EnumSet.copyOf(byTrap.keySet())));
    }

    List<String> lines() {
      List<String> lines = new ArrayList<>();
      lines.add(
          "%d assertions of %d scripts in %d proofs of %d steps together"
              .formatted(assertions, byScript.size(), proofs, steps));
      lines.add("by script: " + byScript);
      List<String> opcodes = new ArrayList<>();
      byOpcode.forEach((opcode, n) -> opcodes.add(name(opcode) + "=" + n));
      lines.add("by instruction executed: " + String.join(", ", opcodes));
      List<String> traps = new ArrayList<>();
      byTrap.forEach((reason, n) -> traps.add(reason.text() + "=" + n));
      lines.add("by trap: " + String.join(", ", traps));
      return lines;
    }
  }

  private static String name(WasmOpcode opcode) {
    return opcode == WasmOpcode.SELECT_T ? "select with type" : opcode.text();
  }

  /** The batch with so few assertions that its run has at most so many steps, if that can be. */
  private static BatchModule batch(Drawing.Drawn drawn, int maxSteps) {
    BatchModule batch = new BatchModule(drawn.sequence());
    Drawing.Drawn half = drawn.half();
    while (run(batch, 0).steps() > maxSteps
        && half.sequence().commands().size() < batch.sequence().commands().size()) {
      batch = new BatchModule(half.sequence());
      half = half.half();
    }
    return batch;
  }

  private static Outcome run(BatchModule batch, int selector) {
    return Executor.run(
        Lowering.lower(batch.bytes()).program(),
        null,
        batch.call(selector),
        Limits.DEFAULT,
        Progress.NONE,
        Executor.NO_TRACE);
  }

  private static void prove(BatchModule batch, int maxEnds, Count count) {
    TestProver prover = TestProver.get();
    ProgramKey program = prover.key(Lowering.lower(batch.bytes()).program());
    Sequence sequence = batch.sequence();
    String where = sequence.script() + ".wast:" + sequence.line();
    if (batch.checks() > 0) {
      Claim claim = new Claim(batch.call(0), Exit.returned(), batch.expectedResults());
      count.proof(prover.prove(program, claim, where));
      sequence.commands().stream()
          .filter(Command.AssertReturn.class::isInstance)
          .forEach(command -> count.assertion(sequence, command));
    }
    for (int i = 0; i < Math.min(maxEnds, batch.ends().size()); i++) {
      Command end = batch.ends().get(i);
      Claim claim = new Claim(batch.call(i + 1), Drawing.exit(end), List.of());
      count.proof(prover.prove(program, claim, where + ", line " + end.line()));
      count.assertion(sequence, end);
    }
  }

  /** Of all scripts, or of those that {@code -Dspecproofs.scripts=A,B} names. */
  @Test
  @Tag("specproofs")
  void assertionsAreProven() throws IOException {
    String only = System.getProperty("specproofs.scripts", "");
    Set<String> names = Set.of(only.split(","));
    Drawing drawing = new Drawing(scripts());
    Count count = new Count(drawing);
    for (Drawing.Drawn drawn : drawing.draw()) {
      if (only.isEmpty() || names.contains(drawn.sequence().script())) {
        prove(batch(drawn, MAX_STEPS), Integer.MAX_VALUE, count);
      }
    }
    Path file = Path.of("target", "specproofs.txt");
    Files.createDirectories(file.getParent());
    Files.write(file, count.lines());
    System.out.println("proven and verified:");
    count.lines().forEach(System.out::println);
    if (only.isEmpty()) {
      count.isEnough();
    }
  }

  /** Integers, floats, references and their traps. */
  @Test
  void aSampleOfAssertionsIsProven() throws IOException {
    Drawing drawing =
        new Drawing(
            scripts().stream()
                .filter(s -> Set.of("i64", "f32", "table_get").contains(s.name()))
                .toList());
    Count count = new Count(drawing);
    for (Drawing.Drawn drawn : drawing.draw()) {
      prove(batch(drawn, 4_000), 1, count);
    }
    System.out.println("sample, proven and verified: " + count.lines().getFirst());
    assertEquals(3, count.byScript.size());
    assertEquals(2, count.byTrap.size());
  }

  /** A run whose result is not the expected one is proven as what it is, not as what it is not. */
  @Test
  void theProofOfAWrongAssertionIsRefused() throws IOException {
    Drawing drawing =
        new Drawing(scripts().stream().filter(s -> s.name().equals("conversions")).toList());
    Sequence sequence = batch(drawing.draw().getFirst(), 4_000).sequence();
    Altered altered = changes(sequence, new Random(1)).iterator().next();
    BatchModule batch = new BatchModule(altered.sequence);
    TestProver prover = TestProver.get();
    ProgramKey program = prover.key(Lowering.lower(batch.bytes()).program());
    ExecutionTrace trace =
        Executor.execute(program.program(), batch.call(0), Limits.DEFAULT, Progress.NONE);
    assertEquals(altered.before, trace.results().getFirst().bits());
    byte[] proof = prover.prove(program, trace);
    for (List<Value> results : List.of(trace.results(), batch.expectedResults())) {
      Claim claim = new Claim(batch.call(0), Exit.returned(), results);
      Verdict verdict =
          prover.verify(program.header(), claim.statement(program.header(), trace.steps()), proof);
      assertEquals(results.equals(trace.results()), verdict.isValid(), verdict::toString);
    }
  }

  /**
   * What the profile proves is enough, and every check compares: with its expectation altered, its
   * number is what comes back. Executed only.
   */
  @Test
  void alteredExpectationsAreFound() throws IOException {
    Random random = new Random(1);
    Map<String, Integer> altered = new TreeMap<>();
    Drawing drawing = new Drawing(scripts());
    Count count = new Count(drawing);
    for (Drawing.Drawn drawn : drawing.draw()) {
      BatchModule batch = batch(drawn, MAX_STEPS);
      Sequence sequence = batch.sequence();
      Outcome outcome = run(batch, 0);
      count.batch(batch);
      assertEquals(batch.expectedResults(), outcome.results(), sequence.script());
      for (Altered change : changes(sequence, random)) {
        altered.merge(change.kind, 1, Integer::sum);
        BatchModule wrong = new BatchModule(change.sequence);
        String where = sequence.script() + ".wast:" + change.line;
        List<Value> results = run(wrong, 0).results();
        assertNotEquals(wrong.expectedResults(), results, where);
        if (!change.isReturned) {
          assertEquals(change.before, results.getFirst().bits(), where);
        }
      }
    }
    count.isEnough();
    System.out.printf(
        "drawn for profile specproofs: %d assertions of %d scripts; expectations altered: %s%n",
        count.assertions, count.byScript.size(), altered);
  }

  /**
   * A sequence with one expectation altered.
   *
   * @param kind type and pattern of the expectation
   * @param line the assertion
   * @param before how many assertions are checked before it
   * @param isReturned whether it is not for the module to compare
   */
  private record Altered(
      Sequence sequence, String kind, int line, long before, boolean isReturned) {}

  /** For each kind of expectation of a sequence one that is altered, at random. */
  private static Collection<Altered> changes(Sequence sequence, Random random) {
    Map<String, Altered> changes = new TreeMap<>();
    Map<String, Integer> seen = new HashMap<>();
    int before = 0;
    for (int i = 0; i < sequence.commands().size(); i++) {
      if (sequence.commands().get(i) instanceof Command.AssertReturn c) {
        for (int j = 0; j < c.expected().size(); j++) {
          Expected expected = c.expected().get(j);
          boolean isReturned = BatchModule.isReturned(expected);
          String kind =
              expected.type() + " " + expected.pattern() + (isReturned ? " returned" : "");
          if (random.nextInt(seen.merge(kind, 1, Integer::sum)) == 0) {
            List<Expected> others = new ArrayList<>(c.expected());
            others.set(j, altered(expected));
            List<Command> commands = new ArrayList<>(sequence.commands());
            commands.set(i, new Command.AssertReturn(c.line(), c.action(), List.copyOf(others)));
            changes.put(
                kind, new Altered(sequence.with(commands), kind, c.line(), before, isReturned));
          }
        }
        before++;
      }
    }
    return changes.values();
  }

  private static Expected altered(Expected expected) {
    return switch (expected.pattern()) {
      case EXACT -> {
        boolean isNull = expected.type().isReference() && expected.bits() == SpecValue.NULL;
        yield isNull
            ? new Expected(expected.type(), Expected.Pattern.NON_NULL_REFERENCE, 0)
            : new Expected(expected.type(), Expected.Pattern.EXACT, expected.bits() ^ 1);
      }
      case NON_NULL_REFERENCE ->
          new Expected(expected.type(), Expected.Pattern.EXACT, SpecValue.NULL);
      default -> new Expected(expected.type(), Expected.Pattern.EXACT, 0);
    };
  }
}
