package dev.zkwasm.verifier;

import dev.zkwasm.air.Column;
import dev.zkwasm.bus.BusTerm;
import dev.zkwasm.bus.LogUp;
import dev.zkwasm.bus.VerifierTerms;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import dev.zkwasm.isa.Program;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.proof.ProofTranscript.BusChallenges;
import dev.zkwasm.proof.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sums up the verifier's own terms on the buses: the V of the protocol. */
public final class TermSum {
  /** Terms that share an inversion; bounds memory, whatever the length of the output. */
  private static final int BATCH = 4096;

  private static final PointAlgebra NO_CELLS =
      new PointAlgebra() {
        @Override
        public Fr cell(Column column, boolean nextRow) {
          throw new IllegalStateException("the verifier's terms have no cells");
        }
      };

  private final LogUp<Fr> logUp;
  private final List<BusTerm> terms = new ArrayList<>();
  private Fr total = Fr.ZERO;
  private boolean divisionByZero;

  private TermSum(BusChallenges challenges) {
    this.logUp = new LogUp<>(NO_CELLS, challenges.alpha(), LogUp.powers(challenges.gamma()));
  }

  /**
   * The sum of the terms, or nothing if a denominator is zero.
   *
   * @param statement a statement whose steps are below 2^30
   * @param header the program, which has the statement's export
   * @param challenges alpha and gamma
   */
  public static Optional<Fr> of(
      Statement statement, ProgramHeader header, BusChallenges challenges) {
    Program.Export export = header.export(statement.export()).orElseThrow();
    TermSum sum = new TermSum(challenges);
    VerifierTerms.forEach(
        export.entryPc(),
        header.initialPages(),
        statement.arguments(),
        statement.exit(),
        statement.results(),
        statement.output(),
        statement.steps(),
        sum::add);
    sum.divide();
    return sum.divisionByZero ? Optional.empty() : Optional.of(sum.total);
  }

  private void add(BusTerm term) {
    terms.add(term);
    if (terms.size() == BATCH) {
      divide();
    }
  }

  /** Adds up the collected terms with one inversion. */
  private void divide() {
    FrVector denominators = new FrVector(terms.size());
    for (int i = 0; i < terms.size(); i++) {
      Fr denominator = logUp.denominator(terms.get(i).bus(), terms.get(i).tuple());
      divisionByZero |= denominator.isZero();
      denominators.set(i, denominator);
    }
    if (!divisionByZero) {
      PrimeField.FR.batchInverse(denominators.limbs(), 0, denominators.size());
      for (int i = 0; i < terms.size(); i++) {
        Fr term = denominators.get(i);
        total = terms.get(i).sign() > 0 ? total.add(term) : total.sub(term);
      }
    }
    terms.clear();
  }
}
