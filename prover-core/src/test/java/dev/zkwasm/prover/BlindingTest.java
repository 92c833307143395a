package dev.zkwasm.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.Fr;
import dev.zkwasm.proof.Instance;
import dev.zkwasm.proof.Proof;
import dev.zkwasm.proof.ProofCodec;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.proof.ProofLayout;
import dev.zkwasm.verifier.TermSum;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Zero knowledge is what no verification can notice: these tests look at the blinding itself, every
 * polynomial's.
 */
class BlindingTest {
  private static final ToyProof FIRST = ToyProof.FIRST;
  private static final List<TableInstance> TABLES = FIRST.run.tables();

  private static Proof proof(byte[] bytes) throws ProofFormatException {
    return ProofCodec.decode(ToyProof.TOY.system, bytes);
  }

  private static Blinding blinding(int seed, int attempt) {
    return new Blinding(ToyProof.seed(seed), FIRST.statement, attempt);
  }

  /** Two coefficients, four where the next row is used, none of them zero or in two places. */
  @Test
  void everyMainCommitmentHasItsOwnBlinder() throws ProofFormatException {
    Proof proof = proof(FIRST.proof);
    ProofLayout layout = new ProofLayout(ToyProof.TOY.system, proof.instances());
    G1Vector powers = ToyProof.COMMITTER.srs().powers(layout.maxLog());
    Set<Fr> scalars = new HashSet<>();
    int scalarCount = 0;
    Set<G1> commitments = new HashSet<>();
    for (ProofLayout.Part part : layout.parts()) {
      int log = part.instance().log();
      for (Column column : part.table().main()) {
        int slot = part.table().slot(column);
        boolean pair = part.table().usesNext(slot);
        List<Fr> blinder = blinding(1, 0).column(part.index(), slot, pair);
        assertEquals(pair ? 4 : 2, blinder.size());
        G1 expected = ToyProof.COMMITTER.values(log, TABLES.get(part.index()).column(column));
        for (int i = 0; i < blinder.size(); i++) {
          assertFalse(blinder.get(i).isZero());
          scalars.add(blinder.get(i));
          scalarCount++;
          G1 base = powers.get((1 << log) + i).sub(powers.get(i));
          expected = expected.add(base.mul(blinder.get(i)));
        }
        G1 commitment = proof.main().get(part.firstMain() + column.index());
        assertEquals(expected, commitment, part.table().table() + " " + column);
        commitments.add(commitment);
      }
    }
    assertEquals(scalarCount, scalars.size());
    // Many of these columns are equal, and some are zero.
    assertEquals(proof.main().size(), commitments.size());
    assertFalse(commitments.contains(G1.INFINITY));
  }

  @Test
  void columnsWithANextRowUseAreThere() {
    ProofLayout layout = new ProofLayout(ToyProof.TOY.system, List.of(new Instance(3, 4)));
    assertTrue(layout.parts().getFirst().table().usesNext(0));
    assertTrue(layout.parts().getFirst().table().usesNext(1));
  }

  /** Nothing that depends on the witness stays the same when only the seed changes. */
  @Test
  void everyOpeningIsBlinded() throws ProofFormatException {
    Proof one = proof(FIRST.proof);
    Proof two = proof(FIRST.prove(ToyProof.seed(2)));
    ProofLayout layout = new ProofLayout(ToyProof.TOY.system, one.instances());
    for (int i = 0; i < one.helpers().size(); i++) {
      assertNotEquals(one.helpers().get(i), two.helpers().get(i), "helper " + i);
    }
    for (int i = 0; i < one.quotient().size(); i++) {
      assertNotEquals(one.quotient().get(i), two.quotient().get(i), "piece " + i);
    }
    // Zero columns, whose values at any point would be zero without a blinder.
    for (ProofLayout.Part part : layout.parts()) {
      for (Column column : part.table().main()) {
        int at = part.evaluation(part.table().slot(column));
        assertFalse(one.evaluations().get(at).isZero(), part.table().table() + " " + column);
        assertNotEquals(one.evaluations().get(at), two.evaluations().get(at));
      }
    }
  }

