package dev.zkwasm.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.air.Interaction;
import dev.zkwasm.air.RowChecker;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.proof.Instance;
import dev.zkwasm.proof.ProofLayout;
import dev.zkwasm.proof.ProofTranscript.BusChallenges;
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

  /** The quotient of constraints that hold has no more coefficients than they allow. */
  @Test
  void quotientsAreOfTheRightDegree() {
    for (TableInstance table : ToyProof.FIRST.run.tables()) {
      assertTrue(tail(table).isEmpty(), table.toString());
    }
    ToyProgram forged = new ToyProgram(ToyProof.TOY, 40, 6);
    forged.rows(ToyProof.TOY.step).get(5).put(ToyProof.TOY.step.cube, 1L);
    assertFalse(tail(forged.tables().getFirst()).isEmpty());
  }

  private static List<Fr> tail(TableInstance table) {
    int n = table.height();
    try (LocalInstanceProver prover = prover(table);
        DeviceBuffer values = BACKEND.allocate(4 * n)) {
      assertTrue(prover.commitHelpers(CHALLENGES).isPresent());
      prover.addQuotient(Fr.of(31), values);
      BACKEND.cosetIntt(values, Cosets.SHIFT, values);
      List<Fr> tail = new ArrayList<>();
      for (int i = 3 * n + 13; i < 4 * n; i++) {
        if (!BACKEND.get(values, i).isZero()) {
          tail.add(BACKEND.get(values, i));
        }
      }
      return tail;
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
