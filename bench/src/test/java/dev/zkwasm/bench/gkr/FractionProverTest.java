package dev.zkwasm.bench.gkr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.bench.gkr.FractionProof.Fraction;
import dev.zkwasm.bench.gkr.FractionProof.Halves;
import dev.zkwasm.bench.gkr.FractionProof.Layer;
import dev.zkwasm.bench.gkr.FractionProof.Round;
import dev.zkwasm.bench.kernel.Check;
import dev.zkwasm.bench.kernel.ScalarKind;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.poly.TypedVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class FractionProverTest {
  private static final int LOG = 7;
  private static final int TREES = 3;

  private static FrVector p(int tree) {
    return ScalarKind.uniform(1 << LOG, 50 + tree);
  }

  private static FrVector q(int tree) {
    return ScalarKind.uniform(1 << LOG, 60 + tree);
  }

  private static FractionProof proof() {
    return new FractionProver(TREES, LOG).prove(FractionProverTest::p, FractionProverTest::q);
  }

  /** Whether the verifier accepts, and its claims are true. */
  private static boolean accepted(FractionProof proof) {
    Optional<FractionVerifier.Claims> claims = FractionVerifier.verify(proof, TREES, LOG);
    if (claims.isEmpty()) {
      return false;
    }
    FrVector weights = GkrExperiment.weights(claims.get().point());
    for (int i = 0; i < TREES; i++) {
      Fraction leaf =
          new Fraction(
              ScalarKind.innerProduct(new TypedVector.Field(p(i)), weights),
              ScalarKind.innerProduct(new TypedVector.Field(q(i)), weights));
      if (!leaf.equals(claims.get().leaves().get(i))) {
        return false;
      }
    }
    return true;
  }

  @Test
  void rootsAreTheSums() {
    FractionProof proof = proof();
    for (int i = 0; i < TREES; i++) {
      Fr sum = Fr.ZERO;
      for (int x = 0; x < 1 << LOG; x++) {
        sum = sum.add(p(i).get(x).mul(q(i).get(x).inverse()));
      }
      Fraction root = proof.roots().get(i);
      assertEquals(sum, root.p().mul(root.q().inverse()));
    }
  }

  @Test
  void acceptsProofsOfAllSizes() {
    assertTrue(accepted(proof()));
    for (int log = GkrExperiment.minLog(); log <= 9; log++) {
      for (int trees : new int[] {1, 4}) {
        assertEquals(Check.RIGHT, new GkrExperiment(trees, log).run().check(), "2^" + log);
      }
    }
  }

  @Test
  void refusesSizesBelowTheVectors() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new GkrExperiment(1, GkrExperiment.minLog() - 1).run());
  }

  /** Every element of a proof is altered in turn. */
  @Test
  void refusesEveryAlteration() {
    FractionProof proof = proof();
    List<FractionProof> altered = new ArrayList<>();
    for (int i = 0; i < TREES; i++) {
      altered.add(new FractionProof(with(proof.roots(), i, FractionProverTest::p), proof.layers()));
      altered.add(new FractionProof(with(proof.roots(), i, FractionProverTest::q), proof.layers()));
    }
    for (int k = 0; k < LOG; k++) {
      Layer layer = proof.layers().get(k);
      for (int j = 0; j < layer.rounds().size(); j++) {
        Function<Round, Round> zero = r -> new Round(r.atZero().add(Fr.ONE), r.leading());
        Function<Round, Round> leading = r -> new Round(r.atZero(), r.leading().add(Fr.ONE));
        altered.add(with(proof, k, new Layer(with(layer.rounds(), j, zero), layer.halves())));
        altered.add(with(proof, k, new Layer(with(layer.rounds(), j, leading), layer.halves())));
      }
      for (int i = 0; i < TREES; i++) {
        List<Function<Halves, Halves>> changes =
            List.of(
                h -> new Halves(p(h.low()), h.high()),
                h -> new Halves(q(h.low()), h.high()),
                h -> new Halves(h.low(), p(h.high())),
                h -> new Halves(h.low(), q(h.high())));
        for (Function<Halves, Halves> change : changes) {
          altered.add(with(proof, k, new Layer(layer.rounds(), with(layer.halves(), i, change))));
        }
      }
    }
    assertEquals(proof.elements(), altered.size());
    for (int i = 0; i < altered.size(); i++) {
      assertEquals(false, accepted(altered.get(i)), "alteration " + i);
    }
    assertEquals(
        Optional.empty(),
        FractionVerifier.verify(
            new FractionProof(proof.roots(), proof.layers().subList(0, LOG - 1)), TREES, LOG));
  }

  private static Fraction p(Fraction fraction) {
    return new Fraction(fraction.p().add(Fr.ONE), fraction.q());
  }

  private static Fraction q(Fraction fraction) {
    return new Fraction(fraction.p(), fraction.q().add(Fr.ONE));
  }

  private static FractionProof with(FractionProof proof, int k, Layer layer) {
    return new FractionProof(proof.roots(), with(proof.layers(), k, old -> layer));
  }

  private static <T> List<T> with(List<T> list, int index, Function<T, T> change) {
    List<T> copy = new ArrayList<>(list);
    copy.set(index, change.apply(list.get(index)));
    return copy;
  }
}
