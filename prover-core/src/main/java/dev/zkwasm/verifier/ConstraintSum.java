package dev.zkwasm.verifier;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Constraint;
import dev.zkwasm.bus.LogUp;
import dev.zkwasm.field.Fr;
import dev.zkwasm.poly.Domain;
import dev.zkwasm.poly.TypedVector;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.OpeningPoints;
import dev.zkwasm.proof.ProofLayout;
import dev.zkwasm.proof.ProofTranscript.BusChallenges;
import dev.zkwasm.proof.TableLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The left side of the quotient equation at zeta: the sum of {@code y^m C_m} over the constraints
 * of all instances and the accumulator's, each at its own height's opening point.
 */
final class ConstraintSum {
  private final ConstraintSystem system;
  private final ProofLayout layout;
  private final OpeningPoints points;
  private final List<Fr> evaluations;
  private final BusChallenges bus;
  private final List<Fr> gammas;
  private final Fr y;

  ConstraintSum(
      ConstraintSystem system,
      ProofLayout layout,
      OpeningPoints points,
      List<Fr> evaluations,
      BusChallenges bus,
      Fr y) {
    this.system = system;
    this.layout = layout;
    this.points = points;
    this.evaluations = evaluations;
    this.bus = bus;
    this.gammas = LogUp.powers(bus.gamma());
    this.y = y;
  }

  /**
   * The sum.
   *
   * @param publicInput what instance columns are made of
   * @param terms the sum V of the verifier's terms
   */
  Fr value(byte[] publicInput, Fr terms) {
    Map<Integer, Selectors> selectors = new HashMap<>();
    for (ProofLayout.Part part : layout.parts()) {
      selectors.computeIfAbsent(
          part.instance().log(), log -> Selectors.of(Domain.ofLogSize(log), points.at(log)));
    }
    // y^m belongs to the m-th constraint, whichever thread adds it.
    Fr instances =
        layout.parts().parallelStream()
            .map(
                part ->
                    value(part, at(selectors, part), publicInput)
                        .mul(y.pow(part.firstConstraint())))
            .reduce(Fr.ZERO, Fr::add);
    return instances.add(accumulator(terms).mul(y.pow(layout.constraints() - 1)));
  }

  private static Selectors at(Map<Integer, Selectors> byLog, ProofLayout.Part part) {
    return Objects.requireNonNull(byLog.get(part.instance().log()));
  }

  /** The sum of {@code y^j C_j} over the constraints of an instance, counted from 0. */
  private Fr value(ProofLayout.Part part, Selectors selectors, byte[] publicInput) {
    Cells cells = new Cells(part, instanceCells(part, publicInput));
    List<Fr> values = new ArrayList<>();
    for (Constraint constraint : part.table().air().constraints()) {
      Fr value = constraint.expr().in(cells);
      values.add(
          switch (constraint.selector()) {
            case ALWAYS -> value;
            case FIRST -> value.mul(selectors.first());
            case LAST -> value.mul(selectors.last());
            case TRANSITION -> value.mul(Fr.ONE.sub(selectors.last()));
          });
    }
    LogUp<Fr> logUp = new LogUp<>(cells, bus.alpha(), gammas);
    for (int g = 0; g < part.table().helpers(); g++) {
      values.add(logUp.constraint(helper(part, g), part.table().air().helperGroup(g)));
    }
    Fr sum = Fr.ZERO;
    for (Fr value : values.reversed()) {
      sum = sum.mul(y).add(value);
    }
    return sum;
  }

  private Fr helper(ProofLayout.Part part, int helper) {
    return evaluations.get(part.evaluation(part.table().helperSlot(helper)));
  }

  /** {@code A(wX) - A(X) - sum_c (N_c / N) (sum of the helpers of class c) - V / N}. */
  private Fr accumulator(Fr terms) {
    int n = evaluations.size();
    Fr step = evaluations.get(n - 1).sub(evaluations.get(n - 2));
    Fr scaled = terms;
    for (ProofLayout.Part part : layout.parts()) {
      Fr helpers = Fr.ZERO;
      for (int g = 0; g < part.table().helpers(); g++) {
        helpers = helpers.add(helper(part, g));
      }
      scaled = scaled.add(helpers.mul(Fr.of(part.instance().height())));
    }
    return step.sub(scaled.mul(Domain.ofLogSize(layout.maxLog()).sizeInverse()));
  }

  private Map<Column, Fr> instanceCells(ProofLayout.Part part, byte[] publicInput) {
    List<Column> columns = part.table().table().columns(Column.Kind.INSTANCE);
    if (columns.isEmpty()) {
      return Map.of();
    }
    Map<Column, Fr> cells = new HashMap<>();
    List<TypedVector> values = system.known().instance(part.table().table(), publicInput);
    int log = part.instance().log();
    List<Fr> evaluated = Domain.ofLogSize(log).evaluate(values, points.at(log));
    for (Column column : columns) {
      cells.put(column, evaluated.get(column.index()));
    }
    return cells;
  }

  /** The cells of an instance: evaluations in the proof, and instance columns. */
  private final class Cells extends PointAlgebra {
    private final ProofLayout.Part part;
    private final Map<Column, Fr> instanceCells;

    Cells(ProofLayout.Part part, Map<Column, Fr> instanceCells) {
      this.part = part;
      this.instanceCells = instanceCells;
    }

    @Override
    public Fr cell(Column column, boolean nextRow) {
      Fr instance = instanceCells.get(column);
      if (instance != null) {
        return instance;
      }
      TableLayout table = part.table();
      int slot = table.slot(column);
      return evaluations.get(nextRow ? part.nextEvaluation(slot) : part.evaluation(slot));
    }
  }

  /** The selectors of a height at its opening point. */
  private record Selectors(Fr first, Fr last) {
    static Selectors of(Domain domain, Fr point) {
      return new Selectors(domain.lagrangeFirst(point), domain.lagrangeLast(point));
    }
  }
}