  @Test
  void aRetryUsesOtherBlinders() {
    assertEquals(blinding(1, 0).column(2, 3, true), blinding(1, 0).column(2, 3, true));
    Set<List<Fr>> different =
        Set.of(
            blinding(1, 0).column(2, 3, true),
            blinding(1, 1).column(2, 3, true),
            blinding(2, 0).column(2, 3, true),
            blinding(1, 0).column(3, 2, true),
            blinding(1, 0).accumulator());
    assertEquals(5, different.size());
    assertEquals(3, new HashSet<>(blinding(1, 0).quotient()).size());
  }

  /** Without masks, that is with zeros, the pieces differ from those of the proof by the masks. */
  @Test
  void quotientPiecesAreMasked() throws ProofFormatException {
    Proof masked = proof(FIRST.proof);
    Blinding withoutMasks =
        new Blinding(ToyProof.seed(1), FIRST.statement, 0) {
          @Override
          List<Fr> quotient() {
            return List.of(Fr.ZERO, Fr.ZERO, Fr.ZERO);
          }
        };
    Proof bare = attempt(withoutMasks);
    assertEquals(masked.main(), bare.main());
    assertEquals(masked.helpers(), bare.helpers());
    List<Fr> masks = blinding(1, 0).quotient();
    int maxLog = new ProofLayout(ToyProof.TOY.system, masked.instances()).maxLog();
    G1 high = ToyProof.COMMITTER.srs().powers(maxLog).get(1 << maxLog);
    G1 low = G1.GENERATOR;
    Fr r0 = masks.get(0);
    Fr r1 = masks.get(1);
    Fr r2 = masks.get(2);
    List<G1> plain = bare.quotient();
    assertEquals(
        List.of(
            plain.get(0).add(high.mul(r0)),
            plain.get(1).sub(low.mul(r0)).add(high.mul(r1)),
            plain.get(2).sub(low.mul(r1)).add(high.mul(r2)),
            plain.get(3).sub(low.mul(r2))),
        masked.quotient());
  }

  /** The accumulator's blinder has four coefficients; the last one hides the quotient's value. */
  @Test
  void theAccumulatorIsBlinded() throws ProofFormatException {
    List<Fr> full = blinding(1, 0).accumulator();
    assertEquals(4, full.size());
    Proof bare =
        attempt(
            new Blinding(ToyProof.seed(1), FIRST.statement, 0) {
              @Override
              List<Fr> accumulator() {
                return List.of(Fr.ZERO, Fr.ZERO, Fr.ZERO, Fr.ZERO);
              }
            });
    int maxLog = new ProofLayout(ToyProof.TOY.system, bare.instances()).maxLog();
    assertEquals(
        List.of(proof(FIRST.proof).helpers().getLast()),
        ToyProof.COMMITTER.blind(maxLog, maxLog, List.of(bare.helpers().getLast()), List.of(full)));
  }

  private static Proof attempt(Blinding blinding) {
    List<Instance> instances = new ArrayList<>();
    for (TableInstance table : TABLES) {
      instances.add(new Instance(ToyProof.TOY.airs.indexOf(table.air()), table.logHeight()));
    }
    ProofLayout layout = new ProofLayout(ToyProof.TOY.system, instances);
    List<LocalInstanceProver> provers = new ArrayList<>();
    for (int i = 0; i < TABLES.size(); i++) {
      TablePrograms programs = new TablePrograms(layout.parts().get(i).table());
      provers.add(
          new LocalInstanceProver(
              ToyProof.COMMITTER, layout, i, programs, TABLES.get(i), blinding));
    }
    try {
      return new ProofAttempt(
              new DeviceTeam(List.of(ToyProof.COMMITTER), layout),
              ToyProof.KEY,
              FIRST.statement,
              layout,
              provers,
              blinding,
              new StageClock(ProgressListener.NONE))
          .run(challenges -> TermSum.of(FIRST.statement, FIRST.header, challenges))
          .orElseThrow();
    } finally {
      provers.forEach(LocalInstanceProver::close);
    }
  }
}
