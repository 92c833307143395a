package dev.zkwasm.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.air.Algebra;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Constraint;
import dev.zkwasm.air.Interaction;
import dev.zkwasm.air.RowChecker;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.bus.LogUp;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.poly.Domain;
import dev.zkwasm.proof.Instance;
import dev.zkwasm.proof.ProofLayout;
import dev.zkwasm.proof.ProofTranscript.BusChallenges;
import dev.zkwasm.proof.TableLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalInstanceProverTest {
  private static final ComputeBackend BACKEND = ToyProof.BACKEND;
  private static final BusChallenges CHALLENGES =
      new BusChallenges(Fr.of(1_000_003).inverse(), Fr.of(77).inverse());

  private static LocalInstanceProver prover(TableInstance table) {
    Instance instance = new Instance(ToyProof.TOY.airs.indexOf(table.air()), table.logHeight());
    ProofLayout layout = new ProofLayout(ToyProof.TOY.system, List.of(instance));
    return new LocalInstanceProver(
        ToyProof.COMMITTER,
        layout,
        0,
        new TablePrograms(layout.parts().getFirst().table()),
        table,
        new Blinding(ToyProof.seed(9), ToyProof.FIRST.statement, 0));
  }

  /** At any point the quotient times {@code X^N - 1} is the sum of the constraints. */
  @Test
  void quotientsAreThoseOfTheConstraints() {
    for (TableInstance table : ToyProof.FIRST.run.tables()) {
      checkQuotient(table, true);
    }
    ToyProgram forged = new ToyProgram(ToyProof.TOY, 40, 6);
    forged.rows(ToyProof.TOY.step).get(5).put(ToyProof.TOY.step.cube, 1L);
    checkQuotient(forged.tables().getFirst(), false);
  }

  private static void checkQuotient(TableInstance table, boolean holds) {
    Fr y = Fr.of(31);
    Fr z = Fr.of(123_457).inverse();
    int n = table.height();
    int log = table.logHeight();
    Domain domain = Domain.ofLogSize(log);
    try (LocalInstanceProver prover = prover(table);
        QuotientSum sum = new QuotientSum(BACKEND, log);
        Buffers memory = new Buffers(BACKEND)) {
      assertTrue(prover.commitHelpers(CHALLENGES).isPresent());
      prover.addQuotient(y, sum);
      List<DeviceBuffer> pieces = new ArrayList<>();
      for (int k = 0; k < ProofLayout.QUOTIENT_PIECES; k++) {
        pieces.add(memory.allocate(n));
      }
      sum.divideInto(pieces, 1);
      Fr quotient = Fr.ZERO;
      for (DeviceBuffer piece : pieces.reversed()) {
        quotient = quotient.mul(z.pow(n)).add(BACKEND.evaluateAt(piece, z));
      }
      DeviceBuffer lagrange = memory.allocate(n);
      DeviceBuffer nextLagrange = memory.allocate(n);
      Fr next = z.mul(domain.omega());
      BACKEND.lagrangeAt(z, lagrange);
      BACKEND.lagrangeAt(next, nextLagrange);
      List<Fr> evaluations = prover.evaluate(z, lagrange, next, nextLagrange);
      Fr constraints = constraints(table, z, evaluations, y);
      assertEquals(holds, constraints.equals(quotient.mul(domain.vanishing(z))), table.toString());
    }
  }

  /** The combined constraints at z, from the columns there. */
  private static Fr constraints(TableInstance table, Fr z, List<Fr> evaluations, Fr y) {
    Domain domain = Domain.ofLogSize(table.logHeight());
    TableLayout layout = ToyProof.TOY.system.table(ToyProof.TOY.airs.indexOf(table.air()));
    Algebra<Fr> cells =
        new Algebra<>() {
          @Override
          public Fr constant(BigInteger value) {
            return Fr.of(value);
          }

          @Override
          public Fr cell(Column column, boolean nextRow) {
            if (column.kind() == Column.Kind.INSTANCE) {
              return domain.evaluate(table.column(column).toField(), z);
            }
            int slot = layout.slot(column);
            return evaluations.get(nextRow ? layout.nextEvaluation(slot) : layout.evaluation(slot));
          }

          @Override
          public Fr add(Fr left, Fr right) {
            return left.add(right);
          }

          @Override
          public Fr subtract(Fr left, Fr right) {
            return left.sub(right);
          }

          @Override
          public Fr multiply(Fr left, Fr right) {
            return left.mul(right);
          }
        };
    List<Fr> values = new ArrayList<>();
    for (Constraint constraint : table.air().constraints()) {
      Fr selector =
          switch (constraint.selector()) {
            case ALWAYS -> Fr.ONE;
            case FIRST -> domain.lagrangeFirst(z);
            case LAST -> domain.lagrangeLast(z);
            case TRANSITION -> Fr.ONE.sub(domain.lagrangeLast(z));
          };
      values.add(selector.mul(constraint.expr().in(cells)));
    }
    LogUp<Fr> logUp = new LogUp<>(cells, CHALLENGES.alpha(), LogUp.powers(CHALLENGES.gamma()));
    for (int g = 0; g < layout.helpers(); g++) {
      Fr helper = evaluations.get(layout.evaluation(layout.helperSlot(g)));
      values.add(logUp.constraint(helper, table.air().helperGroup(g)));
    }
    Fr sum = Fr.ZERO;
    for (Fr value : values.reversed()) {
      sum = sum.mul(y).add(value);
    }
    return sum;
  }

  /** A tall table is worked on in parts; with a limit of few rows, so is a small one. */
  @Test
  void partsOfCosetsMakeTheSameQuotient() {
    for (TableInstance table : ToyProof.FIRST.run.tables()) {
      assertEquals(pieces(table, Long.MAX_VALUE), pieces(table, 64), table.toString());
    }
  }

  private static List<Fr> pieces(TableInstance table, long cosetElements) {
    try (LocalInstanceProver prover = prover(table);
        QuotientSum sum = new QuotientSum(BACKEND, table.logHeight());
        Buffers memory = new Buffers(BACKEND)) {
      prover.limitCosetElements(cosetElements);
      assertTrue(prover.commitHelpers(CHALLENGES).isPresent());
      prover.addQuotient(Fr.of(31), sum);
      List<DeviceBuffer> pieces = new ArrayList<>();
      for (int k = 0; k < ProofLayout.QUOTIENT_PIECES; k++) {
        pieces.add(memory.allocate(table.height()));
      }
      sum.divideInto(pieces, 1);
      List<Fr> coefficients = new ArrayList<>();
      for (DeviceBuffer piece : pieces) {
        FrVector values = BACKEND.download(piece);
        for (int i = 0; i < values.size(); i++) {
          coefficients.add(values.get(i));
        }
      }
      return coefficients;
    }
  }

  /** Helper columns against the terms of the interactions, row by row. */
  @Test
  void helpersAreTheSumsOfTheirInteractions() {
    for (TableInstance table : ToyProof.FIRST.run.tables()) {
      try (LocalInstanceProver prover = prover(table);
          DeviceBuffer sum = BACKEND.allocate(table.height())) {
        assertTrue(prover.commitHelpers(CHALLENGES).isPresent());
        prover.addHelpers(sum);
        FrVector sums = BACKEND.download(sum);
        RowChecker checker = new RowChecker(table.air(), table);
        for (int row = 0; row < table.height(); row++) {
          Fr expected = Fr.ZERO;
          for (RowChecker.Contribution c : checker.contributions(row)) {
            Fr denominator = denominator(c.interaction(), c.tuple());
            expected = expected.add(c.multiplicity().mul(denominator.inverse()));
          }
          assertEquals(expected, sums.get(row), table + ", row " + row);
        }
      }
    }
  }

  private static Fr denominator(Interaction interaction, List<Fr> tuple) {
    Fr fingerprint = Fr.of(interaction.bus().code());
    Fr power = Fr.ONE;
    for (Fr entry : tuple) {
      power = power.mul(CHALLENGES.gamma());
      fingerprint = fingerprint.add(power.mul(entry));
    }
    return CHALLENGES.alpha().sub(fingerprint);
  }

  /** The proof starts again where a denominator is zero. */
  @Test
  void aChallengeThatMeetsATupleIsNoticed() {
    TableInstance bytes = ToyProof.FIRST.run.tables().getLast();
    Fr gamma = Fr.of(5);
    Fr alpha = Fr.of(4).add(gamma.mul(Fr.of(30)));
    try (LocalInstanceProver prover = prover(bytes)) {
      assertTrue(prover.commitHelpers(new BusChallenges(alpha, gamma)).isEmpty());
    }
  }
}
