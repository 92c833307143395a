package dev.zkwasm.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Table;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.field.Fr;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.verifier.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A prover without any scruples: its proofs are valid if and only if every constraint holds on
 * every row and every bus balances, as the row checker and the balance report find independently.
 */
class ForgeryTest {
  private static final ToyProof FIRST = ToyProof.FIRST;
  private static final ForgingProver FORGER =
      new ForgingProver(ToyProof.TOY.system, ToyProof.COMMITTER, ToyProof.KEY);

  private static Verdict verdict(Statement statement, List<TableInstance> tables) {
    byte[] proof = FORGER.prove(FIRST.header, statement, tables);
    return ToyProof.VERIFIER.verify(ToyProof.KEY, FIRST.header, statement, proof);
  }

  @Test
  void theForgerCanTellTheTruth() {
    assertEquals("valid", verdict(FIRST.statement, FIRST.run.tables()).toString());
  }

  /** Each main cell of the first, an inactive and the last row of each instance, altered alone. */
  @Test
  void everyAlteredCellIsRefusedUnlessNothingDependsOnIt() {
    List<TableInstance> honest = FIRST.run.tables();
    List<String> free = new ArrayList<>();
    int refused = 0;
    for (int i = 0; i < honest.size(); i++) {
      TableInstance table = honest.get(i);
      for (Column column : table.table().columns(Column.Kind.MAIN)) {
        for (int row : new int[] {0, table.height() - 2, table.height() - 1}) {
          Fr value = table.cell(column, row).add(Fr.ONE);
          List<TableInstance> altered = ForgingProver.alter(honest, i, column, row, value);
          boolean right = ForgingProver.wrong(FIRST.header, FIRST.statement, altered).isEmpty();
          String what = table.table() + " " + i + ", " + column + ", row " + row;
          assertEquals(right, verdict(FIRST.statement, altered).isValid(), what);
          if (right) {
            free.add(what);
          } else {
            refused++;
          }
        }
      }
    }
    assertTrue(refused > 80, "only " + refused);
    // Cells that mean nothing: tuples of inactive rows, multiplicities of tuples that nobody asks
    // for twice (zero rows repeat in the code), and a free bit.
    assertFalse(free.isEmpty());
    for (String what : free) {
      assertTrue(
          what.matches("(step|host|exit|notes) .*") || what.matches("(program|image) .*"), what);
    }
  }

  /** Swapping two rows of a table changes no sum but may break what holds between neighbours. */
  @Test
  void theOrderOfInstructionRowsIsFree() {
    ToyProgram run = new ToyProgram(ToyProof.TOY, 40, 6);
    Collections.swap(run.rows(ToyProof.TOY.step), 3, 17);
    assertTrue(verdict(FIRST.statement, run.tables()).isValid());
    Collections.swap(run.rows(ToyProof.TOY.sums), 3, 7);
    assertFalse(verdict(FIRST.statement, run.tables()).isValid());
  }

  /** An error in one constraint does not cancel one in another instance. */
  @Test
  void errorsOfTwoInstancesDoNotCancel() {
    ToyProgram run = new ToyProgram(ToyProof.TOY, 32, 4, 4);
    List<TableInstance> tables = run.tables();
    Column cube = ToyProof.TOY.step.cube;
    List<TableInstance> altered = tables;
    for (int i = 0; i < 2; i++) {
      Fr delta = Fr.of(i == 0 ? 1 : -1);
      altered = ForgingProver.alter(altered, i, cube, 5, tables.get(i).cell(cube, 5).add(delta));
    }
    var header = ToyProof.KEYS.programKey(run.program).header();
    Statement statement = run.statement(header);
    byte[] proof = FORGER.prove(header, statement, altered);
    assertFalse(ToyProof.VERIFIER.verify(ToyProof.KEY, header, statement, proof).isValid());
    byte[] honest = FORGER.prove(header, statement, tables);
    assertTrue(ToyProof.VERIFIER.verify(ToyProof.KEY, header, statement, honest).isValid());
  }

  /** True tables do not prove a false statement, whoever proves. */
  @Test
  void falseStatementsAreRefused() {
    Statement s = FIRST.statement;
    byte[] longer = Arrays.copyOf(s.output(), 4);
    byte[] other = s.output().clone();
    other[1] ^= 1;
    List<Statement> wrong =
        List.of(
            with(s, List.of(new Value(ValueType.I32, 8), s.arguments().get(1)), s.results(), s),
            with(s, s.arguments(), List.of(new Value(ValueType.F64, 0)), s),
            output(s, longer),
            output(s, other),
            steps(s, s.steps() - 1),
            steps(s, s.steps() + 1),
            new Statement(
                s.programDigest(),
                "elsewhere",
                s.arguments(),
                s.results(),
                s.publicInput(),
                s.output(),
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                List.of(),
                s.publicInput(),
                s.output(),
                Exit.exited(0),
                s.steps(),
                s.context()));
    for (Statement statement : wrong) {
      assertFalse(verdict(statement, FIRST.run.tables()).isValid(), statement.toString());
    }
    // The public input is in no bus of the verifier, but in the instance columns.
    byte[] input = s.publicInput().clone();
    input[9] ^= 4;
    Statement otherInput =
        new Statement(
            s.programDigest(),
            s.export(),
            s.arguments(),
            s.results(),
            input,
            s.output(),
            s.exit(),
            s.steps(),
            s.context());
    assertFalse(verdict(otherInput, FIRST.run.tables()).isValid());
  }

  private static Statement with(
      Statement s, List<Value> arguments, List<Value> results, Statement rest) {
    return new Statement(
        s.programDigest(),
        s.export(),
        arguments,
        results,
        rest.publicInput(),
        rest.output(),
        rest.exit(),
        rest.steps(),
        rest.context());
  }

  private static Statement output(Statement s, byte[] output) {
    return new Statement(
        s.programDigest(),
        s.export(),
        s.arguments(),
        s.results(),
        s.publicInput(),
        output,
        s.exit(),
        s.steps(),
        s.context());
  }

  private static Statement steps(Statement s, long steps) {
    return new Statement(
        s.programDigest(),
        s.export(),
        s.arguments(),
        s.results(),
        s.publicInput(),
        s.output(),
        s.exit(),
        steps,
        s.context());
  }

  /** Lists of instances that the protocol does not allow are refused, though all else is right. */
  @Test
  void otherListsOfInstancesAreRefused() {
    List<TableInstance> honest = FIRST.run.tables();
    List<List<TableInstance>> lists = new ArrayList<>();
    for (int i = 0; i < honest.size(); i++) {
      // Left out, doubled, swapped with the next, twice as high.
      List<TableInstance> without = new ArrayList<>(honest);
      without.remove(i);
      lists.add(without);
      List<TableInstance> doubled = new ArrayList<>(honest);
      doubled.add(i, honest.get(i));
      lists.add(doubled);
      if (i > 0) {
        List<TableInstance> swapped = new ArrayList<>(honest);
        Collections.swap(swapped, i - 1, i);
        lists.add(swapped);
      }
    }
    int allowed = 0;
    for (List<TableInstance> list : lists) {
      boolean right =
          legal(list) && ForgingProver.wrong(FIRST.header, FIRST.statement, list).isEmpty();
      Verdict verdict = verdict(FIRST.statement, list);
      assertEquals(right, verdict.isValid(), list + " " + verdict);
      allowed += right ? 1 : 0;
    }
    // Only the notes may be left out; nothing else is equivalent.
    assertEquals(1, allowed);
  }

  private static boolean legal(List<TableInstance> list) {
    for (int i = 1; i < list.size(); i++) {
      int last = ToyProof.TOY.airs.indexOf(list.get(i - 1).air());
      int next = ToyProof.TOY.airs.indexOf(list.get(i).air());
      if (last > next || (last == next && list.get(i - 1).height() < list.get(i).height())) {
        return false;
      }
    }
    for (Table table : ToyProof.TOY.airs.stream().map(Air::table).toList()) {
      long number = list.stream().filter(t -> t.table().equals(table)).count();
      boolean right =
          switch (table.role()) {
            case INSTRUCTION, AUXILIARY -> true;
            case SINGLE, PROGRAM, PUBLIC -> number == 1;
            case OPTIONAL, FIXED -> number <= 1;
          };
      if (!right) {
        return false;
      }
    }
    return true;
  }
}
